"""Who follows which partition: one owner each, moved at once when its process is known dead, else within seconds."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.log import keys
from bot.log.member import is_known_dead

LEASE_MS = 3000
RENEW_S = 0.7
SOON_S = 0.1

_RENEW = """
local owner = redis.call('GET', KEYS[1])
-- A lease that runs for longer than any was ever given stems from before Redis's clock was set back.
if owner == false or owner == ARGV[1] or redis.call('PTTL', KEYS[1]) > tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
return 0
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Share(msgspec.Struct, frozen=True):
    """Partitions held at this moment; of those `leaving` are another's as soon as they are given.

    `wanted` more are ours as soon as somebody else has let go of them.
    """

    held: frozenset[int]
    leaving: frozenset[int] = frozenset()
    wanted: int = 0


class Leases:
    """The partitions that this process owns for one follower, shared evenly among its living members."""

    def __init__(self, redis: Any, follower: str, partitions: int, member: str) -> None:
        self._redis = redis
        self.follower = follower
        self._partitions = partitions
        self._member = member
        self._held_until: dict[int, float] = {}
        self._take = redis.register_script(_RENEW)
        self._give = redis.register_script(_RELEASE)

    def held(self) -> frozenset[int]:
        """Partitions that are certainly ours at this moment, by our own clock."""
        now = time.monotonic()
        return frozenset(partition for partition, until in self._held_until.items() if until > now)

    async def renew(self) -> Share:
        """Takes what is ours to take and renews what is held. What is to leave stays ours until `give`."""
        members = await self._living()
        mine = {p for p, member in shares(members, self._partitions).items() if member == self._member}
        still = self.held()  # what ran out while we slept may be another's by now
        for gone in self._held_until.keys() - still:
            del self._held_until[gone]
        for partition in sorted(mine | still):
            asked = time.monotonic()
            key = keys.lease(partition, self.follower)
            if await self._take(keys=[key], args=[self._member, LEASE_MS]):
                self._held_until[partition] = asked + LEASE_MS / 1000 * 0.8
            else:
                self._held_until.pop(partition, None)
        held = self.held()
        return Share(held, held - mine, len(mine - held))

    async def give(self, partition: int) -> None:
        """Lets go of a partition with which we have done."""
        self._held_until.pop(partition, None)
        await self._give(keys=[keys.lease(partition, self.follower)], args=[self._member])

    async def retire(self) -> None:
        """Takes this member off the roll: from now on all that it holds is leaving."""
        with suppress(RedisError):
            await self._redis.zrem(self._roll(), self._member)

    async def leave(self) -> None:
        """Gives everything back at once, so that others need not wait for the leases to run out."""
        await self.retire()
        with suppress(RedisError):
            for partition in list(self._held_until):
                await self.give(partition)

    async def keep(self) -> None:
        """Renews what is held, and takes nothing."""
        for partition in list(self._held_until):
            key = keys.lease(partition, self.follower)
            asked = time.monotonic()
            if await self._take(keys=[key], args=[self._member, LEASE_MS]):
                self._held_until[partition] = asked + LEASE_MS / 1000 * 0.8

    async def _living(self) -> list[str]:
        roll = self._roll()
        seconds, micros = await self._redis.time()
        now = int(seconds) * 1000 + int(micros) // 1000
        await self._redis.zadd(roll, {self._member: now})
        await self._redis.zremrangebyscore(roll, 0, now - LEASE_MS)
        await self._redis.zremrangebyscore(roll, now + LEASE_MS, "+inf")  # from before the clock was set back
        members = [name.decode() for name in await self._redis.zrange(roll, 0, -1)]
        dead = [name for name in members if is_known_dead(name)]
        for name in dead:
            await self._bury(name)
        return sorted(set(members) - set(dead))

    async def _bury(self, dead: str) -> None:
        """What a dead process held is free now: it can't write any more, so nobody need wait for its lease."""
        for partition in range(self._partitions):
            await self._give(keys=[keys.lease(partition, self.follower)], args=[dead])
        await self._redis.zrem(self._roll(), dead)

    def _roll(self) -> str:
        return f"xiaoer:{{members}}:{self.follower}"


def shares(members: Sequence[str], partitions: int) -> dict[int, str]:
    """Whose each partition is: as evenly as can be, and few of them move when members come and go."""
    left = {name: partitions // len(members) for name in members}
    spare = partitions % len(members)
    found: dict[int, str] = {}
    for partition in range(partitions):
        ranked = sorted(members, key=lambda name: blake2b(f"{partition}|{name}".encode()).digest())
        for name in ranked:
            if left[name] > 0 or (left[name] == 0 and spare):
                spare -= left[name] == 0
                left[name] -= 1
                found[partition] = name
                break
    return found


async def pause(seconds: float, stop: asyncio.Event) -> None:
    """Sleeps, but not past the stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
