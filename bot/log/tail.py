"""The ends of the feeds, read once for all in a process who follow them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from redis.exceptions import RedisError

from bot.log import keys
from bot.log.away import redis_away
from bot.log.cluster import Cluster
from bot.log.cursors import Entry, entry_of
from bot.log.heard import Heard

logger = structlog.get_logger(__name__)

BLOCK_MS = 5000
_BATCH = 500
_TOGETHER_S = 0.02
_AGAIN_S = 0.3

Row = tuple[Entry, dict[bytes, bytes]]
News = Callable[[Entry, Sequence[Row]], None]
"""Called with where a stretch of the feed begins (without) and its rows, oldest first."""
Lost = Callable[[], None]


class Tail:
    """Tells what is new in the partitions that somebody wants. A stretch never leaves anything out.

    Where news need not be told at once, it waits `lull_s` after each read, for several to come together.
    """

    def __init__(self, redis: Any, heard: Heard | None = None, lull_s: float = 0.0) -> None:
        self._redis = redis
        self._lull_s = lull_s
        self._heard = heard
        self._wanted: dict[int, set[tuple[News, Lost]]] = defaultdict(set)
        self._at: dict[int, Entry] = {}
        self._runs: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def want(self, partition: int, news: News, lost: Lost) -> Callable[[], None]:
        """Tells `news` of every stretch until the returned function is called.

        `lost` is called when Redis was away: its feed may have another end now than the one that we knew.
        """
        mine = (news, lost)
        self._wanted[partition].add(mine)
        if partition in self._at:
            news(self._at[partition], ())
        self._changed.set()
        if self._runs is None or self._runs.done():
            self._runs = asyncio.create_task(self._run())

        def leave() -> None:
            self._wanted[partition].discard(mine)
            if not self._wanted[partition]:
                del self._wanted[partition]
                self._at.pop(partition, None)
                self._changed.set()
            if not self._wanted and self._runs is not None:
                self._runs.cancel()
                self._runs = None

        return leave

    async def _run(self) -> None:
        reads: dict[frozenset[int], asyncio.Task[None]] = {}
        try:
            while True:
                self._changed.clear()
                await asyncio.sleep(_TOGETHER_S)  # several come and go at once
                groups = self._groups()
                for group in reads.keys() - groups:
                    reads.pop(group).cancel()
                for group in groups - reads.keys():
                    reads[group] = asyncio.create_task(self._read(sorted(group)))
                await self._changed.wait()
        finally:
            for read in reads.values():
                read.cancel()

    def _groups(self) -> set[frozenset[int]]:
        # A Cluster has them on several nodes, which can't be read in one go.
        if isinstance(self._redis, Cluster):
            return {frozenset({partition}) for partition in self._wanted}
        return {frozenset(self._wanted)} if self._wanted else set()

    async def _read(self, partitions: list[int]) -> None:
        names = {keys.feed(partition).encode(): partition for partition in partitions}
        while True:
            try:
                for partition in partitions:
                    if partition not in self._at:
                        await self._begin(partition)
                at = {feed: _name(self._at[partition]) for feed, partition in names.items()}
                answer = await self._redis.xread(at, count=_BATCH, block=BLOCK_MS)
                redis_away.over()
                for feed, found in answer or []:
                    self._tell(names[bytes(feed)], [(entry_of(entry), fields) for entry, fields in found])
            except RedisError as error:
                redis_away.say("tail", error)
            except Exception:
                # A mistake of one listener must not leave the others without news.
                logger.exception("tail_starts_over")
            else:
                if answer and self._lull_s:
                    await asyncio.sleep(self._lull_s)
                continue
            await asyncio.sleep(_AGAIN_S)
            self._start_over(partitions)

    async def _begin(self, partition: int) -> None:
        newest = await self._redis.xrevrange(keys.feed(partition), count=1)
        self._at[partition] = entry_of(newest[0][0]) if newest else (0, 0)
        if self._heard is not None:
            self._heard.clear()  # it may have missed what came just now
        self._tell(partition, [])

    def _tell(self, partition: int, rows: list[Row]) -> None:
        since = self._at.get(partition)
        if since is None:
            return
        if rows:
            self._at[partition] = rows[-1][0]
        if self._heard is not None:
            for _, fields in rows:
                self._heard.hear(fields[b"c"].decode(), fields)
        for news, _ in tuple(self._wanted.get(partition, ())):
            news(since, rows)

    def _start_over(self, partitions: list[int]) -> None:
        for partition in partitions:
            self._at.pop(partition, None)
            for _, lost in tuple(self._wanted.get(partition, ())):
                lost()


def _name(entry: Entry) -> str:
    return f"{entry[0]}-{entry[1]}"
