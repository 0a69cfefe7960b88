"""The desk's board: summaries, the line, presence. Derived from the log and rebuilt from it at any time."""

import asyncio
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.errors import LogUnavailableError

logger = structlog.get_logger(__name__)

_TAG = "xiaoer:{desk}"
_PARTS = ("summaries", "seqs", "line", "recent", "owned", "changes")


class Presence(msgspec.Struct, frozen=True):
    """An agent's own word for what he is doing, and when his console was last connected (ms)."""

    presence: str = "offline"
    seen: int = 0


class Board:
    """Raises LogUnavailableError when Redis does not answer."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._put = redis.register_script(files("bot.log").joinpath("board.lua").read_text())

    async def put(  # noqa: PLR0913 - one row of the board
        self, conversation: str, seq: int, summary: bytes, *, score: float | None, owner: str, updated: int
    ) -> None:
        """Shows `summary`; in the line at `score` (lowest first) when there is one. Older seqs are ignored."""
        await self._guarded(
            self._put(
                keys=[f"{_TAG}:{part}" for part in _PARTS],
                args=[conversation, seq, summary, "" if score is None else score, owner, updated],
            )
        )

    async def summaries(self, conversations: list[str]) -> list[bytes]:
        """The summaries that the board has of these, in their order."""
        if not conversations:
            return []
        found = await self._guarded(self._redis.hmget(f"{_TAG}:summaries", conversations))
        return [summary for summary in found if summary]

    async def line(self) -> list[str]:
        """Waiting conversations, the next one first."""
        return _names(await self._guarded(self._redis.zrange(f"{_TAG}:line", 0, -1)))

    async def position(self, conversation: str) -> int | None:
        """1 for the next one in line; None when it does not wait."""
        rank = await self._guarded(self._redis.zrank(f"{_TAG}:line", conversation))
        return None if rank is None else int(rank) + 1

    async def owned(self) -> dict[str, str]:
        """Conversations that an agent has, and which agent."""
        owned = await self._guarded(self._redis.hgetall(f"{_TAG}:owned"))
        return {name.decode(): agent.decode() for name, agent in owned.items()}

    async def recent(self, before: float | None = None, limit: int = 50) -> list[tuple[str, float]]:
        """Conversations by when they last changed, newest first, with that time (ms)."""
        top = "+inf" if before is None else f"({before}"
        rows = await self._guarded(
            self._redis.zrevrangebyscore(f"{_TAG}:recent", top, "-inf", start=0, num=limit, withscores=True)
        )
        return [(name.decode(), float(score)) for name, score in rows]

    async def count(self) -> int:
        return int(await self._guarded(self._redis.zcard(f"{_TAG}:recent")))

    async def set_presence(self, agent: str, presence: Presence) -> None:
        await self._guarded(self._redis.hset(f"{_TAG}:agents", agent, msgspec.json.encode(presence)))
        await self.announce(f"agent:{agent}")

    async def touch(self, agent: str, now: int) -> None:
        """Notes that the agent's console is connected at `now` (ms), without a word to anybody."""
        known = (await self.presences()).get(agent, Presence("online"))
        seen = msgspec.json.encode(Presence(known.presence, now))
        await self._guarded(self._redis.hset(f"{_TAG}:agents", agent, seen))

    async def presences(self) -> dict[str, Presence]:
        rows = await self._guarded(self._redis.hgetall(f"{_TAG}:agents"))
        return {name.decode(): msgspec.json.decode(data, type=Presence) for name, data in rows.items()}

    async def announce(self, what: str) -> None:
        """Tells everybody who watches the board that `what` changed."""
        await self._guarded(self._redis.xadd(f"{_TAG}:changes", {"c": what}, maxlen=10000, approximate=True))

    async def watch(self, changed: Callable[[str], None]) -> None:
        """Calls `changed(conversation or "agent:<id>")` at every change of the board until cancelled."""
        last: bytes = b""
        while True:
            try:
                if not last:
                    newest = await self._redis.xrevrange(f"{_TAG}:changes", count=1)
                    last = newest[0][0] if newest else b"0-0"
                answer = await self._redis.xread({f"{_TAG}:changes": last}, count=500, block=1000)
            except RedisError as error:
                logger.warning("board_unreadable", error=str(error))
                await asyncio.sleep(0.3)
                continue
            for entry, fields in answer[0][1] if answer else []:
                last = entry
                changed(fields[b"c"].decode())

    async def _guarded(self, asked: Any) -> Any:
        try:
            return await asked
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error


def _names(rows: list[bytes]) -> list[str]:
    return [name.decode() for name in rows]
