"""One shopper's connection: frames in, events out, resumable at any event."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.channels.frames import Frame, Hello, Ping, Read, Send, Typing, parse_frame, refusal
from bot.channels.identity import Shopper
from bot.channels.replay import Replay
from bot.channels.standing import standing
from bot.channels.uploads import Measure
from bot.conversation.events import Role, Sender
from bot.conversation.state import Stage, State
from bot.errors import BadFrameError, IdentityError, LogUnavailableError, UnavailableError, XiaoerError
from bot.log.live import Live
from bot.log.log import Log
from bot.log.murmurs import Murmur, Murmurs, Read as HasRead

if TYPE_CHECKING:
    from bot.channels.web import WebChannel

logger = structlog.get_logger(__name__)

HEARTBEAT_S = 25
BAD_FRAME, SIGN_IN_AGAIN, NOT_ALLOWED, TOO_MANY = 4400, 4401, 4403, 4429
_SILENT_S = 2.5 * HEARTBEAT_S
_HELLO_S = 10
_SLOW_S = 20
_SMALL = 16 * 1024
"""Bytes of a frame that never fill what a transport keeps before it makes its writer wait (64 KiB)."""


class News(msgspec.Struct, frozen=True):
    """Where a socket hears what is new: of its conversation, of who is typing in it, of what is kept for it."""

    log: Log
    live: Live
    murmurs: Murmurs
    measure: Measure


class ShopperSocket:
    """One connection. The reader commits, the writer sends what the log has; they share nothing else."""

    def __init__(self, channel: "WebChannel", ws: web.WebSocketResponse, request: web.Request) -> None:
        self._channel = channel
        self._news_of = channel.news
        self._ws = ws
        self._request = request
        self._news = asyncio.Event()
        self._look = True
        self._waits = False
        self._typing: Sender | None = None
        self._read_by_agent = self._told_read = 0
        self._shopper: Shopper | None = None
        self._lang = "zh-CN"
        self._replay: Replay | None = None
        self._shown = 0
        self._deciding = ""
        self._decided = asyncio.Event()
        self._unsure: set[str] = set()
        self._encode = msgspec.json.Encoder().encode

    async def serve(self) -> None:
        """Serves until the socket closes."""
        try:
            hello = await self._hello()
        except IdentityError:
            await self._ws.close(code=SIGN_IN_AGAIN, message=b"sign in again")
            return
        except (BadFrameError, TimeoutError):
            await self._ws.close(code=BAD_FRAME, message=b"hello expected")
            return
        if hello is None or self._shopper is None:
            return
        conversation = self._shopper.conversation
        if not self._channel.enter(self, conversation):
            await self._ws.close(code=TOO_MANY, message=b"too many connections")
            return
        forget = self._news_of.live.subscribe(conversation, self._news.set)
        unhear = self._news_of.murmurs.listen(conversation, self._heard)
        writer = asyncio.create_task(self._write(self._shopper, hello.after))
        try:
            await self._read(self._shopper)
        except (ConnectionError, TimeoutError):
            self._cut()
        finally:
            forget()
            unhear()
            self._channel.leave(self, conversation)
            writer.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await writer

    def look_at_line(self) -> None:
        # The line moves all day long, and of ten thousand shoppers ten wait in it.
        if self._waits:
            self._look = True
            self._news.set()

    def _heard(self, murmur: Murmur) -> None:
        if isinstance(murmur, HasRead):
            if murmur.role is Role.AGENT:
                self._read_by_agent = max(self._read_by_agent, murmur.seq)
                self._news.set()
        elif murmur.who.role is not Role.CUSTOMER and not murmur.aside:
            self._typing = murmur.who
            self._news.set()

    async def restart(self) -> None:
        await self._ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"restart")

    async def _hello(self) -> Hello | None:
        message = await self._ws.receive(timeout=_HELLO_S)
        if message.type is not WSMsgType.TEXT:
            if not self._ws.closed:
                await self._ws.close(code=BAD_FRAME, message=b"hello expected")
            return None
        frame = parse_frame(message.data)
        if not isinstance(frame, Hello):
            raise BadFrameError("hello expected")
        if not self._channel.may_come_from(frame.site, self._request.headers.get("Origin", "")):
            await self._ws.close(code=NOT_ALLOWED, message=b"not allowed here")
            return None
        self._lang = "en" if frame.lang.lower().startswith("en") else "zh-CN"
        self._shopper = self._channel.identities.welcome(
            frame.site, frame.identity or "", frame.tok or "", self._lang
        )
        return frame

    async def _read(self, shopper: Shopper) -> None:
        while True:
            try:
                message = await self._ws.receive(timeout=_SILENT_S)
            except TimeoutError:
                await self._ws.close(code=WSCloseCode.GOING_AWAY, message=b"silent")
                return
            if message.type is not WSMsgType.TEXT:
                if not self._ws.closed:
                    await self._ws.close(code=BAD_FRAME, message=b"text frames only")
                return
            try:
                frame: Frame = parse_frame(message.data)
            except BadFrameError as error:
                await self._refuse(None, error)
                continue
            if isinstance(frame, Ping):
                await self._say({"t": "pong"})
            elif isinstance(frame, Send):
                await self._accept(shopper, frame)
            elif isinstance(frame, Typing):
                await self._news_of.murmurs.typing(
                    shopper.conversation, Sender(Role.CUSTOMER, "", shopper.customer.name)
                )
            elif isinstance(frame, Read):
                await self._has_read(shopper, frame.seq)
            elif isinstance(frame, Hello):
                await self._refuse(None, BadFrameError("one hello"))

    async def _has_read(self, shopper: Shopper, seq: int) -> None:
        """What he has seen of an agent's words; whether the bot was read concerns nobody."""
        if 0 < seq <= self._shown and self._known(shopper).stage in (Stage.HUMAN, Stage.CLOSED):
            await self._news_of.murmurs.read(shopper.conversation, Role.CUSTOMER, seq)

    async def _accept(self, shopper: Shopper, frame: Send) -> None:
        self._deciding = frame.cid
        self._unsure.discard(frame.cid)
        try:
            stored = await self._channel.intake.accept(shopper, frame, self._known(shopper))
        except XiaoerError as error:
            if isinstance(error, LogUnavailableError | UnavailableError):
                self._unsure.add(frame.cid)
            await self._refuse(frame.cid, error)
            return
        finally:
            self._deciding = ""
            self._decided.set()
            self._news.set()
        if stored is None:
            return
        async with asyncio.timeout(_SLOW_S):
            # In its place among the others, which may still be on their way.
            while stored.seq > self._shown:  # noqa: ASYNC110 - a moment, and rare
                await asyncio.sleep(0.02)
        await self._say(Replay.frame(stored, prev=0) | {"cid": frame.cid})

    async def _show(self, frame: dict[str, Any]) -> None:
        """Sends an event's frame; the acknowledgement in it only when its commit has come to its end."""
        cid = frame.get("cid", "")
        while cid and cid == self._deciding:
            self._decided.clear()
            await self._decided.wait()
        if cid in self._unsure:
            # The log shows it, but not yet on as many disks as it must: the widget will ask again.
            frame = {key: value for key, value in frame.items() if key != "cid"}
        await self._say(frame)
        self._shown = frame["ev"]["seq"]

    def _known(self, shopper: Shopper) -> State:
        return self._replay.state if self._replay else State(shopper.conversation)

    async def _refuse(self, cid: str | None, error: XiaoerError) -> None:
        await self._say(refusal(error, cid, self._lang))

    def _cut(self) -> None:
        """Ends it without a farewell, which would wait behind what he does not read."""
        logger.info("slow_reader_cut")
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _write(self, shopper: Shopper, after: int) -> None:
        replay = self._replay = Replay(self._news_of.log, shopper.conversation)
        try:
            await self._welcome(shopper, replay, after)
            while True:
                self._news.clear()
                look, self._look = self._look, False
                frames = await replay.news()
                self._waits = replay.state.stage is Stage.WAITING
                for frame in frames:
                    await self._show(frame)
                await self._tell_status(replay, look=look)
                await self._tell_read()
                who, self._typing = self._typing, None
                if who:
                    await self._say({"t": "typing", "from": {"role": who.role, "name": who.name}})
                await self._news.wait()
        except LogUnavailableError:
            await self._ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"log unavailable")
        except (ConnectionError, TimeoutError):
            self._cut()

    async def _welcome(self, shopper: Shopper, replay: Replay, after: int) -> None:
        start = await replay.start(after)
        self._shown = start["base"] if start["reset"] else after
        self._waits = replay.state.stage is Stage.WAITING
        replay.last_status = await self._status(replay.state)
        if replay.state.stage is Stage.HUMAN:
            read = await self._news_of.murmurs.has_read(shopper.conversation, Role.AGENT)
            self._read_by_agent = max(self._read_by_agent, read)
        await self._say(
            {
                "t": "welcome",
                "tok": shopper.token,
                "conversation": shopper.conversation,
                "hb": HEARTBEAT_S,
                "customer": {"name": shopper.customer.name, "verified": shopper.customer.verified},
                "status": replay.last_status,
                **start,
            }
        )
        replay.told = replay.status_key()

    async def _tell_read(self) -> None:
        if self._read_by_agent > self._told_read:
            self._told_read = self._read_by_agent
            await self._say({"t": "read", "seq": self._told_read})

    async def _tell_status(self, replay: Replay, *, look: bool) -> None:
        waiting = replay.state.stage is Stage.WAITING
        if replay.status_key() == replay.told and not (look and waiting):
            return
        status = await self._status(replay.state)
        if status != replay.last_status:
            replay.last_status = status
            await self._say({"t": "status", "status": status})
        replay.told = replay.status_key()

    async def _status(self, state: State) -> dict[str, Any]:
        return await standing(state, self._channel.line)

    async def _say(self, frame: dict[str, Any]) -> None:
        if self._ws.closed:
            return
        data, transport = self._encode(frame), self._request.transport
        if transport is not None and len(data) < _SMALL and not transport.get_write_buffer_size():
            # Nothing waits before it and it fits, so that it can't be kept up: a clock would cost more than it does.
            await self._ws.send_frame(data, WSMsgType.TEXT)
            return
        async with asyncio.timeout(_SLOW_S):
            await self._ws.send_frame(data, WSMsgType.TEXT)
