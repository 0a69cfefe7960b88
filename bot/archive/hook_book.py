"""Where CRMs are told: the operator's file, and what supervisors added in the console."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.archive import letterbox
from bot.archive.database import Database, storable
from bot.errors import HookTakenError, NoSuchHookError
from bot.settings import Hook


class Place(msgspec.Struct, frozen=True):
    """A hook by its name. `filed`: it is of the operator's file, which alone may name addresses of the inner network."""

    name: str
    hook: Hook
    paused: bool = False
    filed: bool = False
    by_name: str = ""
    made: int = 0


class HookBook:
    """Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, database: Database, filed: Mapping[str, Hook]) -> None:
        self._database = database
        self._filed = filed

    async def places(self) -> dict[str, Place]:
        """All of them; a name in the file goes before the same in SQL."""
        async with self._database.reading() as connection:
            rows = list(await connection.execute(select(letterbox.hook_places)))
        found = {row.name: _place(row) for row in rows}
        return found | {name: Place(name, hook, filed=True) for name, hook in self._filed.items()}

    async def place(self, name: str) -> Place:
        """Raises NoSuchHookError."""
        found = (await self.places()).get(name)
        if found is None:
            raise NoSuchHookError
        return found

    async def add(self, name: str, hook: Hook, by_name: str, now: int) -> None:
        """Raises HookTakenError when there is one of this name."""
        row = {
            **msgspec.to_builtins(hook),
            "name": name,
            "paused": False,
            "by_name": storable(by_name),
            "made": now,
        }
        if name in self._filed:
            raise HookTakenError
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(letterbox.hook_places).values(row))
                await self._database.add(connection, letterbox.hooks, [{"hook": name, "since": now}])
        except IntegrityError as error:
            raise HookTakenError from error

    async def pause(self, name: str, *, paused: bool) -> None:
        """While it is paused what happens is kept for it. Raises NoSuchHookError, also for one of the file."""
        await self._change(name, paused=paused)

    async def new_secret(self, name: str) -> str:
        """Another secret, at once. Raises NoSuchHookError, also for one of the file."""
        secret = made_secret()
        await self._change(name, secret=secret)
        return secret

    async def remove(self, name: str) -> None:
        """It is told no more, nor what it has not taken. Raises NoSuchHookError, also for one of the file."""
        places, letters, since = letterbox.hook_places, letterbox.letters, letterbox.hooks
        async with self._database.writing() as connection:
            if not (await connection.execute(delete(places).where(places.c.name == name))).rowcount:
                raise NoSuchHookError
            left = or_(letters.c.state == "due", letters.c.state == "dead")
            await connection.execute(delete(letters).where(and_(letters.c.hook == name, left)))
            await connection.execute(delete(since).where(since.c.hook == name))

    async def _change(self, name: str, **values: Any) -> None:
        table = letterbox.hook_places
        async with self._database.writing() as connection:
            done = await connection.execute(update(table).where(table.c.name == name).values(**values))
            if not done.rowcount:
                raise NoSuchHookError


def made_secret() -> str:
    return secrets.token_urlsafe(32)


def _place(row: Any) -> Place:
    hook = Hook(row.url, row.secret, tuple(row.events), row.clear)
    return Place(row.name, hook, paused=row.paused, by_name=row.by_name, made=row.made)
