"""The SQL database behind the archive and the accounts: SQLite in one file, or PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table, event, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    TimeoutError as PoolTimeoutError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.archive import letterbox, own_words, tables  # noqa: F401 - all tables are made together
from bot.archive.people import metadata
from bot.errors import ArchiveUnavailableError, SetupError

_BUSY_MS = 5000
_CONNECT_S = 5


class Database:
    """Transactions on the archive. Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._url = url
        self._engine = _engine(url, is_sqlite=self.is_sqlite)
        self._adding: dict[Table, Any] = {}  # to make a statement costs as much as to carry it out
        # SQLite has one writer at a time; waiting here is cheaper than in its busy loop.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()

    async def create(self) -> None:
        """Makes the tables that are missing, and brings older ones up to now.

        Raises SetupError when the database is of a newer 店小二.
        """
        if self.is_sqlite:
            Path(make_url(self._url).database or "").parent.mkdir(parents=True, exist_ok=True)
        async with self.writing() as connection:
            await connection.run_sync(tables.schema.create, checkfirst=True)
            asked = select(tables.schema.c.version).with_for_update()  # two processes begin at once
            version = (await connection.execute(asked)).scalar()
            while version in tables.STEPS_UP:
                for statement in tables.STEPS_UP[version]:
                    await connection.execute(text(statement))
                version += 1
                await connection.execute(update(tables.schema).values(version=version))
            await connection.run_sync(metadata.create_all)
            if version is None:
                await self.add(connection, tables.schema, [{"version": tables.SCHEMA_VERSION}])
            elif version != tables.SCHEMA_VERSION:
                raise SetupError(
                    f"the archive has schema {version}, this 店小二 knows {tables.SCHEMA_VERSION}:"
                    " use the release that made it, or another DATABASE_URL"
                )

    async def ping(self) -> None:
        """Returns when the database answers."""
        async with self.reading() as connection:
            await connection.execute(select(tables.schema.c.version))

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end, and durable then."""
        with _translated():
            async with self._turn, self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view; takes no writer's lock."""
        with _translated():
            async with self._engine.execution_options(reads=True).connect() as connection:
                yield connection

    async def add(self, connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Inserts the rows that are not there yet."""
        if rows:
            if table not in self._adding:
                self._adding[table] = self.insertion(table).on_conflict_do_nothing()
            await connection.execute(self._adding[table], rows)

    def insertion(self, table: Table) -> Any:
        """An insert that knows ON CONFLICT, in this database's dialect."""
        return sqlite_insert(table) if self.is_sqlite else postgresql_insert(table)


class _translated:  # noqa: N801 - reads as a phrase where it is used
    """Turns the database's being away into our own error; its refusals pass through."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, IntegrityError):
            return
        if isinstance(error, OperationalError | InterfaceError | PoolTimeoutError | OSError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            raise ArchiveUnavailableError(type(error).__name__) from error


def storable(text: str) -> str:
    """The text without NUL, which PostgreSQL does not have in text (in a body's JSON it is an escape)."""
    return text.replace("\0", "")


def _engine(url: str, *, is_sqlite: bool) -> AsyncEngine:
    codecs: dict[str, Any] = {
        "json_serializer": lambda value: msgspec.json.encode(value).decode(),
        "json_deserializer": msgspec.json.decode,
        "hide_parameters": True,  # an error's text ends up in logs, a shopper's words must not
    }
    if not is_sqlite:
        arguments = {"timeout": _CONNECT_S, "command_timeout": 30}
        return create_async_engine(url, pool_pre_ping=True, connect_args=arguments, **codecs)
    ours: dict[str, Any] = {"timeout": _BUSY_MS / 1000, "factory": _LetsGo}
    engine = create_async_engine(url, connect_args=ours, **codecs)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


class _LetsGo(sqlite3.Connection):
    """Ends its transaction before it closes, as it does when who wrote was cancelled.

    SQLite itself keeps it, and with it the only writer's lock, while a cursor with rows that nobody fetched
    is not collected: seconds, or for as long as there is a traceback.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):  # closed before
            self.rollback()
        super().close()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so, below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail instead of waiting for its turn.
    reads = connection.get_execution_options().get("reads", False)
    begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
    # Past the engine, which goes to SQLite's thread three times for a statement.
    driver: Any = connection.connection.dbapi_connection
    driver.run_async(lambda sqlite: sqlite.execute(begin))
