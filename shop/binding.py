"""Binding a WeChat or QQ chat to a customer: the page that he confirms on, and the API for phone and code."""

import hashlib
import logging
import time
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import jwt
import msgspec
from aiohttp import web

from shop.api.doorway import LONGEST_KEY, SETTINGS, STORE, answer_json
from shop.binding_codes import BindingCodes
from shop.errors import BadInputError, NotFoundError
from shop.settings import Settings
from shop.storefront import DEMO_IDS, render, signed_in

TICKET_AUDIENCE = "xiaoer-bind-ticket"
GRANT_AUDIENCE = "xiaoer-bind"
GRANT_S = 120
_GATEWAY_S = 5
CODES: web.AppKey[BindingCodes] = web.AppKey("binding_codes", BindingCodes)
CHANNELS = {
    "wechat": ("微信公众号", "WeChat"),
    "miniprogram": ("微信小程序", "WeChat mini-program"),
    "wecom": ("微信客服", "WeChat customer service"),
    "qq": ("QQ", "QQ"),
    "onebot": ("QQ", "QQ"),
}
log = logging.getLogger("shop")
_T = TypeVar("_T")


class _Asked(msgspec.Struct):
    phone: str
    conversation: str = ""


class _Confirmed(msgspec.Struct):
    challenge: str
    code: str


def add_binding(app: web.Application) -> None:
    """Puts the pages and the API of binding into the application."""
    settings = app[SETTINGS]
    app[CODES] = BindingCodes(settings.data / "outbox.jsonl", lambda phone: _customer_of(app, phone))
    app.router.add_get("/bind", show_binding)
    app.router.add_post("/bind", confirm_binding)
    app.router.add_get("/outbox", show_outbox)
    app.router.add_post("/api/v1/bindings/codes", send_code)
    app.router.add_post("/api/v1/bindings/confirm", check_code)


async def show_binding(request: web.Request) -> web.Response:
    """What would be bound to whom; whoever is not signed in signs in first and comes back."""
    ticket = request.query.get("ticket", "")
    return _page(request, _read_ticket(request.app[SETTINGS], ticket), ticket)


async def confirm_binding(request: web.Request) -> web.Response:
    """Signs that the chat is the signed-in customer's, and tells the gateway."""
    form = await request.post()
    ticket = str(form.get("ticket", ""))
    settings, me = request.app[SETTINGS], signed_in(request)
    claims = _read_ticket(settings, ticket)
    if claims is None or me is None:
        return _page(request, claims, ticket)
    now = int(time.time())
    grant = {
        "iss": settings.site,
        "aud": GRANT_AUDIENCE,
        "sub": me.id,
        "name": me.name,
        "level": me.level,
        "conversation": claims["conversation"],
        "channel": claims["channel"],
        "notices": form.get("notices") == "yes",
        "iat": now,
        "exp": now + GRANT_S,
        "jti": claims["jti"],  # one ticket binds once
    }
    signed = jwt.encode(grant, settings.site_secret, algorithm="HS256")
    return _page(request, claims, ticket, outcome="done" if await _tell(settings, signed) else "failed")


async def show_outbox(request: web.Request) -> web.Response:
    """The text messages that the demo shop would have sent."""
    sent = [
        {"time": time.strftime("%H:%M:%S", time.localtime(one.time)), "phone": one.phone, "text": one.text}
        for one in request.app[CODES].sent
    ]
    people = [request.app[STORE].customer(each) for each in DEMO_IDS]
    return render(request, "outbox.html", sent=sent, phones=[each for each in people if each])


async def send_code(request: web.Request) -> web.Response:
    """Sends a code to the phone if it is a customer's; the answer is the same if not."""
    asked = await _body(request, _Asked)
    if not (asked.phone.isascii() and asked.phone.isdigit() and len(asked.phone) == 11):
        raise BadInputError("手机号应为 11 位数字。")
    challenge = request.app[CODES].ask(asked.phone, asked.conversation, _key(request))
    return answer_json({"challenge": challenge})


async def check_code(request: web.Request) -> web.Response:
    """The customer whose phone got that code; 404 when it is wrong, used or too old."""
    given = await _body(request, _Confirmed)
    customer_id = request.app[CODES].confirm(given.challenge, given.code, _key(request))
    customer = request.app[STORE].customer(customer_id) if customer_id else None
    if customer is None:
        raise NotFoundError
    return answer_json({"id": customer.id, "name": customer.name, "level": customer.level})


async def _tell(settings: Settings, grant: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=_GATEWAY_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"{settings.gateway_url}/channels/bind", json={"grant": grant}) as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("the gateway did not take a binding: %s", type(error).__name__)
        return False


def _page(
    request: web.Request, claims: dict[str, Any] | None, ticket: str, outcome: str = ""
) -> web.Response:
    channel = CHANNELS.get(str(claims["channel"]), ("聊天", "chat")) if claims else ("", "")
    people = [request.app[STORE].customer(each) for each in DEMO_IDS]
    return render(
        request,
        "bind.html",
        ticket=ticket,
        valid=claims is not None,
        channel=channel,
        check=check_word(str(claims["jti"])) if claims else "",
        outcome=outcome,
        people=[each for each in people if each],
        back=f"/bind?ticket={quote(ticket)}",
    )


def check_word(ticket_id: str) -> str:
    """Four characters that stand in the chat too (docs/channels/binding.md)."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    digest = hashlib.sha256(ticket_id.encode()).digest()
    return "".join(letters[byte % len(letters)] for byte in digest[:4])


def _read_ticket(settings: Settings, ticket: str) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = jwt.decode(
            ticket,
            settings.site_secret,
            algorithms=["HS256"],
            audience=TICKET_AUDIENCE,
            issuer="xiaoer",
            options={"require": ["exp", "jti", "conversation", "channel", "site"]},
        )
    except jwt.InvalidTokenError:
        return None
    return claims if claims["site"] == settings.site else None


def _customer_of(app: web.Application, phone: str) -> str:
    return next((each.id for each in app[STORE].customers() if each.phone == phone), "")


async def _body(request: web.Request, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(await request.read(), type=shape)
    except msgspec.MsgspecError as error:
        raise BadInputError("请求内容不是约定的格式。") from error


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= LONGEST_KEY:
        raise BadInputError(f"请带上 Idempotency-Key（1 到 {LONGEST_KEY} 个字符）。", "key_missing")
    return key
