"""How much was changed for a customer in the last 24 hours, in whichever conversation he asked for it."""

from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.errors import LogUnavailableError
from bot.log import keys

DAY_S = 24 * 3600

# By Redis' own clock, so that processes need not agree on the time. A change has its place from the moment it is
# begun: of two that are begun at once in two conversations, exactly one is the last that a limit allows.
_BEGIN = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2] * 1000000))
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last and tonumber(last) >= now then
  now = tonumber(last) + 1  -- two of the same moment have places of their own
end
local new = redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', now), ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {new, redis.call('ZRANK', KEYS[1], ARGV[1])}
"""


class Begun(msgspec.Struct, frozen=True):
    """`before`: the customer's other changes of the last 24 hours; `new`: this one was not counted yet."""

    before: int
    new: bool


class Changes:
    """The count by customer, on Redis: every process adds to the same one, and none of them has to live on.

    Raises LogUnavailableError when Redis does not answer.
    """

    def __init__(self, redis: Any, partitions: int) -> None:
        self._redis = redis
        self._partitions = partitions
        self._begin = redis.register_script(_BEGIN)

    async def begin(self, customer: str, key: str) -> Begun:
        """Counts the change that is to be done under `key`, once however often it is begun."""
        try:
            new, before = await self._begin(keys=[self._key(customer)], args=[key, DAY_S])
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        return Begun(int(before), bool(new))

    async def take_back(self, customer: str, key: str) -> None:
        """Nothing came of it: it does not count."""
        try:
            await self._redis.zrem(self._key(customer), key)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error

    def _key(self, customer: str) -> str:
        return keys.changes(keys.partition_of(customer, self._partitions), customer)
