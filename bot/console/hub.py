"""Tells every open console what changed on the board."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from bot.console import lists
from bot.console.parts import ConsoleParts
from bot.console.roles import Verb, may
from bot.desk.masking import shown_masked
from bot.desk.ticket_terms import RAISED, Raised
from bot.errors import LogUnavailableError

if TYPE_CHECKING:
    from bot.console.socket import ConsoleSocket

logger = structlog.get_logger(__name__)

_BATCH = 200
CALLED, LOOKS, CANNED = "called:", "looks:", "canned:"
LOOK_MS = 60_000


class Called(msgspec.Struct, frozen=True):
    """Note `seq`, of the agent called `by`, calls the agents `to`."""

    to: tuple[str, ...]
    conversation: str
    seq: int
    by: str


class Hub:
    """The open sockets of this process, and the one reader of the board that serves them all."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._sockets: set[ConsoleSocket] = set()
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        self._farewells: set[asyncio.Task[None]] = set()

    def enter(self, socket: "ConsoleSocket") -> None:
        self._sockets.add(socket)

    def leave(self, socket: "ConsoleSocket") -> bool:
        """True when the agent has no other socket here."""
        self._sockets.discard(socket)
        return all(other.agent.id != socket.agent.id for other in self._sockets)

    def see_off(self, farewell: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """What is still to be said for a socket that left; it is said whoever stops waiting for it."""
        said = asyncio.create_task(farewell)
        self._farewells.add(said)
        said.add_done_callback(self._farewells.discard)
        return said

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._parts.board.watch(self._note))
            group.create_task(self._tell())

    async def close_all(self) -> None:
        """Asks every console to connect elsewhere."""
        await asyncio.gather(*(socket.restart() for socket in tuple(self._sockets)), return_exceptions=True)

    def _note(self, what: str) -> None:
        self._changed.add(what)
        self._news.set()

    async def _tell(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            changed, self._changed = self._changed, set()
            names = [
                name for name in changed if not name.startswith(("agent:", CALLED, LOOKS, RAISED, CANNED))
            ]
            if not self._sockets:
                continue
            try:
                await self._tell_among_colleagues(changed)
                if not names:
                    continue
                await self._tell_of(names)
            except LogUnavailableError as error:
                logger.warning("consoles_untold", error=str(error))
                self._changed |= changed
                self._news.set()
                await asyncio.sleep(0.5)

    async def _tell_among_colleagues(self, changed: set[str]) -> None:
        """Whom a note calls, whose ticket is late, who else looks at the same, and that canned replies changed."""
        for what in changed:
            if what.startswith(CALLED):
                call = msgspec.json.decode(what.removeprefix(CALLED), type=Called)
                frame = {"t": "called", "conversation": call.conversation, "seq": call.seq, "by": call.by}
                for socket in tuple(self._sockets):
                    if socket.agent.id in call.to:
                        socket.send(frame)
            elif what.startswith(RAISED):
                raised = msgspec.json.decode(what.removeprefix(RAISED), type=Raised)
                self._tell_raised(raised)
            elif what == CANNED:
                self._send_all([{"t": "canned"}])
            elif what.startswith(LOOKS):
                conversation = what.removeprefix(LOOKS)
                watching = [one for one in self._sockets if one.looks_at == conversation]
                if watching:
                    now = await self._parts.log.now()
                    found = await self._parts.board.looking(conversation, now - LOOK_MS)
                    for socket in watching:
                        others = [name for agent, name in found.items() if agent != socket.agent.id]
                        socket.send({"t": "looking", "conversation": conversation, "names": others})

    def _tell_raised(self, raised: Raised) -> None:
        """The owner and the supervisors."""
        frame = shown_masked({"t": "raised", **msgspec.to_builtins(raised)})
        for socket in tuple(self._sockets):
            if socket.agent.id == raised.owner or may(socket.agent.role, Verb.STAFF):
                socket.send(frame)

    async def _tell_of(self, names: list[str]) -> None:
        for start in range(0, len(names), _BATCH):
            summaries = await lists.shown(self._parts, names[start : start + _BATCH])
            self._send_all({"t": "summary", "summary": shown_masked(summary)} for summary in summaries)
        shared, by_agent = await lists.counts(self._parts)
        for socket in tuple(self._sockets):
            counts = {"mine": by_agent.get(socket.agent.id, 0), **shared}
            if counts != socket.counts:
                socket.counts = counts
                socket.send({"t": "counts", "counts": counts})

    def _send_all(self, frames: Iterable[dict[str, object]]) -> None:
        for frame in frames:
            for socket in tuple(self._sockets):
                socket.send(frame)
