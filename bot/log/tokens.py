"""Access tokens of the platforms: fetched once for everybody, kept until shortly before they end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.errors import LogUnavailableError

logger = structlog.get_logger(__name__)

Fetch = Callable[[], Awaitable[tuple[str, int]]]

_FETCHING_MS = 10_000
_LOOK_AGAIN_S = 0.1
_GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class _Kept(msgspec.Struct):
    token: str
    until: float


_decode = msgspec.json.Decoder(_Kept).decode


class Tokens:
    """Raises LogUnavailableError when Redis does not answer; what `fetch` raises passes through."""

    def __init__(self, redis: Any, *, margin_s: float = 120) -> None:
        self._redis = redis
        self._margin_s = margin_s
        self._give_back = redis.register_script(_GIVE_BACK)

    async def get(self, name: str, fetch: Fetch, *, margin_s: float | None = None) -> str:
        """The token called `name`; when none is kept, one caller of all processes gets it by `fetch`.

        `fetch` returns the token and for how many seconds it is valid. A token that ends within `margin_s`
        is not given out any more (but never more than half of its life is thrown away).
        """
        key, lock = _keys(name)
        margin = self._margin_s if margin_s is None else margin_s
        mine = f"{time.monotonic_ns()}:{id(fetch)}"
        try:
            while True:
                if token := await self._kept(key):
                    return token
                if await self._redis.set(lock, mine, nx=True, px=_FETCHING_MS):
                    break
                await asyncio.sleep(_LOOK_AGAIN_S)
            try:
                # Another may have fetched one between our look and the lock that he gave back.
                if token := await self._kept(key):
                    return token
                token, lasts_s = await fetch()
                lasts = max(lasts_s - margin, lasts_s / 2)
                kept = msgspec.json.encode(_Kept(token, time.time() + lasts))
                await self._redis.set(key, kept, px=max(int(lasts * 1000), 1))
            finally:
                await self._give_back(keys=[lock], args=[mine])
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        logger.info("token_fetched", channel=name.partition(":")[0], lasts_s=lasts_s)
        return token

    async def _kept(self, key: str) -> str:
        kept = await self._redis.get(key)
        found = _decode(kept) if kept else None
        return found.token if found and found.until > time.time() else ""

    async def spoil(self, name: str, token: str) -> None:
        """Forgets the token that the platform refused, unless somebody has a newer one already."""
        key, _ = _keys(name)
        try:
            kept = await self._redis.get(key)
            if kept and _decode(kept).token == token:
                await self._give_back(keys=[key], args=[kept])
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error


def _keys(name: str) -> tuple[str, str]:
    return f"xiaoer:{{channels}}:token:{name}", f"xiaoer:{{channels}}:token:{name}:lock"
