"""Who works here: agents, their passwords, their sessions."""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from hashlib import sha256

import msgspec
from sqlalchemy import and_, delete, select, update
from sqlalchemy.exc import IntegrityError

from bot.archive import people
from bot.archive.database import Database
from bot.archive.passwords import Passwords, check_password
from bot.archive.second_factors import is_unsecured
from bot.errors import BadNameError, LockedOutError, NameTakenError, SignInError, UnknownAgentError

SESSION_MS = 12 * 3600 * 1000
CAPACITY = 50
_TRIES = 5
_FIRST_LOCK_MS, _LONGEST_LOCK_MS = 60_000, 15 * 60_000
_NAME = re.compile(r"^[\w.@-]{2,64}$")


class AgentRole(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Agent(msgspec.Struct, frozen=True):
    """Somebody who signs in to the console; `display` is what customers see."""

    id: str
    name: str
    display: str
    role: AgentRole
    capacity: int = CAPACITY
    skills: tuple[str, ...] = ()


class Session(msgspec.Struct, frozen=True):
    """`unsecured`: he must set up a second factor before he does anything else."""

    agent: Agent
    csrf: str
    expires: int
    unsecured: bool = False


_AGENT = [getattr(people.agents.c, field) for field in Agent.__struct_fields__ if field != "skills"]


class Accounts:
    """Raises ArchiveUnavailableError when SQL does not answer. `clock` gives ms since 1970."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int] = lambda: int(time.time() * 1000),
        passwords: Passwords | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords or Passwords()

    async def add(self, name: str, role: AgentRole, password: str, display: str = "") -> Agent:
        """A new agent. Raises BadNameError, NameTakenError, WeakPasswordError."""
        if not _NAME.match(name):
            raise BadNameError
        check_password(name, password)
        agent = Agent(f"a-{secrets.token_hex(6)}", name, display.strip()[:64] or name, role)
        row = {column.name: getattr(agent, column.name) for column in _AGENT} | {
            "password": await self._passwords.hash(password),
            "created": self._clock(),
            "disabled": False,
            "failures": 0,
            "locked_until": 0,
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(people.agents.insert().values(row))
        except IntegrityError as error:
            raise NameTakenError from error
        return agent

    async def agents(self) -> list[Agent]:
        """Everybody who may sign in, by name."""
        asked = select(*_AGENT).where(people.agents.c.disabled.is_(False)).order_by(people.agents.c.name)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
            known = await connection.execute(
                select(people.agent_skills).order_by(people.agent_skills.c.skill)
            )
            skills: dict[str, list[str]] = {}
            for agent, skill in known:
                skills.setdefault(agent, []).append(skill)
        return [msgspec.structs.replace(_agent(row), skills=tuple(skills.get(row.id, ()))) for row in rows]

    async def agent(self, identifier: str) -> Agent | None:
        found = [agent for agent in await self.agents() if agent.id == identifier]
        return found[0] if found else None

    async def set_work(self, identifier: str, skills: Sequence[str], capacity: int) -> None:
        """What the agent is good at, and how many conversations he has at once. Raises UnknownAgentError."""
        table = people.agent_skills
        async with self._database.writing() as connection:
            changed = update(people.agents).where(people.agents.c.id == identifier).values(capacity=capacity)
            found = (await connection.execute(changed.returning(people.agents.c.id))).scalar_one_or_none()
            if found is None:
                raise UnknownAgentError
            await connection.execute(delete(table).where(table.c.agent == identifier))
            rows = [{"agent": identifier, "skill": skill} for skill in sorted(set(skills))]
            await self._database.add(connection, table, rows)

    async def set_password(self, name: str, password: str) -> None:
        """Ends the agent's sessions and lifts a lock. Raises UnknownAgentError, WeakPasswordError."""
        check_password(name, password)
        hashed = await self._passwords.hash(password)
        await self._change(name, {"password": hashed, "failures": 0, "locked_until": 0})

    async def disable(self, name: str) -> None:
        """The agent's sessions end and no new one begins. Raises UnknownAgentError."""
        await self._change(name, {"disabled": True})

    async def verify(self, name: str, password: str) -> Agent:
        """The agent whose password this is. Raises SignInError, or LockedOutError after too many tries.

        The count of wrong tries goes on until a session begins: a code may be wanted, too.
        """
        table = people.agents
        asked = select(*_AGENT, table.c.password, table.c.disabled, table.c.locked_until).where(
            table.c.name == name
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).one_or_none()
        if row is not None and row.locked_until > self._clock():
            raise LockedOutError(after_s=(row.locked_until - self._clock() + 999) // 1000)
        fits = await self._passwords.fits(password, row.password if row is not None else "")
        if row is None or row.disabled:
            raise SignInError
        if not fits:
            await self.count_failure(row.id)
            raise SignInError
        return _agent(row)

    async def begin_session(self, agent: Agent) -> tuple[str, Session]:
        """A new session and the secret token that finds it; what is stored can't be used to sign in."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(agent, secrets.token_urlsafe(24), now + SESSION_MS)
        row = {
            "token": _hashed(token),
            "agent": agent.id,
            "csrf": session.csrf,
            "created": now,
            "expires": session.expires,
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(people.sessions).where(people.sessions.c.expires < now))
            await connection.execute(people.sessions.insert().values(row))
            lifted = update(people.agents).where(people.agents.c.id == agent.id)
            await connection.execute(lifted.values(failures=0, locked_until=0))
        return token, session

    async def session(self, token: str) -> Session | None:
        """The living session of this token, with its agent as he is now."""
        sessions, agents = people.sessions, people.agents
        asked = (
            select(*_AGENT, sessions.c.csrf, sessions.c.expires, is_unsecured(agents.c.id).label("unsecured"))
            .join_from(sessions, agents, sessions.c.agent == agents.c.id)
            .where(
                and_(
                    sessions.c.token == _hashed(token),
                    sessions.c.expires > self._clock(),
                    agents.c.disabled.is_(False),
                )
            )
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).one_or_none()
        return None if row is None else Session(_agent(row), row.csrf, row.expires, bool(row.unsecured))

    async def end_session(self, token: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(people.sessions).where(people.sessions.c.token == _hashed(token)))

    async def count_failure(self, identifier: str) -> None:
        """One more wrong password or code since the last session began; from the fifth on they lock."""
        table = people.agents
        async with self._database.writing() as connection:
            counted = update(table).where(table.c.id == identifier).values(failures=table.c.failures + 1)
            failures = (await connection.execute(counted.returning(table.c.failures))).scalar_one()
            if failures >= _TRIES:
                lock = min(_FIRST_LOCK_MS * 2 ** (failures - _TRIES), _LONGEST_LOCK_MS)
                locked = update(table).where(table.c.id == identifier)
                await connection.execute(locked.values(locked_until=self._clock() + lock))

    async def end_sessions(self, agent: str, besides: str = "") -> None:
        """Ends every session of the agent but that of the token `besides`."""
        table = people.sessions
        others = and_(table.c.agent == agent, table.c.token != _hashed(besides))
        async with self._database.writing() as connection:
            await connection.execute(delete(table).where(others))

    async def _change(self, name: str, values: dict[str, object]) -> None:
        table = people.agents
        async with self._database.writing() as connection:
            changed = update(table).where(table.c.name == name).values(values).returning(table.c.id)
            identifier = (await connection.execute(changed)).scalar_one_or_none()
            if identifier is None:
                raise UnknownAgentError
            await connection.execute(delete(people.sessions).where(people.sessions.c.agent == identifier))


async def add_agent(  # noqa: PLR0913 - what the command line says
    url: str, name: str, role: str, password: str, display: str = "", *, or_set: bool = False
) -> None:
    """Adds an agent to the archive at `url`, which is made when it is missing.

    With `or_set`, an agent who is there already gets the password (and keeps his role).
    """
    database = Database(url)
    try:
        await database.create()
        accounts = Accounts(database)
        try:
            await accounts.add(name, AgentRole(role), password, display)
        except NameTakenError:
            if not or_set:
                raise
            await accounts.set_password(name, password)
    finally:
        await database.close()


def _agent(row: object) -> Agent:
    return msgspec.convert(row, Agent, from_attributes=True)


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
