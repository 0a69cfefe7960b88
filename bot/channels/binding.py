"""Which customer of the shop a shopper of an outside channel is: by a signed link, or by phone and code."""

import hashlib
import re
import secrets
import time
from urllib.parse import quote

import jwt
import structlog

from bot.channels.outside_words import notices_wanted, wants_binding, wants_unbinding
from bot.channels.shop_codes import AskedFor, Confirmed, ShopCodes
from bot.conversation.bodies import Bound, Customer, Reach, Text
from bot.conversation.commands import Command, CustomerIsBound, HouseAnswers
from bot.conversation.state import State
from bot.courier.contract import PUBLIC, Address
from bot.errors import IdentityError
from bot.log.outbox import Outbox

logger = structlog.get_logger(__name__)

TICKET_AUDIENCE = "xiaoer-bind-ticket"
GRANT_AUDIENCE = "xiaoer-bind"
TICKET_S = 600
_LEEWAY_S = 30
_LONGEST = 64
_PHONE = re.compile(
    r"(?:我?的?(?:手机号?码?|电话)(?:是|为|：|:)?)?\s*(?:\+?86)?\s*(1[3-9]\d[ -]?\d{4}[ -]?\d{4})"
)
_CODE = re.compile(r"(?:验证码(?:是|为|：|:)?)?\s*(\d{4,8})")

LINK = (
    "为了保护您的隐私，查订单前请先绑定商城账号（10 分钟内有效）：\n{link}\n"
    "打开后请核对页面上的核对码是 {check}，一致再确认。"
)
PHONE = "也可以直接回复您在商城登记的手机号，我会发验证码到那个手机。"
ONLY_PHONE = (
    "为了保护您的隐私，查订单前请先绑定商城账号：请回复您在商城登记的手机号，我会发验证码到那个手机。"
)
NO_WAY = "暂时还不能在这里绑定商城账号，请登录商城联系客服，或回复「转人工」。"
CODE_SENT = "如果这个手机号在商城登记过，您会收到验证码。请在 10 分钟内直接回复验证码。"
CODE_WRONG = "验证码不对或已过期。请核对后重发，或重新回复手机号获取新的验证码。"
SHOP_AWAY = "商城系统暂时没有响应，请稍后再试，或回复「转人工」。"
BOUND = "绑定成功{name}！现在可以查您的订单和物流了，请再说一次您的问题。\n想在包裹异常时收到提醒，请回复「开启提醒」；回复「解绑」可以随时解除。"
IN_PUBLIC = "这里是群聊，大家都能看到。为了保护您的隐私，请私聊我，绑定商城账号后就能查订单。"
UNBOUND = "已解除绑定，之后不会再显示您的订单信息。需要时回复「绑定」即可。"
NOT_BOUND = "您还没有绑定商城账号。需要时回复「绑定」即可。"
NOTICES_ON = "已开启提醒：包裹异常时会主动告诉您。回复「关闭提醒」可以随时取消。"
NOTICES_OFF = "已关闭提醒。"


