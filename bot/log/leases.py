"""Who follows which partition: one owner each, moved within seconds when its process dies."""

import asyncio
import time
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from redis.exceptions import RedisError

from bot.log import keys

LEASE_MS = 3000
RENEW_S = 0.7

_RENEW = """
local owner = redis.call('GET', KEYS[1])
if owner == false or owner == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
return 0
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Leases:
    """The partitions that this process owns for one follower, shared fairly among its living members."""

    def __init__(self, redis: Any, follower: str, partitions: int, member: str) -> None:
        self._redis = redis
        self.follower = follower
        self._partitions = partitions
        self._member = member
        self._held_until: dict[int, float] = {}
        self._take = redis.register_script(_RENEW)
        self._give = redis.register_script(_RELEASE)

    def held(self) -> set[int]:
        """Partitions that are certainly ours at this moment, by our own clock."""
        now = time.monotonic()
        return {partition for partition, until in self._held_until.items() if until > now}

    async def renew(self) -> set[int]:
        """Takes what is ours to take, renews it, gives up what is another member's; returns what is held."""
        members = await self._living()
        for partition in range(self._partitions):
            mine = _chosen(partition, members) == self._member
            if mine:
                asked = time.monotonic()
                key = keys.lease(partition, self.follower)
                if await self._take(keys=[key], args=[self._member, LEASE_MS]):
                    self._held_until[partition] = asked + LEASE_MS / 1000 * 0.8
                else:
                    self._held_until.pop(partition, None)
            elif partition in self._held_until:
                await self._release(partition)
        return self.held()

    async def leave(self) -> None:
        """Gives everything back at once, so that others need not wait for the leases to run out."""
        with suppress(RedisError):
            await self._redis.zrem(self._roll(), self._member)
            for partition in list(self._held_until):
                await self._release(partition)

    async def _release(self, partition: int) -> None:
        self._held_until.pop(partition, None)
        await self._give(keys=[keys.lease(partition, self.follower)], args=[self._member])

    async def _living(self) -> list[str]:
        roll = self._roll()
        seconds, micros = await self._redis.time()
        now = int(seconds) * 1000 + int(micros) // 1000
        await self._redis.zadd(roll, {self._member: now})
        await self._redis.zremrangebyscore(roll, 0, now - LEASE_MS)
        return sorted(name.decode() for name in await self._redis.zrange(roll, 0, -1))

    def _roll(self) -> str:
        return f"xiaoer:{{members}}:{self.follower}"


def _chosen(partition: int, members: list[str]) -> str:
    """The member that a partition falls to; few partitions move when members come and go."""
    return max(members, key=lambda name: blake2b(f"{partition}|{name}".encode()).digest())


async def pause(seconds: float, stop: asyncio.Event) -> None:
    """Sleeps, but not past the stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
