"""Calls that share their way to Redis: each has its own answer, and none waits for another's patience."""

import asyncio
from typing import Any

import pytest
from conftest import RedisServer
from hypothesis import given, strategies
from redis.asyncio import Connection, ConnectionPool
from redis.exceptions import DataError, RedisError, ResponseError

from bot.log.connect import connect
from bot.log.gathered import Gathered
from bot.log.wire import packed

_WORDS = strategies.lists(
    strategies.one_of(strategies.text(), strategies.binary(), strategies.integers(), strategies.floats()),
    max_size=6,
)


async def test_everyone_gets_his_own_answer_when_many_ask_at_once(redis: Any) -> None:
    await redis.mset({f"k{n}": n for n in range(300)})

    answers = await asyncio.gather(*(redis.get(f"k{n}") for n in range(300)))

    assert answers == [str(n).encode() for n in range(300)]


async def test_what_is_asked_at_once_is_one_piece_for_redis_and_one_sync_of_its_disk(redis: Any) -> None:
    before = (await redis.info("stats"))["total_reads_processed"]

    await asyncio.gather(*(redis.set(f"k{n}", n) for n in range(300)))

    assert (await redis.info("stats"))["total_reads_processed"] - before <= 10


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
    await redis.ping()
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
    theirs = Connection()

    for name in ("SET", "CLIENT LIST"):
        assert packed([name, *words]) == b"".join(theirs.pack_command(name, *words))


def test_what_redis_does_not_know_is_refused_before_it_is_sent() -> None:
    with pytest.raises(DataError):
        packed(["SET", "key", None])


async def test_one_who_leaves_while_the_way_is_opened_does_not_take_it_from_the_others(redis: Any) -> None:
    first = asyncio.create_task(redis.set("a", "1"))
    await asyncio.sleep(0)
    second = asyncio.create_task(redis.set("b", "2"))
    await asyncio.sleep(0)
    first.cancel()

    async with asyncio.timeout(60):
        assert await second
    assert await redis.get("b") == b"2"


async def test_news_that_nobody_waits_for_any_more_are_given_to_nobody_else(redis: Any) -> None:
    waits = asyncio.create_task(redis.blpop(["one"], timeout=5))
    await asyncio.sleep(0.05)
    waits.cancel()
    await asyncio.wait({waits})

    waits = asyncio.create_task(redis.blpop(["two"], timeout=5))
    await asyncio.sleep(0.05)
    await redis.rpush("one", "for the first")
    await redis.rpush("two", "for the second")

    async with asyncio.timeout(60):
        assert await waits == (b"two", b"for the second")


async def test_a_redis_that_says_nothing_is_given_up_and_asked_again(redis_server: RedisServer) -> None:
    redis = Gathered.from_pool(ConnectionPool.from_url(redis_server.url, socket_timeout=0.2))
    await redis.set("kept", "1")
    await redis.execute_command("CLIENT", "PAUSE", 300, "ALL")

    async with asyncio.timeout(60):
        assert await asyncio.gather(*(redis.get("kept") for _ in range(3))) == [b"1"] * 3
    await redis.aclose()


async def test_a_client_that_is_closed_tells_those_who_wait(redis_server: RedisServer) -> None:
    redis = connect(redis_server.url)
    waits = asyncio.create_task(redis.xread({"feed": "0"}, block=60_000))
    await asyncio.sleep(0.05)

    await redis.aclose()

    async with asyncio.timeout(60):
        with pytest.raises(RedisError):
            await waits
        with pytest.raises(RedisError):
            await redis.get("kept")


async def test_what_is_not_redis_is_an_error_of_redis() -> None:
    async def speaks_http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speaks_http, "127.0.0.1", 0)
    redis = connect(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")

    with pytest.raises(RedisError):
        await redis.get("kept")
    await redis.aclose()
    server.close()
