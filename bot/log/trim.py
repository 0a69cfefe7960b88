"""Takes off the feeds what every follower has done with. The events themselves stay in their conversations."""

from collections.abc import Collection
from typing import Any

from redis.exceptions import RedisError, ResponseError

from bot.errors import LogUnavailableError
from bot.log import keys

# Live sockets read the feeds without acknowledging; they lag far less than this.
KEPT_MS = 60_000


async def trim_feeds(redis: Any, partitions: int, followers: Collection[str], now: int) -> int:
    """Trims every feed; returns how many entries went.

    Nothing goes that one of `followers` has not acknowledged, or that is younger than a minute at
    `now` (ms); a feed that one of them never joined is left whole.
    """
    gone = 0
    try:
        for partition in range(partitions):
            feed = keys.feed(partition)
            done = await _done_by_all(redis, feed, followers)
            if done is not None:
                oldest_kept = min(done, (now - KEPT_MS, 0))
                gone += await redis.xtrim(feed, minid=f"{oldest_kept[0]}-{oldest_kept[1]}", approximate=False)
    except RedisError as error:
        raise LogUnavailableError(str(error)) from error
    return gone


async def _done_by_all(redis: Any, feed: str, followers: Collection[str]) -> tuple[int, int] | None:
    """The first entry that somebody may still need; None when a follower has yet to come."""
    try:
        groups = {group["name"].decode(): group for group in await redis.xinfo_groups(feed)}
    except ResponseError:  # no such feed yet
        return None
    if not groups.keys() >= set(followers):
        return None
    needed = []
    for name, group in groups.items():
        oldest = (await redis.xpending(feed, name))["min"] if group["pending"] else None
        # None: nothing is in hand, or what was has just been done.
        needed.append(_entry(oldest or group["last-delivered-id"]))
    return min(needed)


def _entry(name: bytes) -> tuple[int, int]:
    ms, count = name.split(b"-")
    return int(ms), int(count)
