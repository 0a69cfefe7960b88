"""Where OneBot bridges come in: the reverse WebSocket, and events over HTTP POST."""

import asyncio
import time
from contextlib import suppress

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.channels.greeting import GREETING
from bot.channels.onebot import (
    NOBODY,
    SILENT,
    Asked,
    encode_answer,
    group_address,
    private_address,
    relay_name,
)
from bot.channels.onebot_bridges import Bridges
from bot.channels.onebot_frames import (
    LONGEST,
    Answer,
    Frame,
    OneBotMessage,
    Sign,
    check_bearer,
    check_signature,
    number,
    parse_frame,
)
from bot.channels.outside import Incoming, Outside
from bot.channels.pictures import Pictures, said
from bot.channels.qq_signature import check_fresh
from bot.conversation.bodies import Text
from bot.errors import (
    BadFrameError,
    CallbackRefusedError,
    LogUnavailableError,
    LostRaceError,
    NoAnswerError,
    NobodyThereError,
    RefusedError,
    SetupError,
)
from bot.log.relay import Relay, Serve
from bot.settings import SHORTEST_TOKEN, Settings

logger = structlog.get_logger(__name__)

PATH = "/channels/onebot"
_ROLES = {"api": "API", "event": "Event", "universal": "Universal"}
_CALL_S = 4.5
_SILENT_S = 120.0
_TRIES = 5
_AT_ONCE = 64


