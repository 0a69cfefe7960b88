"""What is still to do of a partition's news: one box a conversation, emptied by one task at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

from bot.log.cursors import Cursors, Entry, Place

_AT_ONCE = 64

Handle = Callable[[str, int], Awaitable[None]]
"""Called with a conversation and its last seq."""


class _Hand(msgspec.Struct):
    """An entry in hand."""

    entry: Entry
    done: bool = False


class Done:
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
            self._cursors.move(self._place, last.entry)


class Mailboxes:
    """Calls `handle` for what is put in; calls of one conversation never overlap, and several entries may be one."""

    def __init__(self, handle: Handle, group: asyncio.TaskGroup, done: Done) -> None:
        self._handle = handle
        self._done = done
        self._group = group
        self._boxes: dict[str, tuple[int, list[_Hand]]] = {}
        self._busy: set[str] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._empty_now = asyncio.Event()

    async def put(self, entry: Entry, fields: dict[bytes, bytes]) -> None:
        conversation, last = fields[b"c"].decode(), int(fields[b"z"])
        await self._find_room(conversation)
        self._add(conversation, last, [self._done.begin(entry)])

    async def put_again(self, conversation: str, last: int) -> None:
        """What was put in before, and was given up then."""
        await self._find_room(conversation)
        self._add(conversation, last, [])

    async def _find_room(self, conversation: str) -> None:
        """A conversation has one place, however much it says: a flood keeps nobody else waiting."""
        if conversation not in self._busy:
            await self._room.acquire()
            if conversation in self._busy:  # meanwhile somebody else found room for it
                self._room.release()

    def _add(self, conversation: str, last: int, hands: list[_Hand]) -> None:
        before, waiting = self._boxes.get(conversation, (0, []))
        self._boxes[conversation] = (max(before, last), waiting + hands)
        if conversation not in self._busy:
            self._busy.add(conversation)
            self._empty_now.clear()
            self._group.create_task(self._empty(conversation))

    async def empty(self) -> None:
        """Returns once nothing is left to do of what was put in."""
        while self._busy:
            await self._empty_now.wait()

    async def _empty(self, conversation: str) -> None:
        try:
            while conversation in self._boxes:
                last, hands = self._boxes.pop(conversation)
                await self._handle(conversation, last)
                self._done.add(hands)
        finally:
            self._busy.discard(conversation)
            self._room.release()
            if not self._busy:
                self._empty_now.set()
