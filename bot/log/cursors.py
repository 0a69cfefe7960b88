"""How far each follower has done in each feed, saved now and then; who has lost the partition saves no more."""

import asyncio
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.log import keys
from bot.log.away import redis_away

Entry = tuple[int, int]
"""An entry's place in its feed: ms and count."""
_SAVED_S = 0.5

# KEYS: cursors, falls, feed   ARGV: follower, member
# Notes who goes on. Returns {how far the one before came, follower's fields of falls and their values in turn}.
# One who went without a word, and had something left to do, has fallen: `times|up to where the feed went then`.
_CLAIM = """
local was = redis.call('HGET', KEYS[1], ARGV[1])
local entry, before = '0-0', ''
if was then entry, before = string.match(was, '^([^|]*)|(.*)$') end
redis.call('HSET', KEYS[1], ARGV[1], entry .. '|' .. ARGV[2])
local last = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
local hand = redis.call('HGET', KEYS[2], ARGV[1] .. '|hand')
if hand and string.match(hand, '^[^|]*') == ARGV[2] then
  redis.call('HDEL', KEYS[2], ARGV[1] .. '|hand')  -- Redis was away, the process was not
end
if before ~= '' and before ~= ARGV[2] and #last > 0 and last[1][1] ~= entry then
  local fell = redis.call('HGET', KEYS[2], ARGV[1])
  local times = fell and tonumber(string.match(fell, '^(%d+)|')) or 0
  redis.call('HSET', KEYS[2], ARGV[1], times + 1 .. '|' .. last[1][1])
end
local found, rows = {entry}, redis.call('HGETALL', KEYS[2])
for i = 1, #rows, 2 do
  if rows[i] == ARGV[1] or string.sub(rows[i], 1, #ARGV[1] + 1) == ARGV[1] .. '|' then
    found[#found + 1] = rows[i]
    found[#found + 1] = rows[i + 1]
  end
end
return found
"""
# KEYS: cursors   ARGV: then follower, entry, member in turn. Only who claimed last may move the cursor.
_SAVE = """
local names, moved = {}, {}
for i = 1, #ARGV, 3 do names[#names + 1] = ARGV[i] end
local was = redis.call('HMGET', KEYS[1], unpack(names))
for i = 1, #names do
  local entry, member = ARGV[3 * i - 1], ARGV[3 * i]
  if was[i] and string.match(was[i], '^[^|]*|(.*)$') == member then
    moved[#moved + 1] = names[i]
    moved[#moved + 1] = entry .. '|' .. member
  end
end
if #moved > 0 then redis.call('HSET', KEYS[1], unpack(moved)) end
return #moved / 2
"""
# KEYS: cursors   ARGV: follower, member
_RELEASE = """
local was = redis.call('HGET', KEYS[1], ARGV[1])
if was then
  local entry, member = string.match(was, '^([^|]*)|(.*)$')
  if member == ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], entry .. '|') end
end
return 1
"""


class Place(msgspec.Struct, frozen=True):
    """Whose reading of which partition this is."""

    follower: str
    member: str
    partition: int


class Buried(msgspec.Struct, frozen=True):
    """What was given up to `last`, for the `times`-th time (0: for good); `rested` when it is tried again now."""

    last: int
    times: int = 0
    rested: bool = False


class Takeover(msgspec.Struct, frozen=True):
    """Where to go on, and what is known of those before who died there.

    `fell` times in a row was the partition left without a word before all up to `upto` was done.
    `felled_by` (conversation, its last seq) was handled alone when the last of them died; `buried` are those
    that were given up earlier.
    """

    entry: Entry
    fell: int = 0
    upto: Entry = (0, 0)
    felled_by: tuple[str, int] | None = None
    buried: dict[str, Buried] = {}


class Cursors:
    """One process's cursors. After a crash the heir does again what was done since the last saving.

    That may be half a second's worth, so whatever follows must find by itself that it is done already.
    """

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._claim = redis.register_script(_CLAIM)
        self._save = redis.register_script(_SAVE)
        self._release = redis.register_script(_RELEASE)
        self._moved: dict[int, dict[str, tuple[Entry, str]]] = {}
        self._fallen: dict[tuple[int, str], Entry] = {}
        self._saving: asyncio.Task[None] | None = None

    async def claim(self, place: Place) -> Takeover:
        """How far the follower has done in the partition; from now on the member alone says how far."""
        where = [keys.cursors(place.partition), keys.falls(place.partition), keys.feed(place.partition)]
        entry, *rows = await self._claim(keys=where, args=[place.follower, place.member])
        taken = _takeover(place.follower, entry, rows)
        if taken.fell:
            self._fallen[place.partition, place.follower] = taken.upto
        return taken

    def move(self, place: Place, entry: Entry) -> None:
        """Everything up to `entry` is done; saved within half a second."""
        self._moved.setdefault(place.partition, {})[place.follower] = (entry, place.member)
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_soon())

    async def save(self, partition: int) -> None:
        """Saves what is not saved yet. Raises RedisError; then it is saved another time, or done again."""
        moved = self._moved.pop(partition, {})
        row: list[str] = []
        for follower, (entry, member) in moved.items():
            row += [follower, f"{entry[0]}-{entry[1]}", member]
        if not row:
            return
        try:
            await self._save(keys=[keys.cursors(partition)], args=row)
            for follower, (entry, _) in moved.items():
                upto = self._fallen.get((partition, follower))
                if upto is not None and entry >= upto:
                    await self._redis.hdel(keys.falls(partition), follower)
                    del self._fallen[partition, follower]
        except RedisError:
            self._moved[partition] = moved | self._moved.get(partition, {})
            raise

    async def release(self, place: Place) -> None:
        """The partition is left with nothing in hand, so that who comes next need suspect nothing."""
        await self.save(place.partition)
        await self._release(keys=[keys.cursors(place.partition)], args=[place.follower, place.member])

    async def _save_soon(self) -> None:
        await asyncio.sleep(_SAVED_S)
        try:
            await asyncio.gather(*map(self.save, list(self._moved)))  # one way there for all
        except RedisError as error:
            redis_away.say("cursors", error)


def _takeover(follower: str, entry: bytes, rows: list[bytes]) -> Takeover:
    found = {key.decode(): value.decode() for key, value in zip(rows[::2], rows[1::2], strict=True)}
    times, _, upto = found.pop(follower, "0|0-0").partition("|")
    hand = found.pop(f"{follower}|hand", "").split("|", 2)
    buried = f"{follower}|buried|"
    return Takeover(
        entry_of(entry),
        int(times),
        entry_of(upto.encode()),
        (hand[2], int(hand[1])) if len(hand) == 3 else None,
        {key.removeprefix(buried): _buried(told) for key, told in found.items() if key.startswith(buried)},
    )


def _buried(told: str) -> Buried:
    last, _, times = told.partition("|")
    return Buried(int(last), int(times or 0))


def entry_of(name: bytes) -> Entry:
    ms, count = name.split(b"-")
    return int(ms), int(count)
