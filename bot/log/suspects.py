"""Who may have felled a process: handled one at a time, each noted on disk before it is begun.

A process that dies says nothing. Most die for reasons of their own, so at first its heir does again what was in
hand, as fast as ever. If he falls too before that is done, nothing in that stretch is trusted any more: each
conversation of it is handled alone, and the one that was in hand when a process died is given up.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any

from redis.exceptions import RedisError

from bot.log import keys
from bot.log.cursors import Place, Takeover

TRUSTED_FALLS = 1
"""So often in a row a partition may be left without a word before its news are handled one by one."""

others_wait: ContextVar[bool] = ContextVar("others_wait", default=False)
"""True for what is handled alone: all of the partition's others wait meanwhile, so there is no time for a pause."""


class Suspects:
    """What one process knows of those before it who died; in it, no two suspects are ever in hand at a time."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._one_at_a_time = asyncio.Lock()
        self._buried: dict[tuple[int, str], dict[str, int]] = {}

    def learn(self, place: Place, taken: Takeover) -> None:
        """Takes in what is known at a takeover."""
        self._of(place).clear()
        self._of(place).update(taken.buried)

    def buried(self, place: Place, conversation: str) -> int | None:
        """The last seq up to which it was given up for felling a process; None when it is like any other."""
        known = self._buried.get((place.partition, place.follower))
        return known.get(conversation) if known else None

    @asynccontextmanager
    async def alone(self, place: Place, conversation: str, last: int) -> AsyncIterator[None]:
        """In here it is in hand, and no other suspect is. Raises RedisError."""
        name, hand = keys.falls(place.partition), f"{place.follower}|hand"
        async with self._one_at_a_time:
            await self._redis.hset(name, hand, f"{place.member}|{last}|{conversation}")
            hurried = others_wait.set(True)
            try:
                yield
            except BaseException:
                with suppress(RedisError):  # else it is told by our name when we claim the partition again
                    await self._redis.hdel(name, hand)
                raise
            finally:
                others_wait.reset(hurried)
            await self._redis.hdel(name, hand, _buried(place, conversation))
            self._of(place).pop(conversation, None)

    async def convict(self, place: Place, conversation: str, last: int) -> None:
        """It was given up to here. What comes after it is handled alone, until that goes well."""
        name = keys.falls(place.partition)
        await self._redis.hset(name, _buried(place, conversation), last)
        await self._redis.hdel(name, f"{place.follower}|hand")
        self._of(place)[conversation] = last

    def _of(self, place: Place) -> dict[str, int]:
        return self._buried.setdefault((place.partition, place.follower), {})


def _buried(place: Place, conversation: str) -> str:
    return f"{place.follower}|buried|{conversation}"
