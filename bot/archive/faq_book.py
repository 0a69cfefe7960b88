"""What the merchant wrote into the FAQ: drafts, and every version that was ever published. The one truth of it."""

from typing import Any, Literal

import msgspec
from sqlalchemy import and_, delete, desc, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.archive import own_words
from bot.archive.database import Database, storable
from bot.errors import NoSuchEntryError, StaleEntryError

Kind = Literal["text", "shipped", "withdrawn"]
SHIPPED = 0
NO_ORIGIN = -1


class FaqText(msgspec.Struct, frozen=True):
    """An entry as people write it: answers hold `{names}` of the shop's values."""

    question: str
    phrasings: tuple[str, ...]
    answer: str
    answer_en: str
    intents: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


class Draft(msgspec.Struct, frozen=True):
    """What is being written; `rev` grows with each saving. Times are ms since 1970."""

    entry: str
    text: FaqText
    rev: int
    by: str
    by_name: str
    changed: int


class Version(msgspec.Struct, frozen=True):
    """What was published once; without `text` the entry answered as shipped, or no more."""

    entry: str
    version: int
    kind: Kind
    text: FaqText | None
    origin: int
    by: str
    by_name: str
    ts: int


class Writer(msgspec.Struct, frozen=True):
    """Who writes, and when (ms)."""

    id: str
    name: str
    now: int


class FaqBook:
    """Raises ArchiveUnavailableError when SQL does not answer, StaleEntryError when somebody else was first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def drafts(self) -> list[Draft]:
        async with self._database.reading() as connection:
            return [_draft(row) for row in await connection.execute(select(own_words.faq_drafts))]

    async def standing(self) -> dict[str, Version]:
        """The last version of every entry that has one."""
        async with self._database.reading() as connection:
            return await _standing(connection)

    async def versions(self, entry: str) -> list[Version]:
        """All versions of an entry, the last first."""
        table = own_words.faq_versions
        asked = select(table).where(table.c.entry == entry).order_by(desc(table.c.version))
        async with self._database.reading() as connection:
            return [_version(row) for row in await connection.execute(asked)]

    async def draft(self, entry: str) -> Draft | None:
        async with self._database.reading() as connection:
            return await _draft_of(connection, entry)

    async def save(self, entry: str, rev: int, text: FaqText, writer: Writer) -> Draft:
        """Keeps a draft in place of the one with revision `rev`; 0 when there was none."""
        draft = Draft(entry, _storable(text), rev + 1, writer.id, storable(writer.name), writer.now)
        row, table = msgspec.to_builtins(draft), own_words.faq_drafts
        this = and_(table.c.entry == entry, table.c.rev == rev)
        async with self._database.writing() as connection:
            if rev == 0:
                await _insert(connection, table, row)
            elif not (await connection.execute(update(table).where(this).values(row))).rowcount:
                raise StaleEntryError
        return draft

    async def discard(self, entry: str, rev: int) -> None:
        async with self._database.writing() as connection:
            await _take_draft(connection, entry, rev)

    async def publish(self, entry: str, rev: int, writer: Writer) -> Version:
        """The draft of this revision becomes the next version."""
        async with self._database.writing() as connection:
            draft = await _draft_of(connection, entry)
            if draft is None or draft.rev != rev:
                raise StaleEntryError
            await _take_draft(connection, entry, rev)
            return await _add(connection, entry, ("text", draft.text, NO_ORIGIN), writer)

    async def go_back(self, entry: str, version: int, writer: Writer) -> Version:
        """An earlier version, or what was shipped (0), is the next one. Raises NoSuchEntryError."""
        table = own_words.faq_versions
        asked = select(table).where(and_(table.c.entry == entry, table.c.version == version))
        async with self._database.writing() as connection:
            kind: Kind = "shipped"
            text = None
            if version != SHIPPED:
                row = (await connection.execute(asked)).first()
                if row is None:
                    raise NoSuchEntryError
                old = _version(row)
                kind, text = old.kind, old.text
            return await _add(connection, entry, (kind, text, version), writer)

    async def withdraw(self, entry: str, writer: Writer) -> Version:
        """The entry answers no more."""
        async with self._database.writing() as connection:
            return await _add(connection, entry, ("withdrawn", None, NO_ORIGIN), writer)

    async def edition(self) -> int:
        """Grows with everything that is published."""
        async with self._database.reading() as connection:
            return await _edition(connection)

    async def published(self) -> tuple[int, bytes]:
        """The edition, and what the search reads beside its files, as JSON: {"edition","entries","withdrawn"}."""
        async with self._database.reading() as connection:
            standing, edition = await _standing(connection), await _edition(connection)
        entries = [
            {"id": one.entry, **msgspec.to_builtins(one.text)} for one in standing.values() if one.text
        ]
        withdrawn = [one.entry for one in standing.values() if one.kind == "withdrawn"]
        return edition, msgspec.json.encode({"edition": edition, "entries": entries, "withdrawn": withdrawn})


async def _add(
    connection: AsyncConnection, entry: str, what: tuple[Kind, FaqText | None, int], writer: Writer
) -> Version:
    table = own_words.faq_versions
    last = select(func.max(table.c.version)).where(table.c.entry == entry)
    number = int((await connection.execute(last)).scalar() or 0) + 1
    version = Version(entry, number, *what, writer.id, storable(writer.name), writer.now)
    await _insert(connection, table, msgspec.to_builtins(version))
    return version


async def _insert(connection: AsyncConnection, table: Any, row: dict[str, Any]) -> None:
    try:
        await connection.execute(insert(table).values(row))
    except IntegrityError as error:
        raise StaleEntryError from error


async def _take_draft(connection: AsyncConnection, entry: str, rev: int) -> None:
    table = own_words.faq_drafts
    gone = delete(table).where(and_(table.c.entry == entry, table.c.rev == rev))
    if not (await connection.execute(gone)).rowcount:
        raise StaleEntryError


async def _draft_of(connection: AsyncConnection, entry: str) -> Draft | None:
    asked = select(own_words.faq_drafts).where(own_words.faq_drafts.c.entry == entry)
    row = (await connection.execute(asked)).first()
    return _draft(row) if row else None


async def _standing(connection: AsyncConnection) -> dict[str, Version]:
    asked = select(own_words.faq_versions).order_by(own_words.faq_versions.c.version)
    return {row.entry: _version(row) for row in await connection.execute(asked)}


async def _edition(connection: AsyncConnection) -> int:
    # Versions are only ever added: their number says how far it is.
    return int(
        (await connection.execute(select(func.count()).select_from(own_words.faq_versions))).scalar() or 0
    )


def _draft(row: Any) -> Draft:
    return msgspec.convert(_plain(row), Draft)


def _version(row: Any) -> Version:
    return msgspec.convert(_plain(row), Version)


def _plain(row: Any) -> dict[str, Any]:
    return {str(name): value for name, value in row._asdict().items()}


def _storable(text: FaqText) -> FaqText:
    made: FaqText = msgspec.convert(_without_nul(msgspec.to_builtins(text)), FaqText)
    return made


def _without_nul(told: Any) -> Any:
    if isinstance(told, str):
        return storable(told).strip()
    if isinstance(told, dict):
        return {name: _without_nul(value) for name, value in told.items()}
    return [_without_nul(value) for value in told]
