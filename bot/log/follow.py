"""Followers: read partition feeds, keep each conversation's order, forget nothing when they die."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from bot.errors import FelledError, LogUnavailableError
from bot.log.away import redis_away
from bot.log.cursors import Place
from bot.log.leases import RENEW_S, SOON_S, Leases, Share, pause
from bot.log.reading import Feeds, Hands, Reader

logger = structlog.get_logger(__name__)

_TRIES = 3
_DEAD_KEPT = 1000
_LAST_CALLS_S = 5.0

Handle = Callable[[str, int], Awaitable[None]]
GiveUp = Callable[[str, int, Exception], Awaitable[bool]]
"""True: it is to be tried again after a rest (`bot.log.suspects`). False: whoever gave it up has seen to it."""


class Follower:
    """Calls `handle(conversation, last seq)` for everything that is new, again until it succeeds.

    Calls of one conversation never overlap, and several entries may come as one call; the call must be
    idempotent. After three failures `give_up` is called instead, and the entry goes to the dead letters; a
    process that dies of it is a failure too (`bot.log.suspects`).
    Followers of one process share its `feeds`, so that each entry is read once for all of them.
    """

    def __init__(
        self,
        redis: Any,
        leases: Leases,
        handle: Handle,
        give_up: GiveUp,
        *,
        feeds: Feeds | None = None,
    ) -> None:
        self.name = leases.follower
        self._redis = redis
        self._feeds = feeds or Feeds(redis)
        self._handle = handle
        self._give_up = give_up
        self._leases = leases
        self._readers: dict[int, Reader] = {}

    @property
    def held(self) -> frozenset[int]:
        return self._leases.held()

    async def run(self, stop: asyncio.Event) -> None:
        """Follows until `stop` is set, ends what is in hand, then gives its partitions back."""
        try:
            while not stop.is_set():
                try:
                    share = await self._leases.renew()
                    redis_away.over()
                except RedisError as error:
                    redis_away.say(self.name, error)
                    share = Share(self._leases.held())
                with suppress(RedisError):  # said by who renews, a moment later
                    await self._tend(share)
                # What another waits for, and what we wait for, should not stand still for long.
                await pause(SOON_S if share.wanted or share.leaving else RENEW_S, stop)
            await self._end_well()
        finally:
            for reader in self._readers.values():
                await reader.end()
            self._readers.clear()
            await self._leases.leave()

    async def _tend(self, share: Share) -> None:
        for partition, reader in list(self._readers.items()):
            if partition in share.leaving:
                reader.leave_off()
            if reader.ended or partition not in share.held:
                del self._readers[partition]
                await reader.end()
        for partition in share.leaving - self._readers.keys():
            await self._leases.give(partition)
        for partition in share.held - share.leaving - self._readers.keys():
            place = Place(self.name, self._leases.member, partition)
            self._readers[partition] = Reader(self._feeds, place, Hands(self.serve, self._bury))

    async def _end_well(self) -> None:
        """Reads nothing more, and waits for what is in hand: a half-thought answer is not thrown away."""
        await self._leases.retire()
        for reader in self._readers.values():
            reader.leave_off()
        clock = asyncio.get_running_loop().time
        until = clock() + _LAST_CALLS_S
        while self._readers and clock() < until:
            with suppress(RedisError):
                await self._leases.keep()
                await self._tend(Share(self._leases.held(), self._leases.held()))
            await asyncio.sleep(0.02)

    async def serve(self, feed: str, conversation: str, last: int) -> bool:
        """Handles one conversation's news; False: it is to be tried again. Raises RedisError, LogUnavailableError."""
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._handle(conversation, last)
            except (RedisError, LogUnavailableError) as error:
                # Not the message's fault: it is still to do, by whoever owns the partition then.
                redis_away.say(self.name, error)
                await asyncio.sleep(0.3)
                raise
            except Exception as error:
                logger.exception("handling_failed", follower=self.name, attempt=attempt, seq=last)
                if attempt == _TRIES:
                    return not await self._write_off(feed, conversation, last, error)
                await asyncio.sleep(0.05 * attempt)
            else:
                return True

    async def _bury(self, feed: str, conversation: str, last: int) -> bool:
        """Gives up what felled the processes that handled it; True: it is to be tried again."""
        logger.error("felled_a_process", follower=self.name, seq=last)
        return await self._write_off(feed, conversation, last, FelledError())

    async def _write_off(self, feed: str, conversation: str, last: int, error: Exception) -> bool:
        letter = {"c": conversation, "z": last}
        await self._redis.xadd(f"{feed}:dead:{self.name}", letter, maxlen=_DEAD_KEPT, approximate=True)
        return await self._give_up(conversation, last, error)
