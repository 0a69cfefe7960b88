"""How far each follower has done in each feed, saved now and then; who has lost the partition saves no more."""

import asyncio
from typing import Any

from redis.exceptions import RedisError

from bot.log import keys
from bot.log.away import redis_away

Entry = tuple[int, int]
"""An entry's place in its feed: ms and count."""
_SAVED_S = 0.5

# KEYS: cursors   ARGV: follower, member. Returns how far the one before came, and notes who goes on.
_CLAIM = """
local was = redis.call('HGET', KEYS[1], ARGV[1])
local entry = was and string.match(was, '^([^|]*)|') or '0-0'
redis.call('HSET', KEYS[1], ARGV[1], entry .. '|' .. ARGV[2])
return entry
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


class Cursors:
    """One process's cursors. After a crash the heir does again what was done since the last saving.

    That may be half a second's worth, so whatever follows must find by itself that it is done already.
    """

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._claim = redis.register_script(_CLAIM)
        self._save = redis.register_script(_SAVE)
        self._moved: dict[int, dict[str, tuple[Entry, str]]] = {}
        self._saving: asyncio.Task[None] | None = None

    async def claim(self, partition: int, follower: str, member: str) -> Entry:
        """How far `follower` has done in the partition; from now on `member` alone says how far."""
        return entry_of(await self._claim(keys=[keys.cursors(partition)], args=[follower, member]))

    def move(self, partition: int, follower: str, member: str, entry: Entry) -> None:
        """Everything up to `entry` is done; saved within half a second."""
        self._moved.setdefault(partition, {})[follower] = (entry, member)
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
        except RedisError:
            self._moved[partition] = moved | self._moved.get(partition, {})
            raise

    async def _save_soon(self) -> None:
        await asyncio.sleep(_SAVED_S)
        try:
            for partition in list(self._moved):
                await self.save(partition)
        except RedisError as error:
            redis_away.say("cursors", error)


def entry_of(name: bytes) -> Entry:
    ms, count = name.split(b"-")
    return int(ms), int(count)
