"""Reading one partition's feed: a conversation's news in order, and none twice at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.log import keys
from bot.log.away import redis_away
from bot.log.cursors import Cursors, Entry, Place, Takeover, entry_of
from bot.log.heard import Heard
from bot.log.mailboxes import Done, Mailboxes
from bot.log.suspects import RESTS_S, TRUSTED_FALLS, Suspects
from bot.log.tail import Row, Tail

logger = structlog.get_logger(__name__)

_BATCH = 200
_AHEAD = 1000
# Those who fell had fewer in hand; with more left behind than this, the rest is news like any other.
_WARY = 1000
_AGAIN_S = 0.3
# A Redis that took another's place may count its entries from a little earlier on.
_BACK_MS = 10_000

Serve = Callable[[str, str, int], Awaitable[bool]]
"""Called with feed, conversation and its last seq."""


class Hands(msgspec.Struct, frozen=True):
    """Who does what is read: `serve` it (False: to be tried again), or `bury` what felled a process (True: the same)."""

    serve: Serve
    bury: Serve


class Feeds:
    """What the followers of one process share: one reading of the feeds, one saving of how far they are."""

    def __init__(
        self,
        redis: Any,
        heard: Heard | None = None,
        lull_s: float = 0.0,
        rests_s: Sequence[float] = RESTS_S,
    ) -> None:
        self.redis = redis
        self.tail = Tail(redis, heard, lull_s)
        self.cursors = Cursors(redis)
        self.suspects = Suspects(redis, rests_s)


class Reader:
    """Reads from its making on. What it could not do is the next one's, who reads from the saved cursor."""

    def __init__(self, feeds: Feeds, place: Place, hands: Hands) -> None:
        self._feeds = feeds
        self._place = place
        self._feed = keys.feed(place.partition)
        self._hands = hands
        self._wary = False
        self._taken: Entry = (0, 0)
        self._told_of: Entry = (0, 0)
        self._rows: deque[Row] = deque()
        self._behind = True
        self._told = asyncio.Event()
        self._news = asyncio.create_task(asyncio.sleep(0))
        self._resting: dict[str, asyncio.Task[None]] = {}
        self._group = asyncio.TaskGroup()
        self._task = asyncio.create_task(self._run())
        self._leaving = False

    @property
    def ended(self) -> bool:
        return self._task.done()

    def leave_off(self) -> None:
        """Reads no more news, and ends once those in hand are done."""
        self._leaving = True
        self._news.cancel()

    async def end(self) -> None:
        """Ends it now."""
        self._task.cancel()
        await asyncio.wait({self._task, self._news})
        left = not self._task.cancelled() and self._task.exception() is None
        if not left and not self._task.cancelled():
            logger.warning(
                "reader_starts_again", follower=self._place.follower, exc_info=self._task.exception()
            )
        with suppress(RedisError):  # then a little is done again
            if left:
                await self._feeds.cursors.release(self._place)
            else:
                await self._feeds.cursors.save(self._place.partition)

    async def _run(self) -> None:
        async with self._group as group:
            if self._leaving:
                return
            done = Done(self._feeds.cursors, self._place)
            boxes = Mailboxes(lambda name, last: self._handle(boxes, name, last), group, done)
            self._news = asyncio.create_task(self._read(boxes))
            try:
                await asyncio.wait({self._news})
            finally:
                self._news.cancel()
                for resting in self._resting.values():
                    resting.cancel()
            if not self._news.cancelled():
                self._news.result()

    async def _read(self, boxes: Mailboxes) -> None:
        place = self._place
        await self._take_over(boxes)
        leave = self._feeds.tail.want(place.partition, self._hear, self._step_back)
        try:
            while True:
                self._told.clear()
                rows = await self._next()
                for entry, fields in rows:
                    await boxes.put(entry, fields)
                if not rows and not self._behind and not self._rows:
                    await self._told.wait()
        finally:
            leave()

    async def _take_over(self, boxes: Mailboxes) -> None:
        """Claims the partition; where processes fell one after the other, goes over what was in hand with care."""
        taken = await self._claim()
        self._taken = taken.entry
        suspects = self._feeds.suspects
        suspects.learn(self._place, taken)
        if taken.felled_by is not None:
            conversation, last = taken.felled_by
            again = await self._hands.bury(self._feed, conversation, last)
            await suspects.bury(self._place, conversation, last, again=again)
        for conversation in suspects.resting(self._place):
            self._rest(boxes, conversation)
        if taken.fell <= TRUSTED_FALLS:
            return
        since, upto = (f"{ms}-{count}" for ms, count in (taken.entry, taken.upto))
        rows = await self._feeds.redis.xrange(self._feed, min=f"({since}", max=upto, count=_WARY)
        logger.warning(
            "processes_fell_here", follower=self._place.follower, times=taken.fell, suspects=len(rows)
        )
        self._wary = True
        for name, fields in rows:
            await boxes.put(entry_of(name), fields)
            self._taken = entry_of(name)
        await boxes.empty()
        self._wary = False
        await self._feeds.cursors.save(self._place.partition)

    async def _claim(self) -> Takeover:
        while True:
            try:
                return await self._feeds.cursors.claim(self._place)
            except RedisError as error:
                redis_away.say(self._place.follower, error)
                await asyncio.sleep(_AGAIN_S)

    async def _handle(self, boxes: Mailboxes, conversation: str, last: int) -> None:
        suspects, place = self._feeds.suspects, self._place
        if suspects.buried(place, conversation, last):
            return
        serve = partial(self._hands.serve, self._feed, conversation, last)
        if self._wary or suspects.suspected(place, conversation):
            well = await suspects.alone(place, conversation, last, serve)
        else:
            well = await serve()
        if not well:
            await suspects.bury(place, conversation, last, again=True)
            self._rest(boxes, conversation)

    def _rest(self, boxes: Mailboxes, conversation: str) -> None:
        """Tries again what was given up, after a rest."""

        async def resting() -> None:
            last = await self._feeds.suspects.rest(self._place, conversation)
            del self._resting[conversation]
            if last:
                await boxes.put_again(conversation, last)

        if self._leaving:
            return
        if conversation in self._resting:
            self._resting[conversation].cancel()
        self._resting[conversation] = self._group.create_task(resting())

    async def _next(self) -> list[Row]:
        """What the tail told, or, when that does not follow on what we have, what the feed has."""
        if self._rows:
            rows = list(self._rows)
            self._rows.clear()
            return rows
        if not self._behind:
            return []
        told = self._told_of
        try:
            since = f"({self._taken[0]}-{self._taken[1]}"
            found = await self._feeds.redis.xrange(self._feed, min=since, count=_BATCH)
        except RedisError as error:
            redis_away.say(self._place.follower, error)
            await asyncio.sleep(_AGAIN_S)
            return []
        rows = [(entry_of(entry), fields) for entry, fields in found]
        if rows:
            self._taken = rows[-1][0]
        if len(rows) < _BATCH:
            self._taken = max(self._taken, told)  # all that was told of by then would have been there
            self._behind = self._told_of > self._taken
        return rows

    def _hear(self, since: Entry, rows: Sequence[Row]) -> None:
        self._told_of = rows[-1][0] if rows else since
        if self._behind or since > self._taken or len(self._rows) > _AHEAD:
            self._behind = self._behind or self._told_of > self._taken
        else:
            fresh = [row for row in rows if row[0] > self._taken]
            if fresh:
                self._rows += fresh
                self._taken = fresh[-1][0]
        self._told.set()

    def _step_back(self) -> None:
        self._rows.clear()
        self._taken = (max(self._taken[0] - _BACK_MS, 0), 0)
        self._told_of = (0, 0)
        self._behind = True
        self._told.set()
