"""The archive follows the log: everything, once, even when SQL was away."""

import asyncio
import gc
import sqlite3
import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.archive import gathering, tables
from bot.archive.database import Database
from bot.archive.follower import Archivist
from bot.archive.store import Store
from bot.conversation import commands
from bot.conversation.bodies import Customer, Rated, Text
from bot.conversation.events import Event, Role, Sender
from bot.conversation.state import State
from bot.errors import ArchiveUnavailableError
from bot.log import keys
from bot.log.cursors import Place
from bot.log.log import Log
from bot.log.suspects import Suspects

LIN = Customer("c1", "林小雨", "钻石", verified=True)
WANG = Sender(Role.AGENT, "a-1", "小王")


async def says(log: Log, conversation: str, text: str, n: int = 0) -> None:
    await log.commit(
        conversation,
        commands.CustomerSays(f"c:{text.replace(chr(0), '')}{n}", "web", "demo", LIN, Text(text)),
        key=f"c:{text.replace(chr(0), '')}{n}",
    )


async def a_whole_service(log: Log, conversation: str) -> None:
    await says(log, conversation, "我的包裹\x00在哪里 100%")
    await says(log, conversation, "转人工")
    epoch = (await log.state(conversation)).epoch
    await log.commit(conversation, commands.AgentClaims(WANG, epoch))
    await log.commit(conversation, commands.AgentNotes("n:1", WANG, "老客户，优先"))
    await log.commit(conversation, commands.AgentCloses(WANG, epoch + 1))
    await log.commit(conversation, commands.CustomerRates("r:1", Rated(5, ("热情",), "很好")))


async def test_a_conversation_comes_back_from_sql_as_it_was(log: Log, store: Store) -> None:
    await a_whole_service(log, "x1")
    await Archivist(log, store).handle("x1", 1)

    assert await store.events("x1") == await log.events("x1")
    assert await store.events("x1", before=4, limit=2) == (await log.events("x1"))[1:3]
    assert await store.archived("x1") == (await log.state("x1")).seq


async def test_what_is_handled_alone_is_archived_without_a_pause_that_all_others_would_wait_for(
    log: Log, store: Store, redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "GATHERED_S", 1000)
    await a_whole_service(log, "x1")

    async def serve() -> bool:
        await Archivist(log, store).handle("x1", 8)
        return True

    async with asyncio.timeout(60):
        assert await Suspects(redis).alone(Place("archive", "m", 0), "x1", 8, serve)

    assert await store.archived("x1") == (await log.state("x1")).seq


async def test_what_comes_within_a_quarter_second_is_one_transaction_and_no_question(
    log: Log, redis: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[list[str]] = []
    write_all = store.write_all

    async def counted(stretches: Sequence[tuple[State, Sequence[Event]]]) -> None:
        written.append([state.conversation for state, _ in stretches])
        await write_all(stretches)

    async def asked(_: Sequence[str]) -> dict[str, int]:
        raise AssertionError("of what has just begun the archive can know nothing")

    monkeypatch.setattr(store, "write_all", counted)
    monkeypatch.setattr(store, "archived_of", asked)
    archivist, names = Archivist(log, store), [f"x{n}" for n in range(6)]
    for name in names:
        await a_whole_service(log, name)
    for partition in range(log.partitions):
        for _, fields in await redis.xrange(keys.feed(partition)):
            log.heard.hear(fields[b"c"].decode(), fields)

    async def comes(turns: int, name: str) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await archivist.handle(name, 8)

    await asyncio.gather(*(comes(10 * n, name) for n, name in enumerate(names)))

    assert written == [names]
    assert [await store.archived(name) for name in names] == [(await log.state(name)).seq for name in names]


async def test_news_that_comes_twice_or_at_once_is_archived_once(log: Log, store: Store) -> None:
    await a_whole_service(log, "x1")
    archivist = Archivist(log, store)

    await asyncio.gather(*(archivist.handle("x1", last) for last in (8, 3, 8, 1, 5)))
    await store.write(await log.state("x1"), await log.events("x1"))

    assert [event.seq for event in await store.events("x1")] == [
        event.seq for event in await log.events("x1")
    ]


async def test_archive_catches_up_after_sql_was_away(log: Log, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    database = Database(f"sqlite+aiosqlite:///{folder / 'archive.db'}")
    await database.create()
    await database.close()
    folder.rename(tmp_path / "gone")

    store = Store(database)
    await a_whole_service(log, "x1")
    with pytest.raises(ArchiveUnavailableError):
        await store.archived("x1")
    copying = asyncio.create_task(Archivist(log, store).handle("x1", 3))
    await asyncio.sleep(0.3)
    assert not copying.done()

    (tmp_path / "gone").rename(folder)
    async with asyncio.timeout(60):
        await copying
    assert await store.events("x1") == await log.events("x1")
    await database.close()


async def test_who_is_cancelled_while_he_writes_leaves_the_archive_to_the_next(
    database: Database, tmp_path: Path
) -> None:
    """At whatever step it comes; an agent closes his console, a process is stopped."""

    async def write() -> None:
        while True:
            async with database.writing() as connection:
                await connection.execute(select(tables.schema))

    for step in range(80):
        writing = asyncio.create_task(write())
        for _ in range(step % 40 + 1):
            await asyncio.sleep(0)
        if step % 2:
            await asyncio.sleep(0.0005 * (step % 13))
        writing.cancel()
        await asyncio.wait({writing}, timeout=60)
        assert writing.cancelled()
        with closing(sqlite3.connect(tmp_path / "archive.db", timeout=2, isolation_level=None)) as next_one:
            next_one.execute("BEGIN IMMEDIATE")
    with warnings.catch_warnings():
        # What was being opened just then is closed when it is collected: here, and not in another test.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def test_conversations_are_found_by_words_and_by_customer(log: Log, store: Store) -> None:
    await a_whole_service(log, "x1")
    await says(log, "x2", "发票怎么开")
    archivist = Archivist(log, store)
    await archivist.handle("x1", 1)
    await archivist.handle("x2", 1)

    async def found(words: str) -> list[str]:
        return [found.conversation for found in await store.search(words)]

    assert await found("包裹") == ["x1"]
    assert await found("老客户") == ["x1"]
    assert await found("发票") == ["x2"]
    assert sorted(await found("林小")) == ["x1", "x2"]
    assert await found("100%") == ["x1"]
    assert await found("1%0") == []
    assert [found.conversation for found in await store.history("c1")] == ["x2", "x1"]
    assert await store.history("") == []


async def test_a_rating_is_kept_with_the_agent_who_closed(log: Log, store: Store, database: Database) -> None:
    await a_whole_service(log, "x1")
    await Archivist(log, store).handle("x1", 1)
    await Archivist(log, store).handle("x1", 99)

    async with database.reading() as connection:
        rows = (await connection.execute(select(tables.ratings))).mappings().all()
    assert [(row["agent"], row["stars"], row["reasons"]) for row in rows] == [("a-1", 5, ["热情"])]
