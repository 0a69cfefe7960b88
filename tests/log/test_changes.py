"""What was changed for a customer is counted for a day, whoever counts and whatever dies meanwhile."""

import time
from pathlib import Path
from typing import Any

from conftest import RedisServer

from bot.log import keys
from bot.log.changes import DAY_S, Begun, Changes
from bot.log.connect import connect

CUSTOMER = "C100001"


async def test_a_change_counts_for_a_day_and_then_no_more(redis: Any) -> None:
    changes = Changes(redis, 4)
    key = keys.changes(keys.partition_of(CUSTOMER, 4), CUSTOMER)
    now = int(time.time() * 1e6)
    yesterday, this_morning = now - (DAY_S + 60) * 1_000_000, now - 3_600_000_000
    await redis.zadd(key, {"yesterday": yesterday, "this morning": this_morning})

    assert await changes.begin(CUSTOMER, "now") == Begun(1, new=True)
    assert 0 < await redis.ttl(key) <= DAY_S


async def test_a_change_that_is_begun_again_counts_once(redis: Any) -> None:
    changes = Changes(redis, 4)
    await changes.begin(CUSTOMER, "first")
    await changes.begin(CUSTOMER, "second")

    assert await changes.begin(CUSTOMER, "first") == Begun(0, new=False)
    assert await changes.begin(CUSTOMER, "third") == Begun(2, new=True)


async def test_the_count_outlives_redis_and_everybody_who_asked_it(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    client = connect(server.url)
    await Changes(client, 4).begin(CUSTOMER, "before")
    await client.aclose()
    server.kill()
    server.start()
    client = connect(server.url)
    try:
        assert await Changes(client, 4).begin(CUSTOMER, "after") == Begun(1, new=True)
    finally:
        await client.aclose()
        server.kill()
