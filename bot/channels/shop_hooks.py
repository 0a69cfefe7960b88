"""`POST /hooks/shop/{site}`: what the shop tells by itself becomes a message to the customer who wants to hear it."""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal

import msgspec
import structlog
from aiohttp import web

from bot.channels.identity import Identities
from bot.conversation.bodies import Choices, Means, Offer
from bot.conversation.commands import ShopNotifies
from bot.conversation.state import State
from bot.errors import LogUnavailableError, NotReachableError
from bot.log.log import Log
from bot.settings import Site

logger = structlog.get_logger(__name__)

BoundTo = Callable[[str, str], Awaitable[list[str]]]
"""The conversations in outside channels in which that customer of that site is bound."""
VERSION = "v1"
FRESH_S = 300
LARGEST = 16 * 1024
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_@:.-]+$")]
_Words = Annotated[str, msgspec.Meta(max_length=120)]


class ShopEvent(msgspec.Struct, frozen=True):
    """What happened to an order; the same event has the same `id` however often it is told.

    `notify`: the customer agreed in the shop to hear of it. `expected` is the day that is promised now.
    """

    id: _Id
    type: Literal["shipped", "delayed", "delivered", "refunded"]
    customer: _Id
    order: _Id
    title: _Words = ""
    notify: bool = False
    courier: _Words = ""
    tracking_number: _Words = ""
    expected: _Words = ""
    amount_fen: Annotated[int, msgspec.Meta(ge=0)] = 0
    route: _Words = ""


_decoder = msgspec.json.Decoder(ShopEvent)


class ShopHooks:
    """Believes what is signed with the site's secret, whole and within five minutes; a replay is the same event."""

    def __init__(self, log: Log, identities: Identities, sites: Mapping[str, Site], bound: BoundTo) -> None:
        self._log = log
        self._identities = identities
        self._sites = sites
        self._bound = bound

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/hooks/shop/{site}", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """200 with how many conversations heard it; 503 when it should be told again."""
        site = request.match_info["site"]
        if (request.content_length or 0) > LARGEST:
            return _refusal(413, "too_large")
        body = await request.read()
        if site not in self._sites or not _is_signed(self._sites[site].secret, request, body):
            logger.info("shop_hook_refused", site=site if site in self._sites else "")
            return _refusal(401, "denied")
        try:
            event = _decoder.decode(body)
        except msgspec.DecodeError:
            return _refusal(400, "bad_event")
        try:
            told = await self._tell(site, event)
        except LogUnavailableError:
            return _refusal(503, "unavailable")
        logger.info("shop_hook", site=site, type=event.type, told=told)
        return web.json_response({"told": told})

    async def _tell(self, site: str, event: ShopEvent) -> int:
        on_web = self._identities.conversation_of_customer(site, event.customer)
        # On our own page the shop's word is his consent; elsewhere he gave it there, or he did not.
        told = await self._tell_in(on_web, event, agreed=event.notify)
        for conversation in await self._bound(site, event.customer):
            told += await self._tell_in(conversation, event, agreed=False)
        return told

    async def _tell_in(self, conversation: str, event: ShopEvent, *, agreed: bool) -> int:
        state = await self._log.state(conversation)
        if not state.seq or state.customer.id != event.customer:
            return 0  # nobody is there, or it is somebody else's now
        now = await self._log.now()
        command = ShopNotifies(f"shop:{event.id}", (_body(event, state),), now, agreed)
        try:
            await self._log.commit(conversation, command)
        except NotReachableError:
            return 0
        return 1


def _is_signed(secret: str, request: web.Request, body: bytes) -> bool:
    at = request.headers.get("X-Xiaoer-Timestamp", "")
    nonce = request.headers.get("X-Xiaoer-Nonce", "")
    digest = hashlib.sha256(body).hexdigest()
    told = f"{VERSION}\n{request.method}\n{request.path}\n{at}\n{nonce}\n\n{digest}"
    mark = hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    given = request.headers.get("X-Xiaoer-Signature", "")
    signed = hmac.compare_digest(given.encode(), f"{VERSION}={mark}".encode())
    fresh = at.isascii() and at.isdigit() and len(at) < 12 and abs(time.time() - int(at)) <= FRESH_S
    return signed and fresh


def _refusal(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code}}, status=status)


def _body(event: ShopEvent, state: State) -> Choices:
    english = state.customer.lang.startswith("en")
    text = _in_english(event) if english else _in_chinese(event)
    intent = "refund_progress" if event.type == "refunded" else "logistics_track"
    labels = {"refund_progress": ("退款进度", "The refund"), "logistics_track": ("查看物流", "Track it")}
    means = Means(intent=intent, entities={"order_number": event.order})
    return Choices(text, (Offer("1", labels[intent][english], means=means),))


def _in_chinese(event: ShopEvent) -> str:
    # A number and a Chinese word stand apart.
    what = f"订单 {event.order}" + (f"（{event.title}）" if event.title else " ")
    by = "".join((event.courier, " " if event.courier else "", event.tracking_number)).strip()
    match event.type:
        case "shipped":
            return f"您的{what}已发货" + (f"，{by}" if by else "") + "。"
        case "delayed":
            now = f"，现在预计 {event.expected} 送达" if event.expected else ""
            return f"抱歉，您的{what}的包裹比预计慢了{now}。"
        case "delivered":
            return f"您的{what}已签收。如有问题，可以直接在这里告诉我。"
        case "refunded":
            route = f"，{event.route}" if event.route else ""
            return f"您的{what}的退款 {_yuan(event.amount_fen)} 元已到账{route}。"


def _in_english(event: ShopEvent) -> str:
    by = f" with {event.courier} {event.tracking_number}".rstrip() if event.courier else ""
    match event.type:
        case "shipped":
            return f"Your order {event.order} is on its way{by}."
        case "delayed":
            now = f" It should arrive on {event.expected} now." if event.expected else ""
            return f"I'm sorry, the parcel of your order {event.order} is late.{now}"
        case "delivered":
            return f"Your order {event.order} was delivered. If anything is wrong, just tell me here."
        case "refunded":
            return f"The refund of ¥{_yuan(event.amount_fen)} for your order {event.order} has arrived."


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