class Bindings:
    """Answers the talk about binding, makes tickets, and reads what the shop grants.

    `page` is the shop's page for it and `codes` the shop's API for phone and code; each may be missing.
    A ticket names a conversation and is signed with the site's secret; the shop, which knows who is signed
    in, answers it with a grant of the same conversation, signed with the same secret.
    """

    def __init__(
        self, outbox: Outbox, site: str, site_secret: str, page: str, codes: ShopCodes | None
    ) -> None:
        self._outbox = outbox
        self._site = site
        self._secret = site_secret
        self._page = page
        self._codes = codes

    async def answer(
        self, state: State, address: Address, identifier: str, text: str, reach: Reach | None
    ) -> Command | None:
        """What the house does about `text`; None when it is not about binding."""
        channel = address.channel
        if channel in PUBLIC:
            wish = wants_binding(text) or wants_unbinding(text)
            return await self.explain(state, address, identifier, reach) if wish else None
        if wants_unbinding(text):
            if not state.customer.verified:
                return HouseAnswers(identifier, channel, self._site, (Text(NOT_BOUND),), reach)
            await self._outbox.expect(state.conversation, "", 0)
            bound = Bound(Customer(lang=state.customer.lang), "unbound")
            return CustomerIsBound(identifier, channel, self._site, bound, (Text(UNBOUND),), reach)
        if wants_binding(text):
            return await self.explain(state, address, identifier, reach)
        wanted = notices_wanted(text)
        if wanted is not None:
            return self._notices(state, channel, identifier, reach, wanted=wanted)
        if self._codes is None:
            return None
        return await self._by_phone(self._codes, state, channel, identifier, text, reach)

    async def explain(
        self, state: State, address: Address, identifier: str, reach: Reach | None
    ) -> HouseAnswers:
        """How he can be bound, with a fresh link."""
        words = NO_WAY
        if address.channel in PUBLIC:
            return HouseAnswers(identifier, address.channel, self._site, (Text(IN_PUBLIC),), reach)
        if self._page:
            ticket, check = self.ticket(state.conversation, address.channel)
            words = LINK.format(link=f"{self._page}?ticket={quote(ticket)}", check=check)
        if self._codes is not None:
            await self._outbox.expect(state.conversation, "phone", TICKET_S)
            words = f"{words}\n{PHONE}" if self._page else ONLY_PHONE
        return HouseAnswers(identifier, address.channel, self._site, (Text(words),), reach)

    def ticket(self, conversation: str, channel: str) -> tuple[str, str]:
        """A ticket for the shop's page, and the check word that stands there and in the chat."""
        now = int(time.time())
        claims = {
            "iss": "xiaoer",
            "aud": TICKET_AUDIENCE,
            "site": self._site,
            "conversation": conversation,
            "channel": channel,
            "iat": now,
            "exp": now + TICKET_S,
            "jti": secrets.token_urlsafe(12),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256"), check_word(str(claims["jti"]))

    def granted(self, grant: str) -> tuple[str, CustomerIsBound]:
        """The conversation and who it is from now on. Raises IdentityError for a forged or old grant."""
        try:
            claims = jwt.decode(
                grant,
                self._secret,
                algorithms=["HS256"],
                audience=GRANT_AUDIENCE,
                issuer=self._site,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "jti", "conversation", "channel"]},
            )
        except jwt.PyJWTError as error:
            raise IdentityError(str(error)) from error
        if claims["exp"] - time.time() > TICKET_S + _LEEWAY_S or not claims["sub"]:
            raise IdentityError("the grant is valid for too long, or for nobody")
        customer = _customer(str(claims["sub"]), str(claims.get("name", "")), str(claims.get("level", "")))
        command = self._bound(
            f"bind:{claims['jti']}",
            str(claims["channel"]),
            customer,
            "link",
            notices=bool(claims.get("notices")),
        )
        return str(claims["conversation"]), command

    async def _by_phone(  # noqa: PLR0913, PLR0917 - one message, with where it came from
        self,
        codes: ShopCodes,
        state: State,
        channel: str,
        identifier: str,
        text: str,
        reach: Reach | None,
    ) -> Command | None:
        expected = await self._outbox.expected(state.conversation)
        if not expected:
            return None
        phone, code = _PHONE.fullmatch(text.strip()), _CODE.fullmatch(text.strip())
        challenge = expected.removeprefix("code:") if expected.startswith("code:") else ""
        if phone:
            number = re.sub(r"\D", "", phone[1])
            asked = await codes.ask(number, state.conversation, identifier)
            if isinstance(asked, AskedFor):
                await self._outbox.expect(state.conversation, f"code:{asked.challenge}", TICKET_S)
            words = CODE_SENT if isinstance(asked, AskedFor) else SHOP_AWAY
            return HouseAnswers(identifier, channel, self._site, (Text(words),), reach)
        if not (code and challenge):
            return None
        answer = await codes.confirm(challenge, code[1], identifier)
        if isinstance(answer, Confirmed):
            await self._outbox.expect(state.conversation, "", 0)
            customer = _customer(answer.id, answer.name, answer.level)
            return self._bound(identifier, channel, customer, "phone", reach=reach)
        words = CODE_WRONG if answer == "wrong" else SHOP_AWAY
        return HouseAnswers(identifier, channel, self._site, (Text(words),), reach)

    def _bound(  # noqa: PLR0913 - one event, with all that is in it
        self,
        identifier: str,
        channel: str,
        customer: Customer,
        how: str,
        *,
        notices: bool = False,
        reach: Reach | None = None,
    ) -> CustomerIsBound:
        told = Text(BOUND.format(name=f"，{customer.name}" if customer.name else ""))
        bound = Bound(customer, "link" if how == "link" else "phone", notices)
        return CustomerIsBound(identifier, channel, self._site, bound, (told,), reach)

    def _notices(
        self, state: State, channel: str, identifier: str, reach: Reach | None, *, wanted: bool
    ) -> Command:
        if not state.customer.verified:
            return HouseAnswers(identifier, channel, self._site, (Text(NOT_BOUND),), reach)
        bound = Bound(state.customer, "notices", wanted)
        words = NOTICES_ON if wanted else NOTICES_OFF
        return CustomerIsBound(identifier, channel, self._site, bound, (Text(words),), reach)


def check_word(ticket_id: str) -> str:
    """Four characters by which a shopper sees that the page is about his own chat."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    digest = hashlib.sha256(ticket_id.encode()).digest()
    return "".join(letters[byte % len(letters)] for byte in digest[:4])


def _customer(identifier: str, name: str, level: str) -> Customer:
    return Customer(identifier[:_LONGEST], name[:_LONGEST], level[:_LONGEST], verified=True)
