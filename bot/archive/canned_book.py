"""The replies that agents pick instead of typing: what was shipped, and what the shop made of it."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.archive import own_words
from bot.archive.database import Database, storable
from bot.archive.faq_book import Writer
from bot.errors import CannedTakenError, NoSuchCannedError, StaleCannedError, TooManyCannedError

MOST = 500


class CannedText(msgspec.Struct, frozen=True):
    """What a supervisor writes. Without the English ones, the others are offered in English, too."""

    title: str
    text: str
    title_en: str = ""
    text_en: str = ""
    group: str = ""
    shortcut: str = ""


class Shipped(CannedText, frozen=True):
    """A reply of `bot/console/canned.yml`; `keys` are the words it is found by besides, as pinyin."""

    id: str = ""
    keys: str = ""


class Canned(Shipped, frozen=True):
    """A reply as it is now; `rev` is 0 while it is as shipped."""

    shipped: bool = False
    rev: int = 0
    by_name: str = ""
    changed: int = 0


class Canneds(msgspec.Struct, frozen=True):
    """All of them in the order they are listed, and the shipped ones that were taken out."""

    replies: list[Canned]
    removed: list[Canned]


class CannedBook:
    """Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, database: Database, shipped: Sequence[Shipped] = ()) -> None:
        self._database = database
        self._shipped = {one.id: Canned(**msgspec.structs.asdict(one), shipped=True) for one in shipped}

    async def all(self) -> Canneds:
        async with self._database.reading() as connection:
            return await self._read(connection)

    async def add(self, name: str, text: CannedText, keys: str, writer: Writer) -> Canned:
        """Raises CannedTakenError, TooManyCannedError."""
        async with self._database.writing() as connection:
            known = await self._read(connection)
            if len(known.replies) >= MOST:
                raise TooManyCannedError
            must_be_new(text, known.replies)
            return await self._put(connection, _canned(text, id=name, keys=keys), writer)

    async def save(self, name: str, rev: int, text: CannedText, keys: str, writer: Writer) -> Canned:
        """Raises NoSuchCannedError, StaleCannedError when it is not at `rev`, CannedTakenError."""
        async with self._database.writing() as connection:
            known = await self._read(connection)
            before = _at(known.replies, name, rev)
            must_be_new(text, (one for one in known.replies if one.id != name))
            now = _canned(text, id=name, keys=keys, shipped=before.shipped, rev=before.rev)
            return await self._put(connection, now, writer)

    async def remove(self, name: str, rev: int, writer: Writer) -> None:
        """It is offered no more; a shipped one can be restored. Raises NoSuchCannedError, StaleCannedError."""
        table = own_words.canned
        async with self._database.writing() as connection:
            before = _at((await self._read(connection)).replies, name, rev)
            if before.shipped:
                await self._put(connection, before, writer, gone=True)
            else:
                await connection.execute(delete(table).where(table.c.id == name))

    async def restore(self, name: str) -> Canned:
        """As it was shipped. Raises NoSuchCannedError, CannedTakenError when another took its name meanwhile."""
        shipped, table = self._shipped.get(name), own_words.canned
        if shipped is None:
            raise NoSuchCannedError
        async with self._database.writing() as connection:
            known = await self._read(connection)
            must_be_new(shipped, (one for one in known.replies if one.id != name))
            await connection.execute(delete(table).where(table.c.id == name))
        return shipped

    async def _read(self, connection: AsyncConnection) -> Canneds:
        own = {row.id: row for row in await connection.execute(select(own_words.canned))}
        found = {
            **self._shipped,
            **{name: self._as_written(row) for name, row in own.items() if not row.gone},
        }
        gone = [self._shipped[name] for name, row in own.items() if row.gone and name in self._shipped]
        replies = [one for one in found.values() if one.id not in {lost.id for lost in gone}]
        return Canneds(sorted(replies, key=self._place), gone)

    def _place(self, one: Canned) -> tuple[bool, int | str, bool, int | str]:
        """Groups in the shipped order, the shop's own after them; within, the same."""
        groups, names = (
            list(dict.fromkeys(known.group for known in self._shipped.values())),
            list(self._shipped),
        )
        group = groups.index(one.group) if one.group in groups else one.group
        name = names.index(one.id) if one.shipped else one.changed
        return one.group not in groups, group, not one.shipped, name

    def _as_written(self, row: Any) -> Canned:
        text = msgspec.convert(row.text, CannedText)
        return _canned(
            text,
            id=row.id,
            keys=row.keys,
            shipped=row.id in self._shipped,
            rev=row.rev,
            by_name=row.by_name,
            changed=row.changed,
        )

    async def _put(
        self, connection: AsyncConnection, one: Canned, writer: Writer, *, gone: bool = False
    ) -> Canned:
        now = msgspec.structs.replace(one, rev=one.rev + 1, by_name=storable(writer.name), changed=writer.now)
        told = {name: storable(value) for name, value in _told(one).items()}
        row = {
            "text": told,
            "keys": now.keys,
            "gone": gone,
            "rev": now.rev,
            "by_name": now.by_name,
            "changed": now.changed,
        }
        table = own_words.canned
        done = await connection.execute(update(table).where(table.c.id == now.id).values(**row))
        if not done.rowcount:
            await connection.execute(table.insert().values(id=now.id, **row))
        return now


def must_be_new(text: CannedText, others: Iterable[CannedText]) -> None:
    """Raises CannedTakenError when another has its name, its shortcut or its very words."""
    names = _names(text)
    for one in others:
        if names & _names(one):
            raise CannedTakenError("title", one.title)
        if text.shortcut and text.shortcut == one.shortcut:
            raise CannedTakenError("shortcut", one.title, text.shortcut)
        if text.text == one.text:
            raise CannedTakenError("text", one.title)


def _names(text: CannedText) -> set[str]:
    return {name.casefold() for name in (text.title, text.title_en) if name}


def _canned(text: CannedText, **of: Any) -> Canned:
    return Canned(**_told(text), **of)


def _told(text: CannedText) -> dict[str, Any]:
    return {name: getattr(text, name) for name in CannedText.__struct_fields__}


def _at(replies: Iterable[Canned], name: str, rev: int) -> Canned:
    one = next((one for one in replies if one.id == name), None)
    if one is None:
        raise NoSuchCannedError
    if one.rev != rev:
        raise StaleCannedError
    return one
