"""The conversations that one console watches: their events in order, who types in them, how far they were read."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from bot.console.parts import ConsoleParts
from bot.conversation.events import Role, wire
from bot.desk.masking import shown_masked
from bot.log.murmurs import Murmur, Read as HasRead, Typing as IsTyping

_MOST = 50
_BATCH = 200
_encode = msgspec.json.Encoder().encode


class Watching:
    """`news` is set when there is something to tell; `send` queues a frame of the moment."""

    def __init__(
        self, parts: ConsoleParts, agent: str, send: Callable[[dict[str, Any]], None], news: asyncio.Event
    ) -> None:
        self._parts = parts
        self._agent = agent
        self._send = send
        self._news = news
        self._grown: set[str] = set()
        self._told: dict[str, int] = {}
        self._leave: dict[str, list[Callable[[], None]]] = {}

    def begin(self, conversation: str, after: int) -> None:
        """Tells everything after seq `after`, and what follows; of too many the longest watched one is left."""
        self.end(conversation)
        if len(self._leave) >= _MOST:
            self.end(next(iter(self._leave)))
        self._told[conversation] = after
        self._leave[conversation] = [
            self._parts.live.subscribe(conversation, partial(self._has_grown, conversation)),
            self._parts.murmurs.listen(conversation, partial(self._heard, conversation)),
        ]
        self._has_grown(conversation)

    def end(self, conversation: str) -> None:
        for leave in self._leave.pop(conversation, ()):
            leave()
        self._told.pop(conversation, None)
        self._grown.discard(conversation)

    def end_all(self) -> None:
        for conversation in tuple(self._leave):
            self.end(conversation)

    def has_news(self) -> bool:
        return bool(self._grown)

    async def tell(self, say: Callable[[bytes], Awaitable[None]]) -> None:
        """Says one batch of what is new in each; what is left then is still news."""
        for conversation in tuple(self._grown):
            await self._tell_events(conversation, say)

    async def _tell_events(self, conversation: str, say: Callable[[bytes], Awaitable[None]]) -> None:
        self._grown.discard(conversation)
        after = self._told.get(conversation)
        if after is None:
            return
        events = await self._parts.log.events(conversation, after=after, limit=_BATCH)
        for event in events:
            if self._told.get(conversation) != after:
                return  # left or begun anew meanwhile
            await say(_encode({"t": "ev", "conversation": conversation, "ev": shown_masked(wire(event))}))
            if self._told.get(conversation) == after:
                self._told[conversation] = after = event.seq
        if len(events) == _BATCH:
            self._grown.add(conversation)

    def _has_grown(self, conversation: str) -> None:
        self._grown.add(conversation)
        self._news.set()

    def _heard(self, conversation: str, murmur: Murmur) -> None:
        match murmur:
            case HasRead(role=Role.CUSTOMER, seq=seq):
                self._send({"t": "read", "conversation": conversation, "seq": seq})
            case IsTyping(who=who) if who.id != self._agent or who.role is not Role.AGENT:
                self._send({"t": "typing", "conversation": conversation, "from": who})
