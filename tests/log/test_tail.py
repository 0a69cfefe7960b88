"""The end of the feeds is read once for all in a process: nobody misses anything, and nobody asks twice."""

import asyncio
from typing import Any

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.conversation.events import Role, Sender
from bot.conversation.state import Stage, State, fold
from bot.log import keys
from bot.log.cursors import Entry
from bot.log.follow import Follower
from bot.log.heard import Heard
from bot.log.leases import Leases
from bot.log.log import Log
from bot.log.reading import Feeds
from bot.log.tail import Tail

LIN = Customer("c1", "林小雨")
WANG = Sender(Role.AGENT, "a-1", "小王")


def says(text: str) -> commands.CustomerSays:
    return commands.CustomerSays(f"c:{text}", "web", "demo", LIN, Text(text))


async def until(done: Any, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110 - what is waited for lies in Redis
            await asyncio.sleep(0.01)


async def test_followers_of_one_process_are_all_told_by_one_reading(log: Log, redis: Any) -> None:
    """One comes late, one is slow: each is called for everything all the same, in order."""
    calls: dict[str, list[int]] = {"quick": [], "slow": [], "late": []}
    feeds, stop = Feeds(redis, log.heard), asyncio.Event()

    def follower(name: str) -> Follower:
        async def handle(_: str, last: int) -> None:
            await asyncio.sleep(0.2 if name == "slow" else 0)
            calls[name].append(last)

        async def give_up(*_: Any) -> bool:
            raise AssertionError

        return Follower(redis, Leases(redis, name, log.partitions, "one"), handle, give_up, feeds=feeds)

    running = [asyncio.create_task(follower(name).run(stop)) for name in ("quick", "slow")]
    for n in range(20):
        await log.commit("x1", says(f"第 {n} 句"))
    running.append(asyncio.create_task(follower("late").run(stop)))
    for n in range(20, 40):
        await log.commit("x1", says(f"第 {n} 句"))
        await asyncio.sleep(0.01)
    await until(lambda: all(seen and seen[-1] == 41 for seen in calls.values()))
    stop.set()
    await asyncio.gather(*running)
    assert all(seen == sorted(seen) for seen in calls.values())


async def test_stretches_follow_on_each_other_also_when_redis_was_away(
    log: Log, redis: Any, redis_server: Any
) -> None:
    stretches: list[tuple[Entry, list[Entry]]] = []
    lost: list[bool] = []

    def news(since: Entry, rows: Any) -> None:
        stretches.append((since, [entry for entry, _ in rows]))

    leave = Tail(redis).want(log.partition_of("x1"), news, lambda: lost.append(True))
    await until(lambda: bool(stretches))
    await log.commit("x1", says("在吗"))
    await until(lambda: len(stretches) == 2)
    redis_server.kill()
    await until(lambda: bool(lost))
    redis_server.start()
    await until(lambda: len(stretches) == 3)
    await log.commit("x1", says("还在吗"))
    await until(lambda: len(stretches) == 4)
    leave()

    begins = [since for since, _ in stretches]
    assert stretches[0][1] == stretches[2][1] == []
    assert begins[0] == begins[1]
    assert begins[2] == begins[3] == stretches[1][1][-1]


async def test_what_was_heard_is_what_the_log_has_and_a_gap_is_not_bridged(log: Log, redis: Any) -> None:
    heard = Heard()
    for n in range(5):
        await log.commit("x1", says(f"第 {n} 句"))
    rows = [fields for _, fields in await redis.xrange(keys.feed(log.partition_of("x1")))]
    for fields in rows[:2] + rows[1:3]:  # one of them twice
        heard.hear("x1", fields)

    assert heard.events("x1", 1, 4) == (await log.events("x1"))[1:4]
    assert heard.state("x1", 4) == await _state_at(log, 4)
    assert heard.state("x1", 5) is None
    assert heard.events("x1", 0, 5) is None

    heard.hear("x1", rows[4])  # the fourth never came
    assert heard.events("x1", 1, 6) is None
    assert heard.events("x1", 5, 6) == (await log.events("x1"))[5:]


async def _state_at(log: Log, seq: int) -> Any:
    state = State("x1")
    for event in await log.events("x1", limit=seq):
        state = fold(state, event)
    return state


async def test_what_was_heard_takes_no_more_room_than_it_may(log: Log, redis: Any) -> None:
    heard = Heard(most_bytes=5000)
    for n in range(30):
        await log.commit(f"x{n}", says("在吗"))
        _, fields = (await redis.xrevrange(keys.feed(log.partition_of(f"x{n}")), count=1))[0]
        heard.hear(f"x{n}", fields)
    known = [n for n in range(30) if heard.last(f"x{n}") is not None]
    assert 0 < len(known) < 15
    assert known[-1] == 29


async def test_who_knows_an_older_state_writes_nothing_that_follows_from_it(log: Log) -> None:
    """A human came, the writer does not know: his command is decided anew, or refused."""
    known = (await log.commit("x1", says("在吗"))).state
    waiting = (await log.commit("x1", says("转人工"))).state
    await log.commit("x1", commands.AgentClaims(WANG, waiting.epoch))

    done = await log.commit("x1", says("有人吗"), known=known)

    assert done.state.stage is Stage.HUMAN
    assert done.events[-1].seq == done.state.seq == (await log.state("x1")).seq
    assert [event.seq for event in await log.events("x1")] == list(range(1, done.state.seq + 1))


async def test_a_command_sent_again_counts_once_also_by_who_knows_the_state(log: Log) -> None:
    first = await log.commit("x1", says("在吗"))
    again = await log.commit("x1", says("在吗"), known=first.state)

    assert again.repeated
    assert again.events[-1].seq == first.events[-1].seq
