"""Words that end the process which handles them end three, not the shop; and nobody else pays for it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.log import keys
from bot.log.cursors import Cursors, Place
from bot.log.log import Log

ROOT = Path(__file__).parents[2]
LIN = Customer("c1", "林小雨")
NEIGHBOURS = [f"n{n}" for n in range(12)]


async def says(log: Log, conversation: str, text: str) -> None:
    await log.commit(conversation, commands.CustomerSays(f"c:{text}", "web", "demo", LIN, Text(text)))


class Mortals:
    """Starts a real follower anew each time one has died, as a supervisor does."""

    def __init__(self, redis: Any, url: str, partitions: int) -> None:
        self.redis = redis
        self.deaths: list[int] = []
        self._words = [sys.executable, str(Path(__file__).with_name("mortal.py")), url, str(partitions)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *words: str) -> None:
        self._words += words
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(self._words, env=env, stderr=subprocess.DEVNULL)

    async def until_served(self, wanted: set[tuple[str, int]], most: int, seconds: float = 180) -> None:
        """Until all of these are served or given up; fails when more than `most` processes die of it."""
        async with asyncio.timeout(seconds):
            while not wanted <= (await self.read("served")).keys() | (await self.read("given_up")).keys():
                assert self._process is not None
                if self._process.poll() is not None:
                    self.deaths.append(self._process.returncode)
                    assert len(self.deaths) <= most, "it goes on dying"
                    self.start()
                await asyncio.sleep(0.02)

    async def read(self, name: str) -> dict[tuple[str, int], str]:
        rows = await self.redis.xrange(name)
        return {(f[b"c"].decode(), int(f[b"z"])): f.get(b"why", b"").decode() for _, f in rows}

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(60) == 0


@pytest.fixture
def mortals(log: Log, redis: Any, redis_url: str) -> Iterator[Mortals]:
    mortals = Mortals(redis, redis_url, log.partitions)
    yield mortals
    mortals.kill()


async def test_words_that_kill_are_tried_three_times_and_their_neighbours_are_served(
    log: Log, redis: Any, mortals: Mortals
) -> None:
    """Two such customers at once, among others of the same and of other partitions."""
    partition = log.partition_of("x1")
    other = next(name for n in range(99) if log.partition_of(name := f"y{n}") == partition)
    for name in NEIGHBOURS[:6]:
        await says(log, name, "在吗")
    await says(log, "x1", "毒")
    await says(log, other, "另一种毒")
    for name in NEIGHBOURS[6:]:
        await says(log, name, "在吗")
    mortals.start()

    await mortals.until_served({("x1", 2), (other, 2), *((name, 2) for name in NEIGHBOURS)}, most=4)

    # The first of the two is found at the third death; the other had its tries too, and its own is the fourth.
    assert mortals.deaths == [-signal.SIGSEGV] * 4
    assert await mortals.read("given_up") == {("x1", 2): "FelledError", (other, 2): "FelledError"}
    letters = await redis.xrange(f"{keys.feed(partition)}:dead:test")
    assert {fields[b"c"].decode() for _, fields in letters} == {"x1", other}

    # What comes after it is handled, at first alone; a stop that was asked for is nobody's fault.
    for name in ("x1", other):
        await says(log, name, "还在吗")
    await mortals.until_served({("x1", 3), (other, 3)}, most=4)
    assert {("x1", 3), (other, 3)} <= (await mortals.read("served")).keys()
    mortals.stop()
    assert await redis.hgetall(keys.falls(partition)) == {}


async def test_what_felled_processes_is_tried_again_after_a_rest_until_it_goes_well(
    log: Log, redis: Any, mortals: Mortals
) -> None:
    """As the archive wants it: whoever was in hand by chance must not be missing there until he speaks again."""
    await says(log, "x1", "毒")
    await says(log, "n1", "在吗")
    mortals.start("again")
    # Three deaths until it is found, one more after its first rest.
    await mortals.until_served({("x1", 2), ("n1", 2)}, most=3)
    async with asyncio.timeout(60):
        while len(await redis.xrange("given_up")) < 2:
            with suppress(TimeoutError):
                await mortals.until_served({("nobody", 1)}, most=4, seconds=0.2)
    assert ("x1", 2) not in await mortals.read("served")
    assert mortals.deaths == [-signal.SIGSEGV] * 4

    await redis.sadd("cured", "x1")
    async with asyncio.timeout(60):
        while ("x1", 2) not in await mortals.read("served"):  # noqa: ASYNC110 - it lies in Redis
            await asyncio.sleep(0.02)

    assert mortals.deaths == [-signal.SIGSEGV] * 4
    partition = log.partition_of("x1")
    async with asyncio.timeout(60):
        while await redis.hgetall(keys.falls(partition)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    mortals.stop()


async def test_processes_that_are_killed_for_other_reasons_accuse_nobody(
    log: Log, redis: Any, mortals: Mortals
) -> None:
    """Twice in a row, with others still in hand."""
    names = NEIGHBOURS[:4]
    mortals.start()
    for n in range(2):
        for name in names:
            await says(log, name, f"第 {n} 句")
        await mortals.until_served({(names[0], n + 2)}, most=0)
        mortals.kill()
        mortals.start()
    await mortals.until_served({(name, 3) for name in names}, most=0)
    async with asyncio.timeout(60):
        while any(  # noqa: ASYNC110 - it lies in Redis
            [b"test" in await redis.hgetall(keys.falls(p)) for p in range(log.partitions)]
        ):
            await asyncio.sleep(0.02)

    assert await mortals.read("given_up") == {}


async def test_a_clean_handover_leaves_nothing_to_suspect(log: Log, redis: Any) -> None:
    for n in range(3):
        await says(log, "x1", f"第 {n} 句")
    partition = log.partition_of("x1")
    first, second, third = (Place("test", name, partition) for name in ("first", "second", "third"))
    cursors = Cursors(redis)
    await cursors.claim(first)
    cursors.move(first, (1, 0))
    await cursors.release(first)

    assert (await cursors.claim(second)).fell == 0
    again = await Cursors(redis).claim(third)  # the second left without a word, and much to do
    assert (again.fell, again.entry) == (1, (1, 0))
    assert (await Cursors(redis).claim(third)).fell == 1, "the same process again has not fallen"

    heirs = Cursors(redis)
    fourth = Place("test", "fourth", partition)
    assert (await heirs.claim(fourth)).fell == 2
    heirs.move(fourth, again.upto)
    await heirs.save(partition)
    assert (await Cursors(redis).claim(third)).fell == 0, "all was done before the fourth left"
