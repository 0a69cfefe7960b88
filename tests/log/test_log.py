"""The log: what was accepted stands in it once, in order, for ever."""

import asyncio
from typing import Any

import pytest

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text, Understood
from bot.conversation.events import Role, Sender
from bot.conversation.state import Stage, State, fold
from bot.errors import LogUnavailableError, StaleError
from bot.log.connect import connect
from bot.log.cursors import Cursors, Place, entry_of
from bot.log.log import Log
from bot.log.trim import KEPT_MS, trim_feeds

LIN = Customer("c1", "林小雨")
WANG, LI = Sender(Role.AGENT, "a-1", "小王"), Sender(Role.AGENT, "a-2", "小李")


def says(text: str, cid: str = "") -> commands.CustomerSays:
    return commands.CustomerSays(f"c:{cid or text}", "web", "demo", LIN, Text(text))


async def test_events_are_numbered_without_gaps_whoever_writes(log: Log) -> None:
    await asyncio.gather(*(log.commit("x1", says(f"第 {n} 句")) for n in range(30)))

    events = await log.events("x1")

    assert [event.seq for event in events] == list(range(1, 32))
    assert len({event.id for event in events}) == 31
    folded = State("x1")
    for event in events:
        folded = fold(folded, event)
    assert folded == await log.state("x1")


async def test_a_message_that_comes_again_is_the_stored_one(log: Log) -> None:
    first = await log.commit("x1", says("在吗", "1"))
    again = await asyncio.gather(*(log.commit("x1", says("换了内容", "1")) for _ in range(5)))

    assert all(done.repeated for done in again)
    assert {done.events[0] for done in again} == {first.events[-1]}
    assert len(await log.events("x1")) == 2


async def test_of_two_claims_at_once_one_is_refused(log: Log) -> None:
    for n in range(20):
        await log.commit(f"x{n}", says("转人工"))
        outcomes = await asyncio.gather(
            *(log.commit(f"x{n}", commands.AgentClaims(agent, 1)) for agent in (WANG, LI)),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, StaleError) for outcome in outcomes) == 1


async def test_a_bot_answer_that_was_decided_before_a_claim_is_refused(log: Log) -> None:
    of = (await log.commit("x1", says("我的包裹在哪"))).events[-1].seq
    await log.commit("x1", says("转人工"))
    late = commands.BotAnswers(of, 0, Understood(of, "logistics_track", 0.9), (), (Text("在路上"),))
    with pytest.raises(StaleError):
        await log.commit("x1", late, memory=b"new")
    assert await log.memory("x1") == b""
    assert "在路上" not in repr(await log.events("x1"))


async def test_an_answer_and_the_memory_of_it_are_one_write(log: Log) -> None:
    of = (await log.commit("x1", says("我的包裹在哪"))).events[-1].seq
    assert await log.owed(await log.now()) == ["x1"]
    answer = commands.BotAnswers(of, 0, Understood(of, "logistics_track", 0.9), (), (Text("在路上"),))
    await log.commit("x1", answer, memory=b"turn 1")
    assert await log.memory("x1") == b"turn 1"
    assert await log.owed(await log.now()) == []
    assert (await log.state("x1")).unread == 0


async def test_what_was_accepted_survives_a_killed_redis(redis_server: Any, redis_url: str) -> None:
    redis = connect(redis_url)
    log = Log(redis, 4)
    accepted = [(await log.commit("x1", says(f"第 {n} 句"))).events[-1] for n in range(20)]
    redis_server.kill()
    try:
        with pytest.raises(LogUnavailableError):
            await log.commit("x1", says("没有收到"))
    finally:
        redis_server.start()
    try:
        assert (await log.events("x1"))[1:] == accepted
        assert (await log.state("x1")).stage is Stage.BOT
        assert (await log.commit("x1", says("又好了"))).events[-1].seq == 22
    finally:
        await redis.aclose()


async def test_every_conversation_can_be_walked(log: Log) -> None:
    names = {f"web:{n}:{{x}}" for n in range(30)}
    for name in names:
        await log.commit(name, says("在吗"))
    assert {name async for name in log.conversations()} == names


async def test_feeds_are_trimmed_behind_the_slowest_follower_only(log: Log, redis: Any) -> None:
    for n in range(10):
        await log.commit("x1", says(f"第 {n} 句"))
    later = await log.now() + KEPT_MS + 1000
    feed = f"xiaoer:{{p{log.partition_of('x1')}}}:feed"
    assert await trim_feeds(redis, log.partitions, ["quick", "slow"], later) == 0

    partition, cursors = log.partition_of("x1"), Cursors(redis)
    entries = [entry_of(entry) for entry, _ in await redis.xrange(feed)]
    for name, done in (("quick", 10), ("slow", 4)):
        place = Place(name, "one", partition)
        await cursors.claim(place)
        cursors.move(place, entries[done - 1])
        await cursors.save(partition)

    assert await trim_feeds(redis, log.partitions, ["quick", "slow", "absent"], later) == 0
    assert await trim_feeds(redis, log.partitions, ["quick", "slow"], await log.now()) == 0
    assert await trim_feeds(redis, log.partitions, ["quick", "slow"], later) == 4
    assert [entry_of(entry) for entry, _ in await redis.xrange(feed)] == entries[4:]


async def test_who_has_lost_a_partition_says_no_more_how_far_it_is(redis: Any) -> None:
    frozen, heir = Cursors(redis), Cursors(redis)
    frozens, heirs = Place("brain", "frozen", 0), Place("brain", "heir", 0)
    assert (await frozen.claim(frozens)).entry == (0, 0)
    frozen.move(frozens, (5, 0))
    await frozen.save(0)
    assert (await heir.claim(heirs)).entry == (5, 0)

    frozen.move(frozens, (9, 0))
    await frozen.save(0)

    assert (await heir.claim(heirs)).entry == (5, 0)
