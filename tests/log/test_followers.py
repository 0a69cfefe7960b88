"""Followers: nothing is left out, a conversation's order holds, a dead process has an heir."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.log import keys
from bot.log.duty import Duty
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.live import Live
from bot.log.log import Log
from bot.log.reading import Feeds

LIN = Customer("c1", "林小雨")


async def says(log: Log, conversation: str, text: str) -> None:
    await log.commit(conversation, commands.CustomerSays(f"c:{text}", "web", "demo", LIN, Text(text)))


async def until(done: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110 - what is waited for lies in Redis
            await asyncio.sleep(0.01)


class Reader:
    """A follower that notes what it was called with."""

    def __init__(self, redis: Any, log: Log, member: str = "one") -> None:
        self.calls: dict[str, list[int]] = defaultdict(list)
        self.given_up: list[tuple[str, int]] = []
        self.fails = 0
        self.again = False
        self.hangs = False
        self._busy: set[str] = set()
        self._stop = asyncio.Event()
        leases = Leases(redis, "test", log.partitions, member)
        feeds = Feeds(redis, rests_s=(0.2, 0.4))
        self.follower = Follower(redis, leases, self._handle, self._give_up, feeds=feeds)
        self.task = asyncio.create_task(self.follower.run(self._stop))

    async def _handle(self, conversation: str, last: int) -> None:
        assert conversation not in self._busy, "two calls of one conversation overlap"
        self._busy.add(conversation)
        try:
            await asyncio.sleep(3600 if self.hangs else 0.001)
            if self.fails:
                self.fails -= 1
                raise ValueError("for the test")
            self.calls[conversation].append(last)
        finally:
            self._busy.discard(conversation)

    async def _give_up(self, conversation: str, last: int, _: Exception) -> bool:
        self.given_up.append((conversation, last))
        return self.again

    async def stop(self) -> None:
        self._stop.set()
        async with asyncio.timeout(60):
            await self.task

    async def dies(self) -> None:
        """As `kill -9`: nothing is given back."""
        self.follower._leases.leave = _nothing  # type: ignore[method-assign]
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


async def _nothing() -> None:
    return None


async def test_news_come_in_order_and_to_the_end(log: Log, redis: Any) -> None:
    reader = Reader(redis, log)
    for n in range(10):
        await asyncio.gather(*(says(log, f"x{k}", f"第 {n} 句") for k in range(5)))
    await until(lambda: len(reader.calls) == 5 and all(calls[-1] == 11 for calls in reader.calls.values()))
    await reader.stop()
    assert all(calls == sorted(calls) for calls in reader.calls.values())


async def test_what_came_before_the_first_start_is_not_left_out(log: Log, redis: Any) -> None:
    await says(log, "x1", "早来的")
    reader = Reader(redis, log)
    await until(lambda: reader.calls["x1"] == [2])
    await reader.stop()


async def test_what_a_dead_process_had_in_hand_goes_to_its_heir(log: Log, redis: Any) -> None:
    first = Reader(redis, log, "first")
    first.hangs = True
    await says(log, "x1", "在吗")
    await until(lambda: bool(first._busy))
    await first.dies()

    heir = Reader(redis, log, "heir")
    await until(lambda: heir.calls["x1"] == [2])
    await heir.stop()


async def test_two_processes_share_the_partitions_and_never_one_of_them(log: Log, redis: Any) -> None:
    one, two = Reader(redis, log, "one"), Reader(redis, log, "two")
    await until(lambda: len(one.follower.held | two.follower.held) == log.partitions)
    for _ in range(20):
        assert not one.follower.held & two.follower.held
        await asyncio.sleep(0.05)
    await one.stop()
    await until(lambda: len(two.follower.held) == log.partitions)
    await two.stop()


async def test_a_failing_call_is_tried_again_and_then_given_up(log: Log, redis: Any) -> None:
    reader = Reader(redis, log)
    reader.fails = 2
    await says(log, "x1", "在吗")
    await until(lambda: reader.calls["x1"] == [2])
    assert reader.given_up == []

    reader.fails = 3
    await says(log, "x1", "还在吗")
    await until(lambda: reader.given_up == [("x1", 3)])
    await says(log, "x1", "好的")
    await until(lambda: reader.calls["x1"][-1] == 4)
    await reader.stop()


async def test_what_could_not_be_archived_is_tried_again_by_itself_and_by_an_heir(
    log: Log, redis: Any
) -> None:
    reader = Reader(redis, log)
    reader.again, reader.fails = True, 6
    await says(log, "x1", "在吗")
    await until(lambda: reader.calls["x1"] == [2])  # after its second rest
    assert reader.given_up == [("x1", 2)] * 2
    assert not any([await redis.hgetall(keys.falls(p)) for p in range(log.partitions)])

    reader.fails = 3
    await says(log, "x1", "还在吗")
    await until(lambda: len(reader.given_up) == 3)
    await reader.stop()
    heir = Reader(redis, log, "heir")
    await until(lambda: heir.calls["x1"] == [3])
    assert heir.given_up == []
    await heir.stop()


async def test_a_next_event_does_not_wait_for_the_rest(log: Log, redis: Any) -> None:
    reader = Reader(redis, log)
    reader.again, reader.fails = True, 3
    reader.follower._feeds.suspects._rests_s = (3600.0,)
    await says(log, "x1", "在吗")
    await until(lambda: reader.given_up == [("x1", 2)])
    await says(log, "x1", "还在吗")
    await until(lambda: reader.calls["x1"] == [3])
    await reader.stop()  # and the end does not wait for it either


async def test_a_follower_goes_on_after_redis_was_killed(log: Log, redis: Any, redis_server: Any) -> None:
    reader = Reader(redis, log)
    await says(log, "x1", "在吗")
    await until(lambda: reader.calls["x1"] == [2])
    redis_server.kill()
    await asyncio.sleep(0.3)
    redis_server.start()
    await says(log, "x1", "还在吗")
    await until(lambda: reader.calls["x1"][-1] == 3)
    await reader.stop()


async def test_loops_end_when_they_are_told_however_busy(log: Log, redis: Any) -> None:
    for n in range(30):
        live = asyncio.create_task(Live(redis, log.partitions).run())
        await asyncio.sleep(n / 2000)
        live.cancel()
        done, _ = await asyncio.wait({live}, timeout=60)
        assert done


async def test_one_process_at_a_time_does_a_duty(log: Log, redis: Any) -> None:
    done: list[str] = []
    stops = [asyncio.Event(), asyncio.Event()]

    def duty(name: str) -> Duty:
        async def tick() -> None:
            done.append(name)
            if len(done) == 2:
                raise ValueError("one bad tick")

        return Duty(Leases(redis, "clocks", 1, name), tick, every_s=0.05)

    tasks = [
        asyncio.create_task(duty(name).run(stop)) for name, stop in zip(("one", "two"), stops, strict=True)
    ]
    await until(lambda: len(done) > 20)
    keeper = done[-1]
    assert set(done[-10:]) == {keeper}
    stops[0 if keeper == "one" else 1].set()
    await until(lambda: done[-1] != keeper, 5)
    for stop in stops:
        stop.set()
    await asyncio.gather(*tasks)


async def test_a_clock_that_was_set_back_keeps_no_partition_from_its_heir(log: Log, redis: Any) -> None:
    """Signs of life and leases of a dead process, an hour ahead of what Redis's clock says now."""
    ahead = await log.now() + 3_600_000
    await redis.hset(keys.ROLL, "test|ghost:elsewhere:1:x", ahead)
    for partition in range(log.partitions):
        await redis.hset(keys.LEASES, keys.lease(partition, "test"), f"{ahead}|ghost:elsewhere:1:x")

    reader = Reader(redis, log)
    await says(log, "x1", "在吗")

    await until(lambda: reader.calls["x1"] == [2], 5)
    await reader.stop()
