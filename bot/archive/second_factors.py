"""Second factors 动态口令: codes of RFC 6238, recovery codes, and whether everybody must have one."""

import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest

import pyotp
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.archive import people
from bot.archive.database import Database
from bot.archive.sealing import Seal
from bot.errors import FactorIsSetError, FactorIsWantedError, NoFactorError, UnknownAgentError, WrongCodeError

ISSUER = "店小二"
RECOVERY_CODES = 10
STEP_S = 30
# A phone's clock may be one step off, to either side (RFC 6238, 5.2).
_SKEW = (0, -1, 1)
_REQUIRED = "second_factor_required"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another


class Factor(Struct, frozen=True):
    """Whether an agent has a second factor, since when (ms), and how many recovery codes are left."""

    is_set: bool
    since: int
    codes_left: int
    required: bool


class Offered(Struct, frozen=True):
    """A secret that counts once its first code was typed; `uri` is what an authenticator app scans."""

    secret: str
    uri: str


class SecondFactors:
    """Raises ArchiveUnavailableError when SQL does not answer. `clock` gives ms since 1970."""

    def __init__(
        self,
        database: Database,
        secret: str,
        clock: Callable[[], int] = lambda: int(time.time() * 1000),
    ) -> None:
        self._database = database
        self._seal = Seal(secret, "second factors")
        self._clock = clock

    async def of(self, agent: str) -> Factor:
        """What the agent has."""
        table, codes = people.second_factors, people.recovery_codes
        asked = select(table.c.since).where(and_(table.c.agent == agent, table.c.confirmed.is_(True)))
        left = select(func.count()).where(and_(codes.c.agent == agent, codes.c.used == 0))
        async with self._database.reading() as connection:
            since = (await connection.execute(asked)).scalar_one_or_none()
            codes_left = int((await connection.execute(left)).scalar_one()) if since is not None else 0
            return Factor(since is not None, since or 0, codes_left, await _required(connection))

    async def owners(self) -> frozenset[str]:
        """The ids of the agents who have one."""
        table = people.second_factors
        async with self._database.reading() as connection:
            rows = await connection.execute(select(table.c.agent).where(table.c.confirmed.is_(True)))
            return frozenset(row.agent for row in rows)

    async def offer(self, agent: str, name: str) -> Offered:
        """A new secret for the agent who signs in as `name`. Raises FactorIsSetError when he has one."""
        secret = pyotp.random_base32()
        table = people.second_factors
        row = {
            "agent": agent,
            "sealed": self._seal.close(secret, agent),
            "confirmed": False,
            "last_step": 0,
            "since": self._clock(),
        }
        put = self._database.insertion(table).values(row)
        fresh = {column: put.excluded[column] for column in row if column != "agent"}
        unconfirmed = put.on_conflict_do_update(
            index_elements=["agent"], set_=fresh, where=table.c.confirmed.is_(False)
        )
        async with self._database.writing() as connection:
            if (await connection.execute(unconfirmed.returning(table.c.agent))).scalar() is None:
                raise FactorIsSetError
        return Offered(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))

    async def confirm(self, agent: str, code: str) -> list[str]:
        """The recovery codes, told this once; from now on the agent needs codes. Raises WrongCodeError."""
        table = people.second_factors
        async with self._database.writing() as connection:
            if await self._is_set(connection, agent):
                raise FactorIsSetError
            await self._use_step(connection, agent, code)
            counts = update(table).where(table.c.agent == agent)
            await connection.execute(counts.values(confirmed=True, since=self._clock()))
            return await self._new_codes(connection, agent)

    async def check(self, agent: str, code: str) -> None:
        """Uses up a code, of the app or of recovery; each is good once. Raises WrongCodeError, NoFactorError."""
        async with self._database.writing() as connection:
            if not await self._is_set(connection, agent):
                raise NoFactorError
            if _is_recovery(code):
                await self._use_recovery(connection, agent, code)
            else:
                await self._use_step(connection, agent, code)

    async def renew_codes(self, agent: str) -> list[str]:
        """New recovery codes; the old ones are void. Raises NoFactorError."""
        async with self._database.writing() as connection:
            if not await self._is_set(connection, agent):
                raise NoFactorError
            return await self._new_codes(connection, agent)

    async def remove(self, agent: str, *, by_himself: bool = True) -> None:
        """Raises FactorIsWantedError when he would remove by himself what everybody must have."""
        async with self._database.writing() as connection:
            if by_himself and await _required(connection):
                raise FactorIsWantedError
            for table in (people.second_factors, people.recovery_codes):
                await connection.execute(delete(table).where(table.c.agent == agent))

    async def require(self, *, of_everybody: bool) -> None:
        """From now on (or no longer) who has none must set one up before anything else."""
        put = self._database.insertion(people.house_rules).values(
            name=_REQUIRED, value="yes" if of_everybody else "no", changed=self._clock()
        )
        fresh = {column: put.excluded[column] for column in ("value", "changed")}
        async with self._database.writing() as connection:
            await connection.execute(put.on_conflict_do_update(index_elements=["name"], set_=fresh))

    async def _is_set(self, connection: AsyncConnection, agent: str) -> bool:
        table = people.second_factors
        asked = select(table.c.confirmed).where(table.c.agent == agent)
        return bool((await connection.execute(asked)).scalar_one_or_none())

    async def _use_step(self, connection: AsyncConnection, agent: str, code: str) -> None:
        table = people.second_factors
        row = (await connection.execute(select(table).where(table.c.agent == agent))).one_or_none()
        if row is None:
            raise NoFactorError
        totp, now = pyotp.TOTP(self._seal.open(row.sealed, agent)), self._clock() // 1000 // STEP_S
        typed = code.strip().replace(" ", "").encode()
        fitting = [now + off for off in _SKEW if compare_digest(totp.generate_otp(now + off).encode(), typed)]
        if not fitting:
            raise WrongCodeError
        # Whoever looked over a shoulder, or kept a request, has a code that was used.
        later = and_(table.c.agent == agent, table.c.last_step < fitting[0])
        used = update(table).where(later).values(last_step=fitting[0]).returning(table.c.agent)
        if (await connection.execute(used)).scalar() is None:
            raise WrongCodeError

    async def _use_recovery(self, connection: AsyncConnection, agent: str, code: str) -> None:
        table = people.recovery_codes
        mine = and_(table.c.agent == agent, table.c.code == _hashed(agent, code), table.c.used == 0)
        used = update(table).where(mine).values(used=self._clock()).returning(table.c.agent)
        if (await connection.execute(used)).scalar() is None:
            raise WrongCodeError

    async def _new_codes(self, connection: AsyncConnection, agent: str) -> list[str]:
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        table = people.recovery_codes
        await connection.execute(delete(table).where(table.c.agent == agent))
        rows = [{"agent": agent, "code": _hashed(agent, code), "used": 0} for code in codes]
        await connection.execute(table.insert(), rows)
        return codes


