"""What leaves Redis is what the archive has, and nobody notices."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.archive.database import Database
from bot.archive.follower import Archivist
from bot.archive.older import OlderEvents
from bot.archive.store import Store
from bot.channels.replay import Replay
from bot.conversation import commands
from bot.conversation.bodies import Customer, Text, Understood
from bot.conversation.events import Role, Sender
from bot.conversation.state import State
from bot.log import keys
from bot.log.board import Board
from bot.log.log import Log
from bot.log.retire import KEPT, Retiring, Upkeep

LIN = Customer("c1", "林小雨", verified=True)
VISITOR = Customer()
WANG = Sender(Role.AGENT, "a-1", "小王")
DAY_MS = 86_400_000


@pytest.fixture
async def store(log: Log, tmp_path: Path) -> AsyncIterator[Store]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'archive.db'}")
    await database.create()
    store = Store(database)
    log.older = OlderEvents(store)
    yield store
    await database.close()


@pytest.fixture
def upkeep(store: Store, board: Board) -> Upkeep:
    return Upkeep(30, store.archived, board.forget)


async def says(log: Log, conversation: str, text: str, customer: Customer = LIN) -> int:
    said = commands.CustomerSays(f"c:{text}", "web", "demo", customer, Text(text))
    return (await log.commit(conversation, said)).events[-1].seq


async def is_answered(log: Log, conversation: str, of: int) -> State:
    answer = commands.BotAnswers(of, 0, Understood(of, "chitchat", 0.9), (), (Text("在的"),))
    return (await log.commit(conversation, answer, memory=b"turn")).state


async def archive(log: Log, store: Store, conversation: str) -> None:
    await Archivist(log, store).handle(conversation, (await log.state(conversation)).seq)


async def keys_of(redis: Any, conversation: str) -> set[str]:
    found = [key.decode() async for key in redis.scan_iter(match=f"*:c:{conversation}:*")]
    return {key.rpartition(":")[2] for key in found}


async def test_a_customer_who_comes_back_after_months_goes_on_where_he_was(
    log: Log, redis: Any, store: Store, upkeep: Upkeep, board: Board
) -> None:
    state = await is_answered(log, "x1", await says(log, "x1", "在吗"))
    await board.put("x1", state.seq, b"{}", score=None, owner="", updated=state.updated)
    await archive(log, store, "x1")
    before = await log.events("x1")
    retiring = Retiring(log)

    assert await retiring.sweep(await log.now() + 29 * DAY_MS, upkeep) == 0
    assert await retiring.sweep(await log.now() + 31 * DAY_MS, upkeep) == 1

    assert await keys_of(redis, "x1") == {"events", "state"}
    assert len(await redis.xrange(keys.conversation(log.partition_of("x1"), "x1")["events"])) == 1
    assert await board.count() == 0
    assert await log.events("x1") == before
    assert await log.last_events("x1", limit=2) == before[-2:]
    assert await log.event("x1", 2) == before[1]
    assert await says(log, "x1", "还在吗") == before[-1].seq + 1
    await archive(log, store, "x1")
    assert await store.events("x1") == await log.events("x1")
    replay = Replay(log, "x1")
    assert (await replay.start(0))["reset"] is False
    assert [frame["prev"] for frame in await replay.news()] == [0, 2, 4]


async def test_a_visitor_whose_token_has_run_out_leaves_nothing_in_redis(
    log: Log, redis: Any, store: Store, upkeep: Upkeep
) -> None:
    await is_answered(log, "x1", await says(log, "x1", "在吗", VISITOR))
    await archive(log, store, "x1")
    eager = Upkeep(1, upkeep.archived, upkeep.forget)

    assert await Retiring(log).sweep(await log.now() + 30 * DAY_MS, eager) == 0
    assert await Retiring(log).sweep(await log.now() + 32 * DAY_MS, eager) == 1

    assert await keys_of(redis, "x1") == set()
    assert [name async for name in log.conversations()] == []
    assert len(await store.events("x1")) == 4


async def test_whoever_is_owed_something_stays(log: Log, store: Store, upkeep: Upkeep) -> None:
    await says(log, "unanswered", "在吗")
    await says(log, "waiting", "转人工")
    await says(log, "served", "转人工")
    await log.commit("served", commands.AgentClaims(WANG, 1))
    await is_answered(log, "unarchived", await says(log, "unarchived", "在吗"))
    for name in ("unanswered", "waiting", "served"):
        await archive(log, store, name)

    assert await Retiring(log).sweep(await log.now() + 400 * DAY_MS, upkeep) == 0
    assert {name async for name in log.conversations()} == {"unanswered", "waiting", "served", "unarchived"}


async def test_what_goes_on_while_it_is_taken_out_stays(
    log: Log, redis: Any, store: Store, board: Board
) -> None:
    await is_answered(log, "x1", await says(log, "x1", "在吗"))
    await archive(log, store, "x1")

    async def archived(conversation: str) -> int:
        await says(log, conversation, "正在这时又来了")
        return 100

    gone = await Retiring(log).sweep(await log.now() + 31 * DAY_MS, Upkeep(30, archived, board.forget))

    assert gone == 0
    assert "memory" in await keys_of(redis, "x1")


async def test_a_conversation_without_end_stays_small_and_whole(log: Log, redis: Any, store: Store) -> None:
    await says(log, "x1", "转人工")
    for n in range(2 * KEPT):
        await says(log, "x1", f"第 {n} 句")
        if n % 300 == 0:
            await archive(log, store, "x1")
    await archive(log, store, "x1")
    names = keys.conversation(log.partition_of("x1"), "x1")

    assert await redis.xlen(names["events"]) <= KEPT + 500
    assert await redis.hlen(names["ids"]) <= KEPT + 500
    assert [e.seq for e in await log.events("x1", limit=5000)] == list(range(1, 2 * KEPT + 4))
    assert [e.seq for e in await log.last_events("x1", before=12, limit=5)] == [7, 8, 9, 10, 11]
    assert (
        await log.commit(
            "x1", commands.CustomerSays(f"c:第 {2 * KEPT - 1} 句", "web", "demo", LIN, Text("?"))
        )
    ).repeated


async def test_a_walk_passes_nothing_over_while_conversations_change(log: Log) -> None:
    names = {f"x{n}" for n in range(40)}
    for name in names:
        await says(log, name, "在吗")
    walked = set()
    async for name in log.conversations():
        walked.add(name)
        await says(log, "x0", f"第 {len(walked)} 句")

    assert walked >= names - {"x0"}
