"""Reading one partition's feed: a conversation's news in order, and none twice at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.log import keys
from bot.log.away import redis_away
from bot.log.cancelling import heed_cancel
from bot.log.cursors import Cursors, Entry, entry_of
from bot.log.heard import Heard
from bot.log.tail import Row, Tail

logger = structlog.get_logger(__name__)

_BATCH = 200
_AT_ONCE = 64
_AHEAD = 1000
_AGAIN_S = 0.3
# A Redis that took another's place may count its entries from a little earlier on.
_BACK_MS = 10_000

Serve = Callable[[str, str, int], Awaitable[None]]
"""Called with feed, conversation and its last seq."""


class Feeds:
    """What the followers of one process share: one reading of the feeds, one saving of how far they are."""

    def __init__(self, redis: Any, heard: Heard | None = None, lull_s: float = 0.0) -> None:
        self.redis = redis
        self.tail = Tail(redis, heard, lull_s)
        self.cursors = Cursors(redis)


class Place(msgspec.Struct, frozen=True):
    """Whose reading of which partition this is."""

    follower: str
    member: str
    partition: int


class Reader:
    """Reads from its making on. What it could not do is the next one's, who reads from the saved cursor."""

    def __init__(self, feeds: Feeds, place: Place, serve: Serve) -> None:
        self._feeds = feeds
        self._place = place
        self._feed = keys.feed(place.partition)
        self._serve = serve
        self._taken: Entry = (0, 0)
        self._told_of: Entry = (0, 0)
        self._rows: deque[Row] = deque()
        self._behind = True
        self._told = asyncio.Event()
        self._news = asyncio.create_task(asyncio.sleep(0))
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
        if not self._task.cancelled() and self._task.exception() is not None:
            logger.warning(
                "reader_starts_again", follower=self._place.follower, exc_info=self._task.exception()
            )
        with suppress(RedisError):  # then a little is done again
            await self._feeds.cursors.save(self._place.partition)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            if self._leaving:
                return
            boxes = _Mailboxes(self._serve, self._feed, group, _Done(self._feeds.cursors, self._place))
            self._news = asyncio.create_task(self._read(boxes))
            try:
                await asyncio.wait({self._news})
            finally:
                self._news.cancel()
            if not self._news.cancelled():
                self._news.result()

    async def _read(self, boxes: "_Mailboxes") -> None:
        place = self._place
        while True:
            heed_cancel()
            try:
                self._taken = await self._feeds.cursors.claim(place.partition, place.follower, place.member)
                break
            except RedisError as error:
                redis_away.say(place.follower, error)
                await asyncio.sleep(_AGAIN_S)
        leave = self._feeds.tail.want(place.partition, self._hear, self._step_back)
        try:
            while True:
                heed_cancel()
                self._told.clear()
                rows = await self._next()
                heed_cancel()  # what was read just now is the heir's
                for entry, fields in rows:
                    await boxes.put(entry, fields)
                if not rows and not self._behind and not self._rows:
                    await self._told.wait()
        finally:
            leave()

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


class _Hand(msgspec.Struct):
    """An entry in hand."""

    entry: Entry
    done: bool = False


class _Done:
    """Moves the cursor behind the oldest that is still in hand."""

    def __init__(self, cursors: Cursors, place: Place) -> None:
        self._cursors = cursors
        self._place = place
        self._order: deque[_Hand] = deque()

    def begin(self, entry: Entry) -> _Hand:
        self._order.append(_Hand(entry))
        return self._order[-1]

    def add(self, hands: list[_Hand]) -> None:
        for hand in hands:
            hand.done = True
        last = None
        while self._order and self._order[0].done:
            last = self._order.popleft()
        if last is not None:
            place = self._place
            self._cursors.move(place.partition, place.follower, place.member, last.entry)


class _Mailboxes:
    """What is still to do, one box a conversation; a box is emptied by one task at a time."""

    def __init__(self, serve: Serve, feed: str, group: asyncio.TaskGroup, done: _Done) -> None:
        self._serve = serve
        self._done = done
        self._feed = feed
        self._group = group
        self._boxes: dict[str, tuple[int, list[_Hand]]] = {}
        self._busy: set[str] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def put(self, entry: Entry, fields: dict[bytes, bytes]) -> None:
        conversation, last = fields[b"c"].decode(), int(fields[b"z"])
        if conversation not in self._busy:
            # A conversation has one place, however much it says: a flood keeps nobody else waiting.
            await self._room.acquire()
        hand = self._done.begin(entry)
        waiting = self._boxes.get(conversation)
        self._boxes[conversation] = (last, [*waiting[1], hand] if waiting else [hand])
        if conversation not in self._busy:
            self._busy.add(conversation)
            self._group.create_task(self._empty(conversation))

    async def _empty(self, conversation: str) -> None:
        try:
            while conversation in self._boxes:
                last, hands = self._boxes.pop(conversation)
                await self._serve(self._feed, conversation, last)
                self._done.add(hands)
        finally:
            self._busy.discard(conversation)
            self._room.release()