async def take_factor(database: Database, name: str) -> None:
    """Removes the second factor of who signs in as `name`, with his sessions. Raises UnknownAgentError."""
    async with database.writing() as connection:
        asked = select(people.agents.c.id).where(people.agents.c.name == name)
        agent = (await connection.execute(asked)).scalar_one_or_none()
        if agent is None:
            raise UnknownAgentError
        for table in (people.second_factors, people.recovery_codes, people.sessions):
            await connection.execute(delete(table).where(table.c.agent == agent))


async def _required(connection: AsyncConnection) -> bool:
    table = people.house_rules
    asked = select(table.c.value).where(table.c.name == _REQUIRED)
    return (await connection.execute(asked)).scalar_one_or_none() == "yes"


def is_unsecured(agent: ColumnElement[str]) -> ColumnElement[bool]:
    """In SQL: everybody must have a second factor, and the agent (a column) has none."""
    rules, factors = people.house_rules, people.second_factors
    wanted = select(rules.c.name).where(and_(rules.c.name == _REQUIRED, rules.c.value == "yes")).exists()
    has = select(factors.c.agent).where(and_(factors.c.agent == agent, factors.c.confirmed.is_(True)))
    return and_(wanted, ~has.exists())


def _recovery_code() -> str:
    """Sixty bits, in three groups that can be read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _is_recovery(code: str) -> bool:
    return any(letter.isalpha() or letter == "-" for letter in code)


def _hashed(agent: str, code: str) -> str:
    # A code has as much chance as a key: it needs no slow hash.
    plain = code.lower().replace("-", "").replace(" ", "")
    return sha256(f"{agent}:{plain}".encode()).hexdigest()