class OneBotDoor:
    """`GET …/ws` for sockets of any role, `POST …` for events. Both ask for the token."""

    def __init__(self, settings: Settings, outside: Outside, pictures: Pictures, relay: Relay) -> None:
        if len(settings.onebot_token) < SHORTEST_TOKEN:
            raise SetupError(f"XIAOER_ONEBOT_TOKEN needs {SHORTEST_TOKEN} characters or more")
        self.bridges = Bridges()
        self._token = settings.onebot_token
        self._accounts = {one.strip() for one in settings.onebot_accounts.split(",") if one.strip()}
        self._outside = outside
        self._pictures = pictures
        self._relay = relay
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._open: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.AbstractRouteDef]:
        doors = [f"{PATH}/ws", f"{PATH}/ws/", f"{PATH}/ws/api", f"{PATH}/ws/event"]
        return [web.post(PATH, self._posted), *(web.get(door, self._connected) for door in doors)]

    async def close_all(self) -> None:
        """Asks every bridge to come again, to another process of ours."""
        closing = [one.close(code=WSCloseCode.SERVICE_RESTART, message=b"restart") for one in self._open]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _posted(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            account = self._account(request)
            check_signature(self._token, request.headers.get("X-Signature", ""), body)
            frame = parse_frame(body)
            self._must_be_of(account, frame)
            if isinstance(frame, OneBotMessage):
                check_fresh(str(frame.sent_at), time.time())
            await self._heard(frame)
        except CallbackRefusedError as error:
            logger.warning("onebot_refused", why=str(error))
            return web.Response(status=401)
        except BadFrameError as error:
            logger.warning("onebot_malformed", why=str(error)[:200])
            return web.Response(status=400)
        except (LogUnavailableError, LostRaceError):
            return web.Response(status=503)
        except RefusedError as error:
            logger.info("onebot_message_refused", why=error.code)
            return web.Response(status=503 if getattr(error, "retry", False) else 204)
        return web.Response(status=204)

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        try:
            check_bearer(self._token, request.headers.get("Authorization", ""))
            account = self._account(request)
            role = _ROLES.get(request.headers.get("X-Client-Role", "").lower(), "")
            if not role:
                raise CallbackRefusedError("X-Client-Role is API, Event or Universal")  # noqa: TRY301 - told below
        except CallbackRefusedError as error:
            logger.warning("onebot_refused", why=str(error))
            return web.Response(status=401)
        except BadFrameError:
            return web.Response(status=400)
        socket = web.WebSocketResponse(max_msg_size=LONGEST, heartbeat=30, compress=False, timeout=2)
        await socket.prepare(request)
        logger.info("onebot_connected", account=account[-4:], role=role)
        serving: asyncio.Task[None] | None = None
        if role != "Event":
            self.bridges.enter(account, socket)
            serving = asyncio.create_task(self._relay.serve(relay_name(account), self._serve(account)))
        self._open.add(socket)
        try:
            await self._listen(socket, account)
        finally:
            self._open.discard(socket)
            if serving is not None:
                self.bridges.leave(account, socket)
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving
            logger.info("onebot_gone", account=account[-4:], role=role)
        return socket

    async def _listen(self, socket: web.WebSocketResponse, account: str) -> None:
        """Reads until the bridge goes; its events are worked on in the order of their conversations."""
        async with asyncio.TaskGroup() as group:
            last: dict[str, asyncio.Task[None]] = {}
            while True:
                try:
                    message = await socket.receive(timeout=_SILENT_S)
                except TimeoutError:
                    await socket.close(code=WSCloseCode.GOING_AWAY, message=b"silent")
                    return
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    return
                try:
                    frame = parse_frame(message.data)
                    self._must_be_of(account, frame)
                except (BadFrameError, CallbackRefusedError) as error:
                    logger.warning("onebot_malformed", why=str(error)[:200])
                    continue
                if isinstance(frame, Answer):
                    self.bridges.answered(frame)
                elif isinstance(frame, Sign):
                    self.bridges.heard(frame)
                elif isinstance(frame, OneBotMessage):
                    await self._room.acquire()
                    of = f"{frame.group}:{frame.who}"
                    task = group.create_task(self._worked_on(frame, last.get(of)))
                    last = {key: one for key, one in last.items() if not one.done()} | {of: task}

    async def _worked_on(self, message: OneBotMessage, before: asyncio.Task[None] | None) -> None:
        """Accepts the message after the one before it. A bridge tells nothing twice, so we try again ourselves."""
        try:
            if before is not None:
                await asyncio.wait({before})
            for attempt in range(1, _TRIES + 1):
                try:
                    await self._heard(message)
                except RefusedError as error:
                    if not getattr(error, "retry", False) or attempt == _TRIES:
                        logger.warning("onebot_message_refused", why=error.code)
                        return
                except (LogUnavailableError, LostRaceError) as error:
                    logger.warning("onebot_message_waits", why=error.code, attempt=attempt)
                    if attempt == _TRIES:
                        logger.error("onebot_message_lost", why=error.code)  # noqa: TRY400 - no trace of ours helps
                        return
                else:
                    return
                await asyncio.sleep(0.5 * 2**attempt)
        finally:
            self._room.release()

    async def _heard(self, frame: Frame) -> None:
        if isinstance(frame, Sign):
            self.bridges.heard(frame)
        if not isinstance(frame, OneBotMessage) or (frame.group and not frame.called):
            return
        address = (
            group_address(frame.account, frame.group, frame.who)
            if frame.group
            else private_address(frame.account, frame.who)
        )
        identifier = f"{frame.id}@{frame.sent_at}"
        bodies = await said(frame.text, frame.pictures, self._pictures)
        if not bodies:
            greeting = (Text(GREETING),)
            await self._outside.accept(Incoming(address, identifier, None, None, greeting=greeting))
        for n, body in enumerate(bodies):
            of = f"{identifier}#{n}" if n else identifier
            await self._outside.accept(Incoming(address, of, body, None))

    def _serve(self, account: str) -> Serve:
        async def serve(packed: bytes) -> bytes:
            asked = msgspec.json.decode(packed, type=Asked)
            try:
                return encode_answer(await self.bridges.call(account, asked.name, asked.params, _CALL_S))
            except NobodyThereError:
                return NOBODY
            except NoAnswerError:
                return SILENT

        return serve

    def _account(self, request: web.Request) -> str:
        account = number(request.headers.get("X-Self-ID", ""))
        if self._accounts and account not in self._accounts:
            raise CallbackRefusedError("this account is not in XIAOER_ONEBOT_ACCOUNTS")
        return account

    @staticmethod
    def _must_be_of(account: str, frame: Frame) -> None:
        if isinstance(frame, OneBotMessage | Sign) and frame.account != account:
            raise CallbackRefusedError("an event of another account than the bridge's")
