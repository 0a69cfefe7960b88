"""Takes off the feeds what every follower has done with. The events themselves stay in their conversations."""

from collections.abc import Collection
from typing import Any

from redis.exceptions import RedisError

from bot.errors import LogUnavailableError
from bot.log import keys
from bot.log.cursors import entry_of

# Live sockets read the feeds without saying how far they are; they lag far less than this. And whoever
# reads on at a Redis that took another's place steps back a little.
KEPT_MS = 60_000


async def trim_feeds(redis: Any, partitions: int, followers: Collection[str], now: int) -> int:
    """Trims every feed; returns how many entries went.

    Nothing goes that one of `followers` has not done with, or that is younger than a minute at
    `now` (ms); a feed that one of them never joined is left whole.
    """
    gone = 0
    try:
        for partition in range(partitions):
            rows = await redis.hgetall(keys.cursors(partition))
            done = {name.decode(): entry_of(row.partition(b"|")[0]) for name, row in rows.items()}
            if not done.keys() >= set(followers):
                continue
            ms, count = min(done.values())
            kept = min((ms, count + 1), (now - KEPT_MS, 0))
            gone += await redis.xtrim(keys.feed(partition), minid=f"{kept[0]}-{kept[1]}", approximate=False)
    except RedisError as error:
        raise LogUnavailableError(str(error)) from error
    return gone
