"""The roll of living processes and what they hold: one question to Redis for all followers of a process."""

import asyncio
import time
from collections.abc import Collection
from importlib.resources import files
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.log import keys
from bot.log.member import is_known_dead

LEASE_MS = 3000
_FRESH_S = 0.6
_MARGIN = 0.8

# KEYS: roll, leases   ARGV: member, "1" when it is dead and all of it is to go, then the leases' names
_GIVE = """
local names = {}
for i = 3, #ARGV do names[#names + 1] = ARGV[i] end
if ARGV[2] == '1' then
  local roll = redis.call('HGETALL', KEYS[1])
  for i = 1, #roll, 2 do
    if string.sub(roll[i], -#ARGV[1] - 1) == '|' .. ARGV[1] then redis.call('HDEL', KEYS[1], roll[i]) end
  end
  local leases = redis.call('HGETALL', KEYS[2])
  for i = 1, #leases, 2 do names[#names + 1] = leases[i] end
end
for _, name in ipairs(names) do
  local held = redis.call('HGET', KEYS[2], name)
  if held and string.match(held, '^%d+|(.*)$') == ARGV[1] then redis.call('HDEL', KEYS[2], name) end
end
return 1
"""


class Holding(msgspec.Struct):
    """What one follower of ours wants and has: partitions, each until when by our own clock."""

    signs: bool = True
    wanted: frozenset[int] = frozenset()
    until: dict[int, float] = {}
    members: tuple[str, ...] = ()
    asked: float = 0.0

    def held(self) -> frozenset[int]:
        """Partitions that are certainly ours at this moment."""
        now = time.monotonic()
        return frozenset(partition for partition, until in self.until.items() if until > now)


class Roll:
    """One process's part in the roll. Whoever of its followers renews first renews for all of them."""

    def __init__(self, redis: Any, member: str) -> None:
        self._redis = redis
        self.member = member
        self._holdings: dict[str, Holding] = {}
        self._one_at_a_time = asyncio.Lock()
        self._left_unheard = False
        self._script = redis.register_script(files("bot.log").joinpath("roll.lua").read_text())
        self._give = redis.register_script(_GIVE)

    def holding(self, follower: str) -> Holding:
        """This follower's own; the first time it is put on the roll at the next renewal."""
        return self._holdings.setdefault(follower, Holding())

    async def renew(self, follower: str, *, now: bool = False) -> None:
        """Renews everybody's, unless this follower's was renewed a moment ago, by another's call."""
        mine = self.holding(follower)
        async with self._one_at_a_time:
            if now or time.monotonic() - mine.asked > _FRESH_S or mine.wanted != mine.until.keys():
                await self._renew()

    async def give(self, follower: str, partitions: Collection[int]) -> None:
        """Lets go of these."""
        async with self._one_at_a_time:
            mine = self.holding(follower)
            for partition in partitions:
                mine.until.pop(partition, None)
            names = [keys.lease(partition, follower) for partition in partitions]
            if not names or self._left_unheard:
                return
            await self._give(keys=[keys.ROLL, keys.LEASES], args=[self.member, "0", *names])

    async def sign_off(self, follower: str) -> None:
        """From now on this follower has no share here; what it holds is renewed while it is wanted."""
        mine = self.holding(follower)
        signed, mine.signs = mine.signs, False
        async with self._one_at_a_time:
            # One that is told in vain tells for all: each would wait for seconds, and leases run out by themselves.
            if not signed or self._left_unheard:
                return
            try:
                await self._redis.hdel(keys.ROLL, f"{follower}|{self.member}")
            except RedisError:
                self._left_unheard = True
                raise

    def forget(self, follower: str) -> None:
        """Nothing of it is renewed any more."""
        self._holdings.pop(follower, None)

    async def _renew(self) -> None:
        asked = time.monotonic()
        before = {follower: holding.wanted for follower, holding in self._holdings.items()}
        row: list[Any] = [self.member, LEASE_MS]
        for follower, wanted in before.items():
            named = "".join(f"{partition}," for partition in sorted(wanted))
            row += [follower, int(self._holdings[follower].signs), named]
        living, ours = await self._script(keys=[keys.ROLL, keys.LEASES], args=row)
        self._left_unheard = False
        members = [name.decode().split("|", 1) for name in living]
        dead = {member for member in {member for _, member in members} if is_known_dead(member)}
        for member in dead:
            # It can't write any more, so nobody need wait for its leases.
            await self._give(keys=[keys.ROLL, keys.LEASES], args=[member, "1"])
        held = {name.decode() for name in ours}
        until = asked + LEASE_MS / 1000 * _MARGIN
        for follower, wanted in before.items():
            if follower not in self._holdings:
                continue
            holding = self._holdings[follower]
            holding.asked = asked
            holding.members = tuple(
                sorted(member for name, member in members if name == follower and member not in dead)
            )
            still = wanted & holding.wanted  # what was given back meanwhile is ours no more
            holding.until = {p: until for p in still if keys.lease(p, follower) in held}
