"""Followers: read partition feeds, keep each conversation's order, forget nothing when they die."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.exceptions import RedisError, ResponseError

from bot.errors import LogUnavailableError
from bot.log import keys
from bot.log.cancelling import heed_cancel
from bot.log.leases import RENEW_S, Leases, pause

logger = structlog.get_logger(__name__)

# One consumer name for whoever owns the partition: what a dead owner had in hand is its heir's own backlog.
_CONSUMER = "owner"
_BLOCK_MS = 1000
_BATCH = 200
_TRIES = 3
_AT_ONCE = 64

Handle = Callable[[str, int], Awaitable[None]]
GiveUp = Callable[[str, int, Exception], Awaitable[None]]


class Follower:
    """Calls `handle(conversation, last seq)` for everything that is new, again until it succeeds.

    Calls of one conversation never overlap, and several entries may come as one call; the call must be
    idempotent. After three failures `give_up` is called instead, and the entry goes to the dead letters.
    """

    def __init__(self, redis: Any, leases: Leases, handle: Handle, give_up: GiveUp) -> None:
        self.name = leases.follower
        self._redis = redis
        self._handle = handle
        self._give_up = give_up
        self._leases = leases
        self._readers: dict[int, asyncio.Task[None]] = {}

    @property
    def held(self) -> set[int]:
        return self._leases.held()

    async def run(self, stop: asyncio.Event) -> None:
        """Follows until `stop` is set, then gives its partitions back."""
        try:
            while not stop.is_set():
                try:
                    held = await self._leases.renew()
                except RedisError as error:
                    logger.warning("follower_waits_for_redis", follower=self.name, error=str(error))
                    held = self._leases.held()
                await self._tend(held)
                await pause(RENEW_S, stop)
        finally:
            await self._tend(set())
            await self._leases.leave()

    async def _tend(self, held: set[int]) -> None:
        for partition in [p for p, reader in self._readers.items() if p not in held or reader.done()]:
            reader = self._readers.pop(partition)
            reader.cancel()
            await _ended(reader, self.name)
        for partition in held - self._readers.keys():
            self._readers[partition] = asyncio.create_task(self._read(partition))

    async def _read(self, partition: int) -> None:
        feed = keys.feed(partition)
        await self._join(feed)
        async with asyncio.TaskGroup() as group:
            boxes = _Mailboxes(self, feed, group)
            backlog = "0"
            while True:
                heed_cancel()
                cursor = backlog or ">"
                block = None if backlog else _BLOCK_MS
                try:
                    answer = await self._redis.xreadgroup(
                        self.name, _CONSUMER, {feed: cursor}, count=_BATCH, block=block
                    )
                except RedisError as error:
                    logger.warning(
                        "feed_unreadable", follower=self.name, partition=partition, error=str(error)
                    )
                    await asyncio.sleep(0.3)
                    if isinstance(error, ResponseError) and "NOGROUP" in str(error):
                        await self._join(feed)
                    continue
                heed_cancel()  # what was read just now is the heir's backlog
                rows = answer[0][1] if answer else []
                for entry, fields in rows:
                    await boxes.put(entry, fields)
                if backlog:
                    backlog = rows[-1][0].decode() if rows else ""

    async def _join(self, feed: str) -> None:
        try:
            await self._redis.xgroup_create(feed, self.name, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def serve(self, feed: str, conversation: str, last: int, entries: list[bytes]) -> None:
        """Handles one conversation's news and takes the entries off the feed."""
        for attempt in range(1, _TRIES + 1):
            try:
                await self._handle(conversation, last)
                break
            except (RedisError, LogUnavailableError) as error:
                # Not the message's fault: whoever owns the partition then starts from the backlog.
                logger.warning("log_unavailable", follower=self.name, error=str(error))
                await asyncio.sleep(0.3)
                raise
            except Exception as error:
                logger.exception("handling_failed", follower=self.name, attempt=attempt, seq=last)
                if attempt == _TRIES:
                    await self._redis.xadd(f"{feed}:dead:{self.name}", {"c": conversation, "z": last})
                    await self._give_up(conversation, last, error)
                await asyncio.sleep(0.05 * attempt)
        await self._redis.xack(feed, self.name, *entries)


async def _ended(reader: asyncio.Task[None], follower: str) -> None:
    """Waits for a reader's end. What it could not do stays pending, for whoever reads the partition next."""
    await asyncio.wait({reader})
    if not reader.cancelled() and reader.exception() is not None:
        logger.warning("reader_starts_again", follower=follower, exc_info=reader.exception())


class _Mailboxes:
    """What is still to do, one box a conversation; a box is emptied by one task at a time."""

    def __init__(self, follower: Follower, feed: str, group: asyncio.TaskGroup) -> None:
        self._follower = follower
        self._feed = feed
        self._group = group
        self._boxes: dict[str, tuple[int, list[bytes]]] = {}
        self._busy: set[str] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def put(self, entry: bytes, fields: dict[bytes, bytes]) -> None:
        if not fields:  # trimmed away while pending: nothing is left to do
            return
        await self._room.acquire()
        conversation, last = fields[b"c"].decode(), int(fields[b"z"])
        waiting = self._boxes.get(conversation)
        self._boxes[conversation] = (last, [*waiting[1], entry] if waiting else [entry])
        if conversation not in self._busy:
            self._busy.add(conversation)
            self._group.create_task(self._empty(conversation))

    async def _empty(self, conversation: str) -> None:
        try:
            while conversation in self._boxes:
                last, entries = self._boxes.pop(conversation)
                await self._follower.serve(self._feed, conversation, last, entries)
                for _ in entries:
                    self._room.release()
        finally:
            self._busy.discard(conversation)
