"""Hours without SQL: nothing leaves Redis meanwhile, and then all of it stands in the archive, once."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from real_servers import PostgreSQL, needs_postgresql

from bot.archive.database import Database
from bot.archive.follower import Archivist
from bot.archive.older import OlderEvents
from bot.archive.store import Store
from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.log import keys
from bot.log.board import Board
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.log import Log
from bot.log.retire import Retiring, Upkeep
from bot.log.trim import KEPT_MS, trim_feeds

CHEN = Customer("c9", "陈先生", "钻石", verified=True)
NAMES = [f"z{n}" for n in range(40)]
ROUNDS = 10
DAYS_MS = 40 * 86_400_000

Away = Callable[[], AbstractAsyncContextManager[None]]


class Sql:
    """A database, and how it goes away."""

    def __init__(self, url: str, away: Away) -> None:
        self.database = Database(url)
        self.away = away


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.servers, needs_postgresql])])
async def sql(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sql]:
    sql = _sqlite(tmp_path / "archive.db") if request.param == "sqlite" else _postgresql(request)
    await sql.database.create()
    yield sql
    await sql.database.close()


def _sqlite(file: Path) -> Sql:
    @asynccontextmanager
    async def locked() -> AsyncIterator[None]:
        """By another program, a backup that hangs say."""
        holder = sqlite3.connect(file, isolation_level=None, timeout=30)
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")
        holder.close()

    return Sql(f"sqlite+aiosqlite:///{file}", locked)


def _postgresql(request: pytest.FixtureRequest) -> Sql:
    server: PostgreSQL = request.getfixturevalue("server")

    @asynccontextmanager
    async def crashed() -> AsyncIterator[None]:
        server.stop("immediate")
        try:
            yield
        finally:
            server.start()

    return Sql(server.url, crashed)


async def says(log: Log, conversation: str, text: str) -> None:
    await log.commit(conversation, commands.CustomerSays(f"c:{text}", "web", "demo", CHEN, Text(text)))


async def test_hours_without_sql_leave_no_gap_and_nothing_twice(
    log: Log, redis: Any, board: Board, sql: Sql
) -> None:
    """A backlog in forty conversations; the process that archives it dies in the midst of catching up."""
    store = Store(sql.database)
    log.older = OlderEvents(store)
    stop = asyncio.Event()

    def following(member: str) -> asyncio.Task[None]:
        hand = Archivist(log, store)
        leases = Leases(redis, "archive", log.partitions, member)
        return asyncio.create_task(Follower(redis, leases, hand.handle, hand.give_up).run(stop))

    first = following("first")
    await says(log, NAMES[0], "停机之前")
    await _archived(log, store, NAMES[:1])
    before = await redis.xlen(keys.feed(log.partition_of(NAMES[1])))

    async with sql.away():
        for n in range(ROUNDS):
            await asyncio.gather(*(says(log, name, f"停机时第 {n} 句") for name in NAMES))
        upkeep = Upkeep(30, store.archived, board.forget)
        later = await log.now() + DAYS_MS
        assert await trim_feeds(redis, log.partitions, ["archive"], later + KEPT_MS) <= 2, "only what is done"
        if not sql.database.is_sqlite:  # a locked SQLite file can still be read
            assert await Retiring(log).sweep(later, upkeep) == 0
        assert await redis.xlen(keys.feed(log.partition_of(NAMES[1]))) >= before + ROUNDS
        assert not first.done()
    await _archived(log, store, NAMES[:1])
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    heir = following("heir")
    await _archived(log, store, NAMES)
    stop.set()
    async with asyncio.timeout(60):
        await heir

    for name in NAMES:
        assert await store.events(name) == await log.events(name)


async def _archived(log: Log, store: Store, names: list[str]) -> None:
    async with asyncio.timeout(40):
        for name in names:
            while await store.archived(name) < (await log.state(name)).seq:  # noqa: ASYNC110 - it lies in SQL
                await asyncio.sleep(0.05)
