"""The conversation log: the only thing that is written."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Sequence
from importlib.resources import files
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.conversation.commands import Command
from bot.conversation.events import Draft, Event, decode_event, encode_event
from bot.conversation.rules import decide
from bot.conversation.state import State, fold
from bot.errors import LogUnavailableError, LostRaceError, XiaoerError
from bot.log import keys
from bot.log.copies import run_copied
from bot.log.heard import Heard
from bot.log.older import NOTHING, Older

_APPENDED, _SEEN = 0, 1
_RACES = 40
_PAGE = 1000
_CLOCK_FRESH_S = 10.0

_state_decoder = msgspec.json.Decoder(State)
_encode = msgspec.json.Encoder().encode


class Committed(msgspec.Struct, frozen=True):
    """What a command came to: the state, and its events in order. `repeated`: they stood in the log already."""

    state: State
    events: tuple[Event, ...]
    repeated: bool = False


class Log:
    """Events of every conversation, on Redis. Raises LogUnavailableError when Redis does not answer."""

    def __init__(self, redis: Any, partitions: int) -> None:
        self.redis = redis
        self.partitions = partitions
        self.older: Older = NOTHING
        self.heard = Heard()
        self._clock = _Clock()
        self._append = redis.register_script(files("bot.log").joinpath("append.lua").read_text())
        self._look = redis.register_script(files("bot.log").joinpath("look.lua").read_text())

    def partition_of(self, conversation: str) -> int:
        return keys.partition_of(conversation, self.partitions)

    async def commit(
        self,
        conversation: str,
        command: Command,
        *,
        memory: bytes = b"",
        key: str = "",
        known: State | None = None,
    ) -> Committed:
        """Decides `command` against the newest state and appends what follows, all or nothing.

        Returns after fsync. A command whose `key` (by default its own id) was seen before returns
        the stored event. Rules' errors pass through; LostRaceError when others were always faster.

        `known` is the state as the caller knows it. If it is the newest, that saves a question to Redis;
        what follows from an older one is never written.
        """
        key = key or getattr(command, "id", "")
        if known is not None and (done := await self._at_once(known, command, memory, key)) is not None:
            return done
        for attempt in range(_RACES):
            state, now, seen = await self._load(conversation, key)
            if seen:
                if getattr(self.redis, "copies", 0):
                    await self._write(conversation, [conversation, state.seq, key])
                return Committed(state, await self._repeat(conversation, seen), repeated=True)
            drafts = decide(state, command)
            if not drafts:
                return Committed(state, ())
            committed = await self._try(state, drafts, now, memory, key)
            if committed is not None:
                return committed
            await asyncio.sleep(random.uniform(0, 0.002 * (attempt + 1)))  # noqa: S311 - only spreads retries
        raise LostRaceError

    async def _at_once(self, known: State, command: Command, memory: bytes, key: str) -> Committed | None:
        """Appends what follows from `known` if nothing came since; None: it must be looked at."""
        now = self._clock.now()
        if now is None:
            return None
        try:
            drafts = decide(known, command)
        except XiaoerError:
            return None  # by now it may be allowed; and if it is not, the newest state says so
        if not drafts:
            return None
        return await self._try(known, drafts, now, memory, key)

    async def state(self, conversation: str) -> State:
        """The newest state; a conversation that nobody began has seq 0."""
        return (await self._load(conversation))[0]

    async def state_since(self, conversation: str, seq: int) -> State:
        """A state that has all up to `seq`, heard of a moment ago perhaps; the newest is asked for by `state`."""
        return self.heard.state(conversation, seq) or await self.state(conversation)

    async def events_until(self, conversation: str, after: int, until: int) -> list[Event]:
        """Events with seq > `after` up to `until`, oldest first."""
        found = self.heard.events(conversation, after, until)
        return await self.events(conversation, after, until - after) if found is None else found

    async def events(self, conversation: str, after: int = 0, limit: int = 500) -> list[Event]:
        """Events with seq > `after`, oldest first, at most `limit`; the oldest may come from the archive."""
        names = self._names(conversation)
        try:
            rows = await self.redis.xrange(names["events"], min=f"({after}-0", max="+", count=limit)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        found = [decode_event(fields[b"e"]) for _, fields in rows]
        if found and found[0].seq > after + 1:
            older = await self.older.events_after(conversation, after, min(limit, found[0].seq - 1 - after))
            found = [*older, *found] if older else found
        return found[:limit]

    async def last_events(self, conversation: str, before: int = 0, limit: int = 200) -> list[Event]:
        """The last events with seq < `before` (0: of all), oldest first."""
        names = self._names(conversation)
        end = f"({before}-0" if before else "+"
        try:
            rows = await self.redis.xrevrange(names["events"], max=end, min="-", count=limit)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        found = [decode_event(fields[b"e"]) for _, fields in reversed(rows)]
        first = found[0].seq if found else before
        if first > 1 and len(found) < limit:
            found = [*await self.older.events(conversation, first, limit - len(found)), *found]
        return found

    async def event(self, conversation: str, seq: int) -> Event | None:
        found = await self.events(conversation, after=seq - 1, limit=1)
        return found[0] if found and found[0].seq == seq else None

    async def memory(self, conversation: str) -> bytes:
        """What the brain last committed for this conversation; b"" when nothing."""
        try:
            return await self.redis.get(self._names(conversation)["memory"]) or b""
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error

    async def owed(self, before: int) -> list[str]:
        """Conversations whose oldest unanswered message was accepted before this time (ms)."""
        names = map(keys.owed, range(self.partitions))
        asked = (self.redis.zrangebyscore(name, 0, before, start=0, num=200) for name in names)
        try:
            late = await asyncio.gather(*asked)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        return [name.decode() for found in late for name in found]

    async def conversations(self) -> AsyncIterator[str]:
        """Every conversation that is in Redis, the longest unchanged first; one that begins meanwhile may be missing."""
        for partition in range(self.partitions):
            async for name, _ in self.quiet(partition, math.inf):
                yield name

    async def quiet(self, partition: int, until: float, since: float = 0) -> AsyncIterator[tuple[str, int]]:
        """A partition's conversations that last changed from `since` to `until` (ms), and when, oldest first."""
        # What changes meanwhile moves to the end, so that a walk by time passes nothing over.
        known: set[str] = set()
        while True:
            try:
                rows = await self.redis.zrangebyscore(
                    keys.living(partition), since, until, start=0, num=_PAGE + len(known), withscores=True
                )
            except RedisError as error:
                raise LogUnavailableError(str(error)) from error
            fresh = [(name.decode(), int(score)) for name, score in rows if name.decode() not in known]
            if not fresh:
                return
            for name, changed in fresh:
                yield name, changed
            newest = fresh[-1][1]
            same = {name for name, changed in fresh if changed == newest}
            known, since = (known | same if newest == since else same), newest

    async def now(self) -> int:
        """The log's clock, ms since 1970."""
        try:
            seconds, micros = await self.redis.time()
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        now = int(seconds) * 1000 + int(micros) // 1000
        self._clock.set(now)
        return now

    async def _load(self, conversation: str, key: str = "") -> tuple[State, int, int]:
        names = self._names(conversation)
        try:
            data, seconds, micros, seen = await self._look(keys=[names["state"], names["ids"]], args=[key])
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        state = _state_decoder.decode(data) if data else State(conversation)
        now = int(seconds) * 1000 + int(micros) // 1000
        self._clock.set(now)
        return state, now, int(seen or 0)

    async def _repeat(self, conversation: str, seq: int) -> tuple[Event, ...]:
        event = await self.event(conversation, seq)
        return (event,) if event else ()

    async def _try(
        self, state: State, drafts: Sequence[Draft], now: int, memory: bytes, key: str
    ) -> Committed | None:
        events = tuple(
            Event(state.seq + n, draft.id, draft.kind, draft.sender, max(now, state.updated), draft.body)
            for n, draft in enumerate(drafts, start=1)
        )
        after = state
        for event in events:
            after = fold(after, event)
        conversation = state.conversation
        pairs: list[bytes | str] = []
        for event in events:
            pairs += [event.id, encode_event(event)]
        outcome, seq = await self._write(
            conversation,
            [
                conversation,
                state.seq,
                key or drafts[0].id,
                _encode(after),
                memory,
                after.unanswered_since,
                after.updated,
                *pairs,
            ],
        )
        if outcome == _APPENDED:
            return Committed(after, events)
        if outcome != _SEEN:
            return None
        stored = await self._repeat(conversation, seq)
        if not key and not _is_ours(stored, drafts[0]):
            return None  # another's claim of this epoch, say: what ours comes to is decided anew
        return Committed(await self.state(conversation), stored, repeated=True)

    async def _write(self, conversation: str, row: list[Any]) -> tuple[int, int]:
        """Runs the append script; what it wrote then stands on disk, and on as many replicas as were asked."""
        names, partition = self._names(conversation), self.partition_of(conversation)
        parts = [names[part] for part in ("events", "state", "ids", "memory")]
        where = [*parts, keys.feed(partition), keys.owed(partition), keys.living(partition)]
        try:
            outcome, seq = await run_copied(self.redis, self._append, where, row)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        return int(outcome), int(seq)

    def _names(self, conversation: str) -> dict[str, str]:
        return keys.conversation(self.partition_of(conversation), conversation)


class _Clock:
    """Redis's clock, as it was told a moment ago and has run on since by our own."""

    def __init__(self) -> None:
        self._ahead_ms = 0.0
        self._told = -math.inf

    def set(self, now: int) -> None:
        self._told = time.monotonic()
        self._ahead_ms = now - self._told * 1000

    def now(self) -> int | None:
        """Ms since 1970; None when it was told too long ago to count on."""
        here = time.monotonic()
        return int(here * 1000 + self._ahead_ms) if here - self._told < _CLOCK_FRESH_S else None


def _is_ours(stored: tuple[Event, ...], draft: Draft) -> bool:
    """True when the stored event is this very draft: written by a call whose answer was lost."""
    return bool(stored) and (stored[0].sender, stored[0].body) == (draft.sender, draft.body)
