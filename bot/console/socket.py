"""An agent's socket: what changed, what is said in the conversations he watches, who is typing."""

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.archive.accounts import Agent, Session
from bot.console.door import cookie_name, is_our_page, session_of, told_agent
from bot.console.frames import Hello, LookAt, Ping, Read, Said, Typing, Unwatch, Watch, parse_frame
from bot.console.hub import LOOKS
from bot.console.parts import HUB, PARTS, ConsoleParts
from bot.console.watching import Watching
from bot.conversation.events import Role, Sender
from bot.desk.presence import TOUCH_S
from bot.errors import ArchiveUnavailableError, IdentityError, LogUnavailableError, XiaoerError
from bot.log.board import Look

logger = structlog.get_logger(__name__)

PROTOCOL = "xiaoer.console.v1"
HEARTBEAT_S = 25
_SILENT_S = 2.5 * HEARTBEAT_S
_HELLO_S = 10.0
_SLOW_S = 15.0
_LARGEST_FRAME = 16 * 1024
_WAITING_FRAMES = 1000
_encode = msgspec.json.Encoder().encode


async def connect(request: web.Request) -> web.StreamResponse:
    """`GET /ws/console`."""
    if not is_our_page(request):
        return web.json_response({"error": {"code": "origin", "message": "not allowed here"}}, status=403)
    ws = web.WebSocketResponse(protocols=(PROTOCOL,), max_msg_size=_LARGEST_FRAME, compress=False)
    await ws.prepare(request)
    try:
        session = await session_of(request)
    except IdentityError:
        await ws.close(code=4401, message=b"sign in")
        return ws
    except ArchiveUnavailableError:
        await ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"unavailable")
        return ws
    if session.unsecured:
        await ws.close(code=4403, message=b"set up a second factor")
        return ws
    await ConsoleSocket(request, ws, session).serve()
    return ws


