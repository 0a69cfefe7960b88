"""Who follows which partition: one owner each, moved at once when its process is known dead, else within seconds."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.log.roll import Roll

RENEW_S = 0.7
SOON_S = 0.1


class Share(msgspec.Struct, frozen=True):
    """Partitions held at this moment; of those `leaving` are another's as soon as they are given.

    `wanted` more are ours as soon as somebody else has let go of them.
    """

    held: frozenset[int]
    leaving: frozenset[int] = frozenset()
    wanted: int = 0


class Leases:
    """The partitions that this process owns for one follower, shared evenly among its living members.

    Followers of one process share its `roll`, so that one question renews what they all hold.
    """

    def __init__(
        self, redis: Any, follower: str, partitions: int, member: str, roll: Roll | None = None
    ) -> None:
        self.follower = follower
        self.member = member
        self._partitions = partitions
        self._roll = roll or Roll(redis, member)

    def held(self) -> frozenset[int]:
        """Partitions that are certainly ours at this moment, by our own clock."""
        return self._roll.holding(self.follower).held()

    async def renew(self) -> Share:
        """Takes what is ours to take and renews what is held. What is to leave stays ours until `give`."""
        holding = self._roll.holding(self.follower)
        mine = self._mine(holding.members)
        holding.wanted = mine | holding.held()  # what ran out while we slept may be another's by now
        await self._roll.renew(self.follower)
        if self._mine(holding.members) - holding.wanted:
            mine = self._mine(holding.members)
            holding.wanted = mine | holding.held()
            await self._roll.renew(self.follower, now=True)
        mine = self._mine(holding.members)
        held = holding.held()
        return Share(held, held - mine, len(mine - held))

    async def give(self, partition: int) -> None:
        """Lets go of a partition with which we have done."""
        holding = self._roll.holding(self.follower)
        holding.wanted -= {partition}
        await self._roll.give(self.follower, [partition])

    async def retire(self) -> None:
        """Takes this member off the roll: from now on all that it holds is leaving."""
        with suppress(RedisError):
            await self._roll.sign_off(self.follower)

    async def leave(self) -> None:
        """Gives everything back at once, so that others need not wait for the leases to run out."""
        await self.retire()
        holding = self._roll.holding(self.follower)
        ours, holding.wanted = holding.wanted | holding.until.keys(), frozenset()
        with suppress(RedisError):
            await self._roll.give(self.follower, ours)
        self._roll.forget(self.follower)

    async def keep(self) -> None:
        """Renews what is held, and takes nothing."""
        holding = self._roll.holding(self.follower)
        holding.wanted = holding.held()
        await self._roll.renew(self.follower)

    def _mine(self, members: Sequence[str]) -> frozenset[int]:
        if self.member not in members:
            return frozenset()
        if members == (self.member,):
            return frozenset(range(self._partitions))
        return frozenset(
            p for p, name in _shares(tuple(members), self._partitions).items() if name == self.member
        )


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


_shares = lru_cache(maxsize=64)(shares)


async def pause(seconds: float, stop: asyncio.Event) -> None:
    """Sleeps, but not past the stop; all who pause for so long wake at the same moment, `seconds` from now at most.

    A process has a dozen who do nothing else most of the day: each would wake it for itself.
    """
    now = asyncio.get_running_loop().time()
    with suppress(TimeoutError):
        async with asyncio.timeout_at((now // seconds + 1) * seconds):
            await stop.wait()
