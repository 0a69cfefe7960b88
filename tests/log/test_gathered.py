"""Calls that share their way to Redis: each has its own answer, and none waits for another's patience."""

import asyncio
from typing import Any

import pytest
from conftest import RedisServer
from hypothesis import given, strategies
from redis.asyncio import Connection
from redis.exceptions import DataError, RedisError, ResponseError

from bot.log.connect import connect
from bot.log.gathered import Gathered, PackedConnection

_WORDS = strategies.lists(
    strategies.one_of(strategies.text(), strategies.binary(), strategies.integers(), strategies.floats()),
    max_size=6,
)


async def test_everyone_gets_his_own_answer_when_many_ask_at_once(redis: Any) -> None:
    await redis.mset({f"k{n}": n for n in range(300)})

    answers = await asyncio.gather(*(redis.get(f"k{n}") for n in range(300)))

    assert answers == [str(n).encode() for n in range(300)]


async def test_one_whose_command_is_refused_does_not_spoil_the_others(redis: Any) -> None:
    await redis.set("word", "a")

    found = await asyncio.gather(
        redis.get("word"), redis.lpush("word", "x"), redis.incr("count"), return_exceptions=True
    )

    assert (found[0], found[2]) == (b"a", 1)
    assert isinstance(found[1], ResponseError)


async def test_a_script_that_redis_forgot_is_loaded_again_among_others(redis: Any) -> None:
    script = redis.register_script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    await redis.script_flush()

    await asyncio.gather(*(script(keys=["n"], args=[1]) for _ in range(20)), redis.set("other", "1"))

    assert await redis.get("n") == b"20"


async def test_one_who_waits_for_news_keeps_nobody_waiting(redis: Any) -> None:
    waits = asyncio.create_task(redis.xread({"feed": "0"}, block=60_000))
    await asyncio.sleep(0.05)

    async with asyncio.timeout(60):
        await asyncio.gather(*(redis.xadd("feed", {"n": n}) for n in range(50)))
        assert await waits
    assert await redis.xlen("feed") == 50


async def test_one_who_gives_up_leaves_the_others_their_answers(redis: Any) -> None:
    asked = [asyncio.create_task(redis.incr("n")) for _ in range(10)]
    await asyncio.sleep(0)
    asked[3].cancel()

    found = await asyncio.gather(*asked, return_exceptions=True)

    assert isinstance(found[3], asyncio.CancelledError)
    assert all(isinstance(one, int) for n, one in enumerate(found) if n != 3)
    assert await redis.get("n") == b"10"


async def test_all_are_told_when_redis_is_away_and_served_when_it_is_back(redis_server: RedisServer) -> None:
    redis = connect(redis_server.url)
    await redis.set("kept", "1")
    redis_server.kill()

    found = await asyncio.gather(*(redis.get("kept") for _ in range(5)), return_exceptions=True)

    assert all(isinstance(one, RedisError) for one in found)
    redis_server.start()
    assert await asyncio.gather(*(redis.get("kept") for _ in range(5))) == [b"1"] * 5
    await redis.aclose()


async def test_a_connection_that_the_server_closed_is_made_anew(redis: Any) -> None:
    await redis.set("kept", "1")
    await redis.client_kill_filter(_type="normal", skipme=True)
    await asyncio.sleep(0.05)

    assert await asyncio.gather(redis.get("kept"), redis.get("kept")) == [b"1", b"1"]


@given(_WORDS)
def test_a_command_goes_over_the_wire_as_redis_py_writes_it(words: list[Any]) -> None:
    ours, theirs = PackedConnection(), Connection()

    for name in ("SET", "CLIENT LIST"):
        assert b"".join(ours.pack_command(name, *words)) == b"".join(theirs.pack_command(name, *words))


def test_what_redis_does_not_know_is_refused_before_it_is_sent() -> None:
    with pytest.raises(DataError):
        PackedConnection().pack_command("SET", "key", None)


class _AnswersAtOnce(Gathered):
    """Two lots that are under way get their answers in the same turn of the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = asyncio.Event()

    async def _told(self, lot: list[Any]) -> list[Any]:
        await self.answered.wait()
        return [b"1"] * len(lot)


async def test_one_who_asks_at_the_moment_when_all_others_were_answered_is_answered_too() -> None:
    client = _AnswersAtOnce()

    async def asks_twice() -> None:
        await client.get("a")
        await client.get("b")

    twice = asyncio.create_task(asks_twice())
    while not client._lots:  # noqa: ASYNC110 - the lots are the very thing that is looked at
        await asyncio.sleep(0)
    await asyncio.sleep(0)  # the first lot is under way: the next one takes the second
    once = asyncio.create_task(client.get("c"))
    while len(client._lots) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    client.answered.set()

    async with asyncio.timeout(60):
        await asyncio.gather(twice, once)
