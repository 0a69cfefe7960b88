"""Fetches what shoppers say in 微信客服: one reader at a time, with a cursor that moves after the log has it."""

import asyncio

import msgspec
import structlog

from bot.channels.outside import Incoming, Outside
from bot.channels.pictures import Keep
from bot.channels.wechat_api import Answer, WeixinApi
from bot.channels.wechat_codes import told
from bot.channels.wecom import WECOM, WELCOME, Page, WeCom, why_failed
from bot.channels.wecom_events import Kf, KfEntered, KfSaid, KfSendFailed, parse_kf
from bot.conversation.bodies import Image, Reach, Said, Text
from bot.conversation.file_kinds import picture_kind
from bot.courier.contract import Address
from bot.courier.reports import failed_later
from bot.errors import RefusedError, TooFastError
from bot.log.log import Log
from bot.log.pulls import Pulls

logger = structlog.get_logger(__name__)

SAID = Reach(5, 48 * 3600, "said")
GREETING = "您好，我是智能客服小二。订单、支付、物流、退换货都可以问我；想找真人客服，请回复「转人工」。"
_WELCOME_S = 20
_PAGES = 200
_LIMIT = 500
_EVERY_S = 60
_SESSION_S = 3600


class WeComReader:
    """`tick` looks at every account that a callback named, and at all of them once a minute.

    It is called by one process at a time (see `bot.log.duty`); two at once would only do the same twice,
    as the log knows every msgid.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of one reader
        self, api: WeixinApi, wecom: WeCom, pulls: Pulls, outside: Outside, log: Log, keep: Keep
    ) -> None:
        self._api = api
        self._wecom = wecom
        self._pulls = pulls
        self._outside = outside
        self._log = log
        self._keep = keep

    async def tick(self) -> None:
        kfids = await self._pulls.woken()
        if await self._pulls.first_in("everything", _EVERY_S):
            kfids |= await self._pulls.sources()
        left = sorted(kfids)
        try:
            while left:
                if await self.read(left[0]):
                    left.pop(0)
                else:
                    break
        finally:
            # What could not be done must not wait for the next callback.
            for kfid in left:
                await self._pulls.wake(kfid, await self._pulls.token(kfid), 600)

    async def read(self, kfid: str) -> bool:
        """Takes over everything new of one account; False when the platform did not let us."""
        for _ in range(_PAGES):
            cursor = await self._pulls.cursor(kfid)
            asked = {
                "cursor": cursor,
                "token": await self._pulls.token(kfid),
                "limit": _LIMIT,
                "open_kfid": kfid,
            }
            answer = await self._api.tried(
                "/cgi-bin/kf/sync_msg", {k: v for k, v in asked.items() if v not in ("", None)}
            )
            if not isinstance(answer, Answer) or answer.code:
                why = told(answer.code, answer.message).zh if isinstance(answer, Answer) else answer.reason
                logger.warning("kf_not_read", why=why)
                return isinstance(answer, Answer)
            page = msgspec.convert(answer.body, Page)
            for raw in page.msg_list:
                found = parse_kf(raw)
                if found is not None:
                    await self._take(found)
            if page.next_cursor:
                await self._pulls.set_cursor(kfid, page.next_cursor)
            if not page.has_more:  # more may come after a page without messages
                return True
        return False

    async def _take(self, found: Kf) -> None:
        address = Address(WECOM, found.kfid, found.who)
        match found:
            case KfSaid():
                incoming = Incoming(address, found.id, await self._body(found), SAID, found.pressed)
                await self._accept(incoming)
                await self._keep_session(found)
            case KfEntered(welcome_code=code) if code:
                reach = Reach(1, _WELCOME_S, "enter", WELCOME + code)
                await self._accept(Incoming(address, found.id, None, reach, greeting=(Text(GREETING),)))
            case KfSendFailed(key=key, why=why):
                await failed_later(self._log, self._outside.conversation_of(address), key, why_failed(why))
            case _:
                pass

    async def _accept(self, incoming: Incoming) -> None:
        for _ in range(20):
            try:
                await self._outside.accept(incoming)
            except TooFastError as error:
                await asyncio.sleep(error.after_s)
            except RefusedError as error:
                logger.info("push_refused", channel=WECOM, why=error.code)
                return
            else:
                return

    async def _keep_session(self, said: KfSaid) -> None:
        if await self._pulls.first_in(f"{said.kfid}:{said.who}", _SESSION_S):
            kept = await self._wecom.take_over(said.kfid, said.who)
            if not kept:
                logger.warning("kf_session_elsewhere", conversation=self._conversation(said))

    def _conversation(self, said: KfSaid) -> str:
        return self._outside.conversation_of(Address(WECOM, said.kfid, said.who))

    async def _body(self, said: KfSaid) -> Said:
        if said.media_id:
            data = await self._api.download(said.media_id)
            kind = picture_kind(data) if data else ""
            if kind:
                return Image(await self._keep(data, kind))
        return Text(said.text)
