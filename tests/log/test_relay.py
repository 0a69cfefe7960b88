"""A question from one process to another: answered, or it is known what may have been done."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import pytest

from bot.errors import LogUnavailableError, NoAnswerError, NobodyThereError
from bot.log.relay import Relay


async def serving(redis: Any, answer: Any) -> asyncio.Task[None]:
    task = asyncio.create_task(Relay(redis).serve("x", answer))
    for _ in range(6000):
        if await redis.exists("xiaoer:{relay:x}:there"):
            break
        await asyncio.sleep(0.01)
    return task


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_question_is_answered_by_whoever_serves_the_name(redis: Any) -> None:
    async def shout(said: bytes) -> bytes:
        return said.upper()

    task = await serving(redis, shout)
    answers = await asyncio.gather(*(Relay(redis).ask("x", f"q{n}".encode(), 60) for n in range(5)))
    assert answers == [b"Q0", b"Q1", b"Q2", b"Q3", b"Q4"]
    await stop(task)


async def test_where_nobody_serves_nothing_is_done_and_that_is_known_at_once(redis: Any) -> None:
    began = time.monotonic()
    with pytest.raises(NobodyThereError):
        await Relay(redis).ask("x", b"q", 60)
    assert time.monotonic() - began < 30  # it did not wait for an answer


async def test_a_question_that_nobody_took_is_taken_back(redis: Any) -> None:
    await redis.set("xiaoer:{relay:x}:there", 1)  # whoever served died a moment ago
    with pytest.raises(NobodyThereError):
        await Relay(redis).ask("x", b"q", 0.3)
    asked: list[bytes] = []

    async def listen(said: bytes) -> bytes:
        asked.append(said)
        return b""

    task = await serving(redis, listen)
    await asyncio.sleep(0.2)
    assert asked == []
    await stop(task)


async def test_what_was_taken_and_not_answered_may_have_been_done(redis: Any) -> None:
    async def sleep(_: bytes) -> bytes:
        await asyncio.sleep(3600)
        return b""

    task = await serving(redis, sleep)
    with pytest.raises(NoAnswerError):
        await Relay(redis).ask("x", b"q", 0.4)
    await stop(task)


async def test_without_redis_nothing_was_asked(redis: Any, redis_server: Any) -> None:
    redis_server.kill()
    try:
        with pytest.raises(LogUnavailableError):
            await Relay(redis).ask("x", b"q", 1)
    finally:
        redis_server.start()
