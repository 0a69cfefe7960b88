"""What must be fetched from a platform: how far we are in it, and that somebody should look. In Redis."""

from typing import Any

from redis.exceptions import RedisError

from bot.errors import LogUnavailableError

_TAG = "xiaoer:{channels}:pull"


class Pulls:
    """One kind of fetching, from several sources. Raises LogUnavailableError when Redis does not answer."""

    def __init__(self, redis: Any, kind: str) -> None:
        self._redis = redis
        self._key = f"{_TAG}:{kind}"

    async def wake(self, source: str, token: str, lasts_s: int) -> None:
        """Asks for a look at `source`; `token` goes with it, for so long."""
        await self._guarded(self._redis.sadd(f"{self._key}:woken", source))
        await self._guarded(self._redis.set(f"{self._key}:token:{source}", token, ex=lasts_s))

    async def woken(self) -> set[str]:
        """The sources that somebody asked to look at since; asking again after this counts again."""
        found: set[str] = set()
        while (name := await self._guarded(self._redis.spop(f"{self._key}:woken"))) and len(found) < 100:
            found.add(name.decode())
        return found

    async def token(self, source: str) -> str:
        """The newest token that came with a call, "" when it is too old."""
        kept = await self._guarded(self._redis.get(f"{self._key}:token:{source}"))
        return kept.decode() if kept else ""

    async def cursor(self, source: str) -> str:
        kept = await self._guarded(self._redis.hget(f"{self._key}:cursors", source))
        return kept.decode() if kept else ""

    async def set_cursor(self, source: str, cursor: str) -> None:
        """Everything before `cursor` stands in the log."""
        await self._guarded(self._redis.hset(f"{self._key}:cursors", source, cursor))

    async def sources(self) -> set[str]:
        """All that were ever looked at."""
        return {name.decode() for name in await self._guarded(self._redis.hkeys(f"{self._key}:cursors"))}

    async def first_in(self, what: str, seconds: int) -> bool:
        """True once in so many seconds for each `what`."""
        done = self._redis.set(f"{self._key}:once:{what}", 1, nx=True, ex=seconds)
        return bool(await self._guarded(done))

    async def _guarded(self, asked: Any) -> Any:
        try:
            return await asked
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
