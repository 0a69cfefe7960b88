"""Reading one partition's feed: a conversation's news in order, and none twice at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.exceptions import RedisError, ResponseError

from bot.log import keys
from bot.log.away import redis_away
from bot.log.cancelling import heed_cancel

logger = structlog.get_logger(__name__)

# One consumer name for whoever owns the partition: what a dead owner had in hand is its heir's own backlog.
_CONSUMER = "owner"
_BLOCK_MS = 1000
_BATCH = 200
_AT_ONCE = 64

_GATHERED_S = 0.05

Serve = Callable[[str, str, int], Awaitable[None]]
"""Called with feed, conversation and its last seq."""


class Reader:
    """Reads from its making on. What it could not do stays pending, for whoever reads the partition next."""

    def __init__(self, redis: Any, follower: str, partition: int, serve: Serve, lull_s: float = 0.0) -> None:
        self._redis = redis
        self._lull_s = lull_s
        self._follower = follower
        self._feed = keys.feed(partition)
        self._serve = serve
        self._news = asyncio.create_task(asyncio.sleep(0))
        self._task = asyncio.create_task(self._run())
        self._leaving = False

    @property
    def ended(self) -> bool:
        return self._task.done()

    def leave_off(self) -> None:
        """Reads no more news, and ends once those in hand are done."""
        self._leaving = True
        self._news.cancel()

    async def end(self) -> None:
        """Ends it now."""
        self._task.cancel()
        await asyncio.wait({self._task, self._news})
        if not self._task.cancelled() and self._task.exception() is not None:
            logger.warning("reader_starts_again", follower=self._follower, exc_info=self._task.exception())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            if self._leaving:
                return
            done = _Done(self._redis, self._feed, self._follower, group)
            boxes = _Mailboxes(self._serve, self._feed, group, done)
            self._news = asyncio.create_task(self._read(boxes))
            try:
                await asyncio.wait({self._news})
            finally:
                self._news.cancel()
            if not self._news.cancelled():
                self._news.result()

    async def _read(self, boxes: "_Mailboxes") -> None:
        joined, backlog = False, "0"
        while True:
            heed_cancel()
            try:
                joined = joined or await self._join()
                answer = await self._redis.xreadgroup(
                    self._follower,
                    _CONSUMER,
                    {self._feed: backlog or ">"},
                    count=_BATCH,
                    block=None if backlog else _BLOCK_MS,
                )
                redis_away.over()
            except RedisError as error:
                redis_away.say(self._follower, error)
                await asyncio.sleep(0.3)
                joined = not (isinstance(error, ResponseError) and "NOGROUP" in str(error))
                continue
            heed_cancel()  # what was read just now is the heir's backlog
            rows = answer[0][1] if answer else []
            for entry, fields in rows:
                await boxes.put(entry, fields)
            if rows and self._lull_s:
                await asyncio.sleep(self._lull_s)
            if backlog:
                backlog = rows[-1][0].decode() if rows else ""

    async def _join(self) -> bool:
        try:
            await self._redis.xgroup_create(self._feed, self._follower, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        return True


class _Done:
    """Takes what was done off the feed, many entries at a time: each write waits for the disk.

    Entries that were done and not taken off are done again by the heir, who finds that nothing is left to do.
    """

    def __init__(self, redis: Any, feed: str, follower: str, group: asyncio.TaskGroup) -> None:
        self._redis = redis
        self._feed = feed
        self._follower = follower
        self._group = group
        self._entries: list[bytes] = []

    def add(self, entries: list[bytes]) -> None:
        if not self._entries:
            self._group.create_task(self._take_off())
        self._entries += entries

    async def _take_off(self) -> None:
        await asyncio.sleep(_GATHERED_S)
        entries, self._entries = self._entries, []
        await self._redis.xack(self._feed, self._follower, *entries)


class _Mailboxes:
    """What is still to do, one box a conversation; a box is emptied by one task at a time."""

    def __init__(self, serve: Serve, feed: str, group: asyncio.TaskGroup, done: _Done) -> None:
        self._serve = serve
        self._done = done
        self._feed = feed
        self._group = group
        self._boxes: dict[str, tuple[int, list[bytes]]] = {}
        self._busy: set[str] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def put(self, entry: bytes, fields: dict[bytes, bytes]) -> None:
        if not fields:  # trimmed away while pending: nothing is left to do
            return
        conversation, last = fields[b"c"].decode(), int(fields[b"z"])
        if conversation not in self._busy:
            # A conversation has one place, however much it says: a flood keeps nobody else waiting.
            await self._room.acquire()
        waiting = self._boxes.get(conversation)
        self._boxes[conversation] = (last, [*waiting[1], entry] if waiting else [entry])
        if conversation not in self._busy:
            self._busy.add(conversation)
            self._group.create_task(self._empty(conversation))

    async def _empty(self, conversation: str) -> None:
        try:
            while conversation in self._boxes:
                last, entries = self._boxes.pop(conversation)
                await self._serve(self._feed, conversation, last)
                self._done.add(entries)
        finally:
            self._busy.discard(conversation)
            self._room.release()
