"""The desk's board: summaries, the line, presence. Derived from the log and rebuilt from it at any time."""

import asyncio
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.errors import LogUnavailableError
from bot.log.watching import Watching

_TAG = "xiaoer:{desk}"
_PARTS = ("summaries", "seqs", "line", "recent", "owned", "changes")
_CLAIMS_KEPT = 300
_PUT_AT_ONCE = 100


class Presence(msgspec.Struct, frozen=True):
    """An agent's own word for what he is doing, and when his console was last connected (ms, 0 for never)."""

    presence: str = "offline"
    seen: int = 0


class Look(msgspec.Struct, frozen=True):
    """An agent called `name` has `conversation` before him; `at` is when he last said so (ms)."""

    conversation: str
    name: str
    at: int


class Claim(msgspec.Struct, frozen=True, order=True):
    """When a waiting customer was fetched from the line, and since when he had waited (ms)."""

    at: int
    since: int


class Board:
    """Raises LogUnavailableError when Redis does not answer."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._script = redis.register_script(files("bot.log").joinpath("board.lua").read_text())
        self._rows: dict[str, tuple[Any, ...]] = {}
        self._putting: asyncio.Task[None] | None = None
        self._watching = Watching(redis, f"{_TAG}:changes")

    async def put(  # noqa: PLR0913 - one row of the board
        self, conversation: str, seq: int, summary: bytes, *, score: float | None, owner: str, updated: int
    ) -> None:
        """Shows `summary`; in the line at `score` (lowest first) when there is one. Older seqs are ignored.

        What is put in one turn of the loop goes there together.
        """
        row = (conversation, seq, summary, "" if score is None else score, owner, updated)
        if not self._rows:
            self._putting = asyncio.create_task(self._put())
            # Its error is told to whoever waits, if anybody still does.
            self._putting.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._rows[conversation] = max(row, self._rows.get(conversation, row), key=_seq)
        assert self._putting is not None
        await self._guarded(asyncio.shield(self._putting))

    async def _put(self) -> None:
        rows, self._rows = [*self._rows.values()], {}
        for start in range(0, len(rows), _PUT_AT_ONCE):
            args = [word for row in rows[start : start + _PUT_AT_ONCE] for word in row]
            await self._script(keys=[f"{_TAG}:{part}" for part in _PARTS], args=args)

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
        """Conversations by when they last changed, newest first, with that time (ms).

        All that changed in the same millisecond as the last one come with it, beyond `limit`: the next page
        begins before that time.
        """
        key, top = f"{_TAG}:recent", "+inf" if before is None else f"({before}"
        rows = await self._guarded(
            self._redis.zrevrangebyscore(key, top, "-inf", start=0, num=limit, withscores=True)
        )
        if len(rows) == limit:
            last = rows[-1][1]
            tied = await self._guarded(self._redis.zrevrangebyscore(key, last, last, withscores=True))
            rows = [row for row in rows if row[1] != last] + tied
        return [(name.decode(), float(score)) for name, score in rows]

    async def forget(self, conversation: str) -> None:
        """Takes a conversation that left Redis off the board."""
        await self._guarded(self._redis.hdel(f"{_TAG}:summaries", conversation))
        await self._guarded(self._redis.hdel(f"{_TAG}:seqs", conversation))
        await self._guarded(self._redis.zrem(f"{_TAG}:recent", conversation))

    async def count(self) -> int:
        return int(await self._guarded(self._redis.zcard(f"{_TAG}:recent")))

    async def set_presence(self, agent: str, presence: str) -> None:
        """Shows the agent's own word (`online`, `busy`, `break`, `offline`) to everybody."""
        await self._guarded(self._redis.hset(f"{_TAG}:presence", agent, presence))
        await self.announce(f"agent:{agent}")

    async def touch(self, agent: str, now: int) -> None:
        """Notes that the agent's console is connected at `now` (ms), without a word to anybody."""
        await self._guarded(self._redis.hset(f"{_TAG}:seen", agent, now))

    async def presences(self) -> dict[str, Presence]:
        said = await self._guarded(self._redis.hgetall(f"{_TAG}:presence"))
        seen = await self._guarded(self._redis.hgetall(f"{_TAG}:seen"))
        return {
            name.decode(): Presence(said.get(name, b"online").decode(), int(seen.get(name, 0)))
            for name in said.keys() | seen.keys()
        }

    async def look(self, agent: str, look: Look | None) -> None:
        """Shows what the agent has before him; None for nothing any more."""
        key = f"{_TAG}:looking"
        if look is None:
            await self._guarded(self._redis.hdel(key, agent))
        else:
            await self._guarded(self._redis.hset(key, agent, msgspec.json.encode(look)))

    async def looking(self, conversation: str, since: int) -> dict[str, str]:
        """Who has this conversation before him and said so since then (ms): names by agent."""
        rows = await self._guarded(self._redis.hgetall(f"{_TAG}:looking"))
        looks = {agent.decode(): msgspec.json.decode(row, type=Look) for agent, row in rows.items()}
        return {
            agent: look.name
            for agent, look in looks.items()
            if look.conversation == conversation and look.at >= since
        }

    async def note_claim(self, conversation: str, claim: Claim) -> None:
        """Keeps how long a customer waited; the newest few hundred are kept, each once."""
        key = f"{_TAG}:claims"
        await self._guarded(self._redis.zadd(key, {f"{claim.at}:{claim.since}:{conversation}": claim.at}))
        await self._guarded(self._redis.zremrangebyrank(key, 0, -_CLAIMS_KEPT - 1))

    async def claims(self, after: int) -> list[Claim]:
        """Claims since `after` (ms), oldest first."""
        rows = await self._guarded(self._redis.zrangebyscore(f"{_TAG}:claims", after, "+inf"))
        parts = [row.decode().split(":", 2) for row in rows]
        return [Claim(int(at), int(since)) for at, since, _ in parts]

    async def is_built(self) -> bool:
        """False when Redis lost the board, or never had one: it must be built from the log."""
        return bool(await self._guarded(self._redis.exists(f"{_TAG}:built")))

    async def mark_built(self) -> None:
        await self._guarded(self._redis.set(f"{_TAG}:built", 1))

    async def clear(self) -> None:
        """Throws away all that was derived from the log; presence stays."""
        parts = [*(part for part in _PARTS if part != "changes"), "claims", "built"]
        await self._guarded(self._redis.delete(*(f"{_TAG}:{part}" for part in parts)))

    async def announce(self, what: str) -> None:
        """Tells everybody who watches the board that `what` changed."""
        await self._guarded(self._redis.xadd(f"{_TAG}:changes", {"c": what}, maxlen=10000, approximate=True))

    async def watch(self, changed: Callable[[str], None]) -> None:
        """Calls `changed(conversation or "agent:<id>")` at every change of the board until cancelled."""
        await self._watching.watch(changed)

    async def _guarded(self, asked: Any) -> Any:
        try:
            return await asked
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error


def _names(rows: list[bytes]) -> list[str]:
    return [name.decode() for name in rows]


def _seq(row: tuple[Any, ...]) -> int:
    return int(row[1])
