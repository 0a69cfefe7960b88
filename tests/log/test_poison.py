"""A message that nothing can be made of: a dead letter for us, a human for the customer, and the others go on."""

import asyncio
from typing import Any

import pytest

from bot.brain.brain import Brain
from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.conversation.events import Event, Kind
from bot.conversation.state import Stage, State
from bot.log import keys
from bot.log.cursors import entry_of
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.log import Log

LIN = Customer("c1", "林小雨")


class Poisoned:
    """Turns that break at one message, every time."""

    def __init__(self) -> None:
        self.tries = 0

    async def make(self, state: State, event: Event) -> Any:
        if event.body == Text("毒"):
            self.tries += 1
            raise ValueError("nobody foresaw this")
        raise asyncio.CancelledError


async def says(log: Log, conversation: str, text: str) -> None:
    await log.commit(conversation, commands.CustomerSays(f"c:{text}", "web", "demo", LIN, Text(text)))


async def test_a_poison_message_is_tried_three_times_then_a_human_has_the_customer(
    log: Log, redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    turns = Poisoned()
    brain = Brain(log, turns)  # type: ignore[arg-type]
    leases = Leases(redis, "brain", log.partitions, "one")
    follower = Follower(redis, leases, brain.handle, brain.give_up)
    stop = asyncio.Event()
    running = asyncio.create_task(follower.run(stop))
    await says(log, "x1", "毒")

    async with asyncio.timeout(60):
        while (await log.state("x1")).stage is not Stage.WAITING:  # noqa: ASYNC110 - it lies in Redis
            await asyncio.sleep(0.02)
    feed = keys.feed(log.partition_of("x1"))
    async with asyncio.timeout(60):
        while turns.tries < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    stop.set()
    async with asyncio.timeout(60):
        await running
    # It is done with: whoever reads the partition next begins behind it.
    saved = (await redis.hget(keys.cursors(log.partition_of("x1")), "brain")).partition(b"|")[0]
    poison = next(entry for entry, fields in await redis.xrange(feed) if fields[b"z"] == b"2")
    assert entry_of(saved) >= entry_of(poison)

    assert turns.tries == 3
    letters = await redis.xrange(f"{feed}:dead:brain")
    assert [(fields[b"c"], fields[b"z"]) for _, fields in letters] == [(b"x1", b"2")]
    handed = (await log.events("x1"))[-1]
    assert (handed.kind, handed.body.reason) == (Kind.HANDED_OFF, "brain_unavailable")


async def test_a_flood_in_one_conversation_keeps_no_other_waiting(log: Log, redis: Any) -> None:
    """A hundred messages of one customer, whose turn hangs, take one place and not all of them."""
    served: list[str] = []
    stuck = asyncio.Event()

    async def handle(conversation: str, last: int) -> None:
        if conversation == "flood":
            await stuck.wait()
        served.append(conversation)

    async def give_up(conversation: str, last: int, error: Exception) -> bool:
        raise AssertionError(conversation) from error

    partition = log.partition_of("flood")
    other = next(name for n in range(100) if log.partition_of(name := f"x{n}") == partition)
    follower = Follower(redis, Leases(redis, "test", log.partitions, "one"), handle, give_up)
    stop = asyncio.Event()
    running = asyncio.create_task(follower.run(stop))
    for n in range(150):
        await says(log, "flood", f"第 {n} 句")
    await says(log, other, "在吗")

    async with asyncio.timeout(60):
        while other not in served:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert "flood" not in served
    stuck.set()
    stop.set()
    async with asyncio.timeout(60):
        await running