class ConsoleSocket:
    """One connection. Everything for the agent goes through one bounded queue and one writer."""

    def __init__(self, request: web.Request, ws: web.WebSocketResponse, session: Session) -> None:
        self._parts: ConsoleParts = request.app[PARTS]
        self._hub = request.app[HUB]
        self._token = request.cookies[cookie_name(request)]
        self._request = request
        self._ws = ws
        self._frames: asyncio.Queue[bytes] = asyncio.Queue(_WAITING_FRAMES)
        self._news = asyncio.Event()
        self.agent: Agent = session.agent
        self._watching = Watching(self._parts, self.agent.id, self.send, self._news)
        self.counts: dict[str, int] = {}
        self.looks_at = ""

    async def serve(self) -> None:
        """Serves until the socket closes."""
        try:
            message = await self._ws.receive(timeout=_HELLO_S)
            if message.type is not WSMsgType.TEXT or not isinstance(parse_frame(message.data), Hello):
                raise msgspec.ValidationError("hello expected")
            await self._welcome()
        except (msgspec.MsgspecError, TimeoutError):
            await self._ws.close(code=4400, message=b"hello expected")
            return
        except LogUnavailableError:
            await self._ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"unavailable")
            return
        self._hub.enter(self)
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._be_present())]
        try:
            await self._read()
        finally:
            self._watching.end_all()
            last = self._hub.leave(self)
            for task in tasks:
                task.cancel()
            # Of a connection that is gone the server cancels us; the colleagues are told all the same.
            farewell = self._hub.see_off(self._farewell(last=last))
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.shield(farewell)

    async def _farewell(self, *, last: bool) -> None:
        before, self.looks_at = self.looks_at, ""
        with suppress(LogUnavailableError):
            await self._show_look(before)
        if last:
            await self._touch(announce=True)

    def send(self, frame: dict[str, Any]) -> None:
        """Queues a frame; an agent who can't keep up is cut off, and catches up when he is back."""
        try:
            self._frames.put_nowait(_encode(frame))
        except asyncio.QueueFull:
            self._cut()
        self._news.set()

    async def restart(self) -> None:
        await self._ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"restart")

    async def _welcome(self) -> None:
        known = (await self._parts.board.presences()).get(self.agent.id)
        if known is None:
            await self._parts.board.set_presence(self.agent.id, "online")
        await self._touch(announce=True)
        said = known.presence if known else "online"
        agent = told_agent(self.agent)
        await self._say(_encode({"t": "welcome", "agent": agent, "presence": said, "hb": HEARTBEAT_S}))

    async def _read(self) -> None:
        while True:
            try:
                message = await self._ws.receive(timeout=_SILENT_S)
            except TimeoutError:
                await self._ws.close(code=WSCloseCode.GOING_AWAY, message=b"silent")
                return
            if message.type is not WSMsgType.TEXT:
                if not self._ws.closed:
                    await self._ws.close(code=4400, message=b"text frames only")
                return
            try:
                await self._hear(parse_frame(message.data))
            except msgspec.MsgspecError:
                await self._ws.close(code=4400, message=b"bad frame")
                return
            except XiaoerError as error:
                logger.info("frame_not_served", error=error.code)

    async def _hear(self, frame: Said) -> None:
        match frame:
            case Ping():
                self.send({"t": "pong"})
            case Watch(conversation=conversation, after=after):
                self._watching.begin(conversation, max(0, after))
                if seq := await self._parts.murmurs.has_read(conversation, Role.CUSTOMER):
                    self.send({"t": "read", "conversation": conversation, "seq": seq})
            case Unwatch(conversation=conversation):
                self._watching.end(conversation)
            case Typing(conversation=conversation, note=note):
                # The customer may only see the one who answers him typing.
                if note or await self._answers(conversation):
                    who = Sender(Role.AGENT, self.agent.id, self.agent.display)
                    await self._parts.murmurs.typing(conversation, who, aside=note)
            case Read(conversation=conversation, seq=seq):
                if seq > 0 and await self._answers(conversation):
                    await self._parts.murmurs.read(conversation, Role.AGENT, seq)
            case LookAt(conversation=conversation):
                before, self.looks_at = self.looks_at, conversation[:128]
                await self._show_look(before)
            case Hello():
                pass

    async def _answers(self, conversation: str) -> bool:
        return (await self._parts.log.state(conversation)).owner == self.agent.id

    async def _show_look(self, before: str) -> None:
        """Tells the colleagues who look at the same conversation, and at the one `before`."""
        await self._note_look()
        for conversation in {before, self.looks_at} - {""}:
            await self._parts.board.announce(LOOKS + conversation)

    async def _note_look(self) -> None:
        now = await self._parts.log.now()
        look = Look(self.looks_at, self.agent.display, now) if self.looks_at else None
        await self._parts.board.look(self.agent.id, look)

    async def _write(self) -> None:
        try:
            while True:
                self._news.clear()
                while not self._frames.empty():
                    await self._say(self._frames.get_nowait())
                await self._watching.tell(self._say)
                if self._frames.empty() and not self._watching.has_news():
                    await self._news.wait()
        except LogUnavailableError:
            await self._ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"log unavailable")
        except (ConnectionError, TimeoutError):
            self._cut()
        except Exception:
            # A console that hears nothing must not look connected.
            logger.exception("console_writer_failed", agent=self.agent.id)
            self._cut()

    async def _say(self, data: bytes) -> None:
        async with asyncio.timeout(_SLOW_S):
            await self._ws.send_frame(data, WSMsgType.TEXT)

    def _cut(self) -> None:
        logger.info("slow_console_cut", agent=self.agent.id)
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _be_present(self) -> None:
        """Keeps the agent present, and ends the connection when his session has ended."""
        while True:
            await asyncio.sleep(TOUCH_S)
            await self._touch(announce=False)
            if self.looks_at:
                with suppress(LogUnavailableError):
                    await self._note_look()
            with suppress(ArchiveUnavailableError):  # who is in may stay while SQL is away
                session = await self._parts.accounts.session(self._token)
                if session is None or session.unsecured:
                    await self._ws.close(code=4401, message=b"sign in")
                    return

    async def _touch(self, *, announce: bool) -> None:
        try:
            await self._parts.board.touch(self.agent.id, await self._parts.log.now())
            if announce:
                await self._parts.board.announce(f"agent:{self.agent.id}")
        except LogUnavailableError as error:
            logger.warning("presence_unnoted", error=str(error))
