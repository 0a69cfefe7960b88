"""`/channels/wechat` and `/channels/miniprogram`: what the platform pushes, checked, accepted, answered."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from aiohttp import web

from bot.channels.outside import Incoming, Outside
from bot.channels.pictures import Pictures
from bot.channels.wechat import WECHAT
from bot.channels.wechat_crypto import Envelope, check_signature, check_time
from bot.channels.wechat_events import Pushed, parse_pushed
from bot.channels.wechat_xml import make_flat, parse_flat
from bot.conversation.bodies import Image, Said, Text
from bot.courier.contract import Address
from bot.courier.passive import Passive
from bot.errors import (
    BadFrameError,
    CallbackRefusedError,
    LogUnavailableError,
    LostRaceError,
    OverloadedError,
    RefusedError,
    TooFastError,
    UnavailableError,
)

logger = structlog.get_logger(__name__)

GREETING = "您好，我是智能客服小二。订单、支付、物流、退换货都可以问我；想找真人客服，请回复「转人工」。"
_AGAIN = (LogUnavailableError, LostRaceError, TooFastError, OverloadedError, UnavailableError)


class Account(msgspec.Struct, frozen=True):
    """One 公众号 or mini-program; `aes_key` is empty in plain mode. `answer_s`: how long a push may wait, 0: not."""

    name: str
    app_id: str
    token: str
    aes_key: str = ""
    answer_s: float = 0.0
    greeting: str = GREETING


class WeChatDoor:
    """Answers a push with what the bot says, when it says so in time; else `success`, and the courier sends."""

    def __init__(
        self,
        account: Account,
        outside: Outside,
        pictures: Pictures,
        passive: Passive | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._account = account
        self._outside = outside
        self._pictures = pictures
        self._passive = passive if account.answer_s > 0 and account.name == WECHAT else None
        self._envelope = Envelope(account.token, account.aes_key, account.app_id) if account.aes_key else None
        self._clock = clock
        self._noting: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.AbstractRouteDef]:
        path = f"/channels/{self._account.name}"
        return [web.get(path, self._verify, allow_head=False), web.post(path, self._push)]

    async def _verify(self, request: web.Request) -> web.Response:
        """The platform asks whether this address is ours."""
        query = request.query
        try:
            self._check(request)
        except CallbackRefusedError as error:
            return self._refused(error)
        return web.Response(text=query.get("echostr", "")[:256], content_type="text/plain")

    async def _push(self, request: web.Request) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._account.answer_s
        try:
            fields = self._opened(request, await request.read())
            pushed = parse_pushed(fields)
            if pushed is None:
                return _success()
            return await self._accepted(request, pushed, fields["ToUserName"], until)
        except CallbackRefusedError as error:
            return self._refused(error)
        except BadFrameError as error:
            logger.warning("callback_malformed", channel=self._account.name, why=str(error)[:200])
            return web.Response(status=400, text="malformed")
        except _AGAIN as error:
            logger.warning("push_not_taken", channel=self._account.name, why=error.code)
            # Any answer would be the last word: without one, the platform pushes again.
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=503)
        except RefusedError as error:
            logger.info("push_refused", channel=self._account.name, why=error.code)
            return _success()

    async def _accepted(
        self, request: web.Request, pushed: Pushed, us: str, until: float
    ) -> web.StreamResponse:
        incoming = await self._incoming(pushed)
        conversation = self._outside.conversation_of(incoming.address)
        first = self._passive is not None and await self._passive.take_first_word(conversation, incoming.id)
        await self._outside.accept(incoming)
        if self._passive is None or not first:
            return _success()
        text = await self._passive.answer(conversation, incoming.id, until)
        if not text:
            return _success()
        response = web.Response(body=self._reply(pushed.openid, us, text), content_type="application/xml")
        if request.transport is None or request.transport.is_closing():
            await self._passive.unheard(conversation, incoming.id)
            return response
        await response.prepare(request)
        await response.write_eof()
        # The platform hangs up as soon as it has heard us; that must not keep us from noting it.
        noting = asyncio.create_task(self._passive.heard(conversation, incoming.id))
        self._noting.add(noting)
        noting.add_done_callback(self._noting.discard)
        await asyncio.shield(noting)
        return response

    async def _incoming(self, pushed: Pushed) -> Incoming:
        account = self._account
        address = Address(account.name, account.app_id, pushed.openid)
        body: Said | None = Text(pushed.text) if pushed.text else None
        if pushed.picture:
            kept = (await self._pictures.take((pushed.picture,)))[0]
            body = Image(kept) if kept else body
        greeting = (Text(account.greeting),) if pushed.greets else ()
        return Incoming(address, pushed.id, body, pushed.reach, pushed.pressed, greeting)

    def _opened(self, request: web.Request, body: bytes) -> dict[str, str]:
        """The push's fields. Raises CallbackRefusedError, BadFrameError."""
        query = request.query
        if self._envelope is None:
            self._check(request)
            return _fields(body)
        check_time(query.get("timestamp", ""), self._clock())
        sealed = _fields(body).get("Encrypt", "")
        if not sealed:
            raise CallbackRefusedError("it is not encrypted, but this account's messages are to be")
        signature, nonce = query.get("msg_signature", ""), query.get("nonce", "")
        return _fields(self._envelope.open(sealed, signature, query["timestamp"], nonce))

    def _check(self, request: web.Request) -> None:
        query = request.query
        timestamp = query.get("timestamp", "")
        check_signature(query.get("signature", ""), self._account.token, timestamp, query.get("nonce", ""))
        check_time(timestamp, self._clock())

    def _reply(self, openid: str, us: str, text: str) -> bytes:
        now = int(self._clock())
        reply = make_flat(
            {"ToUserName": openid, "FromUserName": us, "CreateTime": now, "MsgType": "text", "Content": text}
        )
        if self._envelope is None:
            return reply
        nonce = secrets.token_hex(8)
        sealed, signature = self._envelope.seal(reply, str(now), nonce)
        return make_flat({"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": now, "Nonce": nonce})

    def _refused(self, error: CallbackRefusedError) -> web.Response:
        logger.warning("callback_refused", channel=self._account.name, why=str(error))
        return web.Response(status=403, text="refused")


def _fields(body: bytes) -> dict[str, str]:
    """XML, or the JSON that a mini-program's console offers instead."""
    if not body.lstrip().startswith(b"{"):
        return parse_flat(body)
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadFrameError(f"no JSON: {error}") from error
    return {name: str(value) for name, value in found.items() if isinstance(value, str | int)}


def _success() -> web.Response:
    return web.Response(text="success", content_type="text/plain")
