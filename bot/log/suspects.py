"""Who may have felled a process: handled one at a time, each noted on disk before it is begun.

A process that dies says nothing. Most die for reasons of their own, so at first its heir does again what was in
hand, as fast as ever. If he falls too before that is done, nothing in that stretch is trusted any more: each
conversation of it is handled alone, and the one that was in hand when a process died is given up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.log import keys
from bot.log.cursors import Buried, Place, Takeover

TRUSTED_FALLS = 1
"""So often in a row a partition may be left without a word before its news are handled one by one."""

RESTS_S = (5.0, 60.0, 600.0, 3600.0)
"""How long what was buried rests before it is tried again: after the first time, the second, ...; then the last."""

others_wait: ContextVar[bool] = ContextVar("others_wait", default=False)
"""True for what is handled alone: all of the partition's others wait meanwhile, so there is no time for a pause."""


class Suspects:
    """What one process knows of those before it who died; in it, no two suspects are ever in hand at a time."""

    def __init__(self, redis: Any, rests_s: Sequence[float] = RESTS_S) -> None:
        self._redis = redis
        self._rests_s = rests_s
        self._one_at_a_time = asyncio.Lock()
        self._buried: dict[tuple[int, str], dict[str, Buried]] = {}

    def learn(self, place: Place, taken: Takeover) -> None:
        """Takes in what is known at a takeover."""
        self._of(place).clear()
        self._of(place).update(taken.buried)

    def resting(self, place: Place) -> list[str]:
        """The conversations that are to be tried again."""
        return [name for name, buried in self._of(place).items() if buried.times]

    def suspected(self, place: Place, conversation: str) -> bool:
        """Whether it was buried and nothing of it went well since."""
        return conversation in self._of(place)

    def buried(self, place: Place, conversation: str, last: int) -> bool:
        """Whether it was given up as far as `last`, and has not rested yet."""
        buried = self._of(place).get(conversation)
        return buried is not None and not buried.rested and last <= buried.last

    async def rest(self, place: Place, conversation: str) -> int:
        """Returns after its rest the seq to try again; 0 when it went well meanwhile."""
        before = self._of(place)[conversation].times
        await asyncio.sleep(self._rests_s[min(before, len(self._rests_s)) - 1])
        buried = self._of(place).get(conversation)
        if buried is None:
            return 0
        self._of(place)[conversation] = msgspec.structs.replace(buried, rested=True)
        return buried.last

    async def alone(
        self, place: Place, conversation: str, last: int, serve: Callable[[], Awaitable[bool]]
    ) -> bool:
        """Serves it while no other suspect is in hand; clears it of suspicion if that went well. Raises RedisError."""
        name, hand = keys.falls(place.partition), f"{place.follower}|hand"
        async with self._one_at_a_time:
            await self._redis.hset(name, hand, f"{place.member}|{last}|{conversation}")
            hurried = others_wait.set(True)
            try:
                well = await serve()
            except BaseException:
                with suppress(RedisError):  # else it is told by our name when we claim the partition again
                    await self._redis.hdel(name, hand)
                raise
            finally:
                others_wait.reset(hurried)
            await self._redis.hdel(name, hand, *([_buried(place, conversation)] if well else []))
            if well:
                self._of(place).pop(conversation, None)
            return well

    async def bury(self, place: Place, conversation: str, last: int, *, again: bool) -> None:
        """It was given up to here; `again` after a rest. What comes after it is handled alone, until that goes well."""
        name = keys.falls(place.partition)
        before = self._of(place).get(conversation)
        buried = Buried(last, (before.times if before else 0) + 1 if again else 0)
        await self._redis.hset(name, _buried(place, conversation), f"{buried.last}|{buried.times}")
        await self._redis.hdel(name, f"{place.follower}|hand")
        self._of(place)[conversation] = buried

    def _of(self, place: Place) -> dict[str, Buried]:
        return self._buried.setdefault((place.partition, place.follower), {})


def _buried(place: Place, conversation: str) -> str:
    return f"{place.follower}|buried|{conversation}"
