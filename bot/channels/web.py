"""The shopper's socket: frames to commands, events to frames, resumable at any event."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.channels.frames import (
    LONGEST_FRAME,
    Frame,
    Hello,
    Ping,
    Send,
    Typing,
    parse_frame,
    parse_rated,
    parse_said,
)
from bot.channels.identity import Identities, Shopper
from bot.channels.pace import Pace
from bot.channels.replay import Replay
from bot.conversation.bodies import Choice, Means, Text, offers_of
from bot.conversation.commands import (
    Command,
    CustomerAsksForHuman,
    CustomerLeavesLine,
    CustomerRates,
    CustomerSays,
)
from bot.conversation.events import Role, Sender
from bot.conversation.state import State
from bot.errors import (
    BadFrameError,
    BadKindError,
    IdentityError,
    LogUnavailableError,
    LostRaceError,
    NotOfferedError,
    OverloadedError,
    StaleError,
    TooFastError,
    XiaoerError,
)
from bot.log.cancelling import heed_cancel
from bot.log.live import Live
from bot.log.log import Committed, Log
from bot.log.murmurs import Murmurs
from bot.settings import Site

logger = structlog.get_logger(__name__)

PROTOCOL = "xiaoer.v1"
HEARTBEAT_S = 25
_SILENT_S = 2.5 * HEARTBEAT_S
_HELLO_S = 10
_CLOSE_S = 2
_SLOW_S = 20
_AT_ONCE = 400
_SOCKETS_EACH = 12

Position = Callable[[str], Awaitable[tuple[int | None, tuple[int, int] | None]]]


class News(msgspec.Struct, frozen=True):
    """Where a socket hears what is new: of its conversation, and of who is typing in it."""

    log: Log
    live: Live
    murmurs: Murmurs


class WebChannel:
    """Accepts sockets of the widget on `/ws/chat`."""

    def __init__(
        self, news: News, identities: Identities, sites: dict[str, Site], position: Position
    ) -> None:
        self.log = news.log
        self.live = news.live
        self.murmurs = news.murmurs
        self.identities = identities
        self.sites = sites
        self.position = position
        self.pace = Pace()
        self.accepting = 0
        self._sockets: dict[str, set[ShopperSocket]] = {}
        self._own_origins: set[str] = set()

    def allow_own_pages(self, origin: str) -> None:
        """Our own `/chat` page may connect for every site."""
        self._own_origins.add(origin)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """`GET /ws/chat`."""
        origin = request.headers.get("Origin", "")
        allowed = self._own_origins.union(*(site.origins for site in self.sites.values()))
        if origin not in allowed:
            logger.info("origin_refused")
            return web.json_response({"error": {"code": "origin", "message": "not allowed here"}}, status=403)
        ws = web.WebSocketResponse(
            protocols=(PROTOCOL,), max_msg_size=LONGEST_FRAME, compress=False, timeout=_CLOSE_S
        )
        await ws.prepare(request)
        socket = ShopperSocket(self, ws, origin)
        await socket.serve()
        return ws

    def may_come_from(self, site: str, origin: str) -> bool:
        return origin in self._own_origins or (site in self.sites and origin in self.sites[site].origins)

    def enter(self, socket: "ShopperSocket", conversation: str) -> bool:
        """Counts the socket in; False when the conversation has too many."""
        present = self._sockets.setdefault(conversation, set())
        if len(present) >= _SOCKETS_EACH:
            return False
        present.add(socket)
        return True

    def leave(self, socket: "ShopperSocket", conversation: str) -> None:
        present = self._sockets.get(conversation)
        if present is not None:
            present.discard(socket)
            if not present:
                del self._sockets[conversation]

    def line_moved(self) -> None:
        """Tells the sockets of waiting shoppers to look at their place in line again."""
        for present in self._sockets.values():
            for socket in present:
                socket.look_at_line()

    async def close_all(self) -> None:
        """Asks every widget to reconnect elsewhere."""
        sockets = [socket for present in self._sockets.values() for socket in present]
        await asyncio.gather(*(socket.restart() for socket in sockets), return_exceptions=True)


class ShopperSocket:
    """One connection. The reader commits, the writer sends what the log has; they share nothing else."""

    def __init__(self, channel: WebChannel, ws: web.WebSocketResponse, origin: str) -> None:
        self._channel = channel
        self._ws = ws
        self._origin = origin
        self._news = asyncio.Event()
        self._look = True
        self._typing: Sender | None = None
        self._shopper: Shopper | None = None
        self._lang = "zh-CN"
        self._encode = msgspec.json.Encoder().encode

    async def serve(self) -> None:
        """Serves until the socket closes."""
        try:
            hello = await self._hello()
        except IdentityError:
            await self._ws.close(code=4401, message=b"sign in again")
            return
        except (BadFrameError, TimeoutError):
            await self._ws.close(code=4400, message=b"hello expected")
            return
        if hello is None or self._shopper is None:
            return
        conversation = self._shopper.conversation
        if not self._channel.enter(self, conversation):
            await self._ws.close(code=4429, message=b"too many connections")
            return
        forget = self._channel.live.subscribe(conversation, self._news.set)
        unhear = self._channel.murmurs.listen(conversation, self._heard)
        writer = asyncio.create_task(self._write(self._shopper, hello.after))
        try:
            await self._read(self._shopper)
        finally:
            forget()
            unhear()
            self._channel.leave(self, conversation)
            writer.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await writer

    def look_at_line(self) -> None:
        self._look = True
        self._news.set()

    def _heard(self, who: Sender) -> None:
        if who.role is not Role.CUSTOMER:
            self._typing = who
            self._news.set()

    async def restart(self) -> None:
        await self._ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"restart")

    async def _hello(self) -> Hello | None:
        message = await self._ws.receive(timeout=_HELLO_S)
        if message.type is not WSMsgType.TEXT:
            if not self._ws.closed:
                await self._ws.close(code=4400, message=b"hello expected")
            return None
        frame = parse_frame(message.data)
        if not isinstance(frame, Hello):
            raise BadFrameError("hello expected")
        if not self._channel.may_come_from(frame.site, self._origin):
            await self._ws.close(code=4403, message=b"not allowed here")
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
                    await self._ws.close(code=4400, message=b"text frames only")
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
                await self._channel.murmurs.typing(
                    shopper.conversation, Sender(Role.CUSTOMER, "", shopper.customer.name)
                )
            elif isinstance(frame, Hello):
                await self._refuse(None, BadFrameError("one hello"))

    async def _accept(self, shopper: Shopper, frame: Send) -> None:
        channel = self._channel
        try:
            if channel.accepting >= _AT_ONCE:
                raise OverloadedError
            wait = channel.pace.wait(shopper.conversation)
            if wait:
                await self._refuse(frame.cid, TooFastError(), after_s=wait)
                return
            channel.accepting += 1
            try:
                command = await self._command(shopper, frame)
                done = await channel.log.commit(shopper.conversation, command, key=f"c:{frame.cid}")
            finally:
                channel.accepting -= 1
        except XiaoerError as error:
            await self._refuse(frame.cid, error)
            return
        if done.repeated or not done.events:
            await self._acknowledge(shopper, frame.cid, done)
        self._news.set()

    async def _command(self, shopper: Shopper, frame: Send) -> Command:
        identifier = f"c:{frame.cid}"
        match frame.kind:
            case "said":
                body: Text | Choice = parse_said(frame.body)
                means: Means | None = None
                if isinstance(body, Choice):
                    body, means = await self._offered(shopper, body)
                return CustomerSays(identifier, "web", shopper.site, shopper.customer, body, means)
            case "human":
                return CustomerAsksForHuman(identifier, "web", shopper.site, shopper.customer)
            case "cancel":
                return CustomerLeavesLine(identifier)
            case "rate":
                return CustomerRates(identifier, parse_rated(frame.body))
            case _:
                raise BadKindError

    async def _offered(self, shopper: Shopper, pressed: Choice) -> tuple[Choice, Means | None]:
        event = await self._channel.log.event(shopper.conversation, pressed.of) if pressed.of > 0 else None
        if event is None or event.sender.role is Role.CUSTOMER:
            raise NotOfferedError
        for offer in offers_of(event.body):
            if offer.id == pressed.choice:
                return Choice(pressed.of, offer.id, offer.label), offer.means
        raise NotOfferedError

    async def _acknowledge(self, shopper: Shopper, cid: str, done: Committed) -> None:
        """Echoes what stands in the log already, so that the widget can take the message off its outbox."""
        events = done.events or tuple(
            event
            for event in await self._channel.log.last_events(shopper.conversation, limit=50)
            if event.kind in {"handed_off", "claimed"}
        )
        if events:
            await self._say(Replay.frame(events[-1], prev=0) | {"cid": cid})

    async def _refuse(self, cid: str | None, error: XiaoerError, after_s: float = 0) -> None:
        retry = getattr(error, "retry", False) or isinstance(error, LogUnavailableError | LostRaceError)
        frame: dict[str, Any] = {
            "t": "err",
            "code": error.code,
            "message": error.told(self._lang),
            "retry": retry,
        }
        if isinstance(error, StaleError):
            frame["code"] = "bad_kind"
        if cid:
            frame["cid"] = cid
        if after_s:
            frame["after_s"] = round(after_s, 1)
        await self._say(frame)

    async def _write(self, shopper: Shopper, after: int) -> None:
        replay = Replay(self._channel.log, shopper.conversation)
        try:
            await self._welcome(shopper, replay, after)
            while True:
                heed_cancel()
                self._news.clear()
                look, self._look = self._look, False
                for frame in await replay.news():
                    await self._say(frame)
                await self._tell_status(replay, look=look)
                who, self._typing = self._typing, None
                if who:
                    await self._say({"t": "typing", "from": {"role": who.role, "name": who.name}})
                heed_cancel()
                await self._news.wait()
        except LogUnavailableError:
            await self._ws.close(code=WSCloseCode.SERVICE_RESTART, message=b"log unavailable")
        except (ConnectionError, TimeoutError):
            await self._ws.close(code=WSCloseCode.GOING_AWAY, message=b"too slow")

    async def _welcome(self, shopper: Shopper, replay: Replay, after: int) -> None:
        start = await replay.start(after)
        replay.last_status = await self._status(replay.state)
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

    async def _tell_status(self, replay: Replay, *, look: bool) -> None:
        waiting = replay.state.stage == "waiting"
        if replay.status_key() == replay.told and not (look and waiting):
            return
        status = await self._status(replay.state)
        if status != replay.last_status:
            replay.last_status = status
            await self._say({"t": "status", "status": status})
        replay.told = replay.status_key()

    async def _status(self, state: State) -> dict[str, Any]:
        status: dict[str, Any] = {"stage": state.stage.value}
        if state.owner_name:
            status["agent"] = state.owner_name
        if state.rateable:
            status["rate"] = True
        if state.stage == "waiting":
            position, eta = await self._channel.position(state.conversation)
            if position:
                status["position"] = position
            if eta:
                status["eta_s"] = eta
        return status

    async def _say(self, frame: dict[str, Any]) -> None:
        if not self._ws.closed:
            async with asyncio.timeout(_SLOW_S):
                await self._ws.send_str(self._encode(frame).decode())
