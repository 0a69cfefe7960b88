"""Signs of life of the processes, which `/healthz` and the status page read."""

from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.errors import LogUnavailableError
from bot.log.member import is_known_dead

_KEY = "xiaoer:{health}:parts"
FRESH_MS = 3000


class Sign(msgspec.Struct, frozen=True):
    """One process's word: ready or not, why not or what else is worth knowing, and when (ms)."""

    part: str
    ready: bool
    detail: str = ""
    ts: int = 0


class Health:
    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def say(self, member: str, sign: Sign) -> None:
        try:
            await self._redis.hset(_KEY, member, msgspec.json.encode(sign))
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error

    async def leave(self, member: str) -> None:
        try:
            await self._redis.hdel(_KEY, member)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error

    async def signs(self, now: int) -> dict[str, Sign]:
        """The fresh signs by member; those of the dead, known or by their silence, are cleared."""
        try:
            rows = await self._redis.hgetall(_KEY)
            signs = {name.decode(): msgspec.json.decode(data, type=Sign) for name, data in rows.items()}
            dead = [
                name for name, sign in signs.items() if abs(now - sign.ts) > FRESH_MS or is_known_dead(name)
            ]
            if dead:
                await self._redis.hdel(_KEY, *dead)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        return {name: sign for name, sign in signs.items() if name not in dead}
