"""微信客服: what goes out to a shopper. Agents answer in our console, so that sessions stay with the API (state 1)."""

from typing import Any

import msgspec

from bot.channels.picture_forms import WECOM_TAKES, Shelf
from bot.channels.wechat import all_within, menu_of, upload
from bot.channels.wechat_api import Answer, WeixinApi, outcome_of
from bot.channels.wechat_codes import SEND_FAILS
from bot.conversation.bodies import Image
from bot.courier.contract import Address, Label, Outcome, Piece, Told
from bot.courier.plain import join, utf8

WECOM = "wecom"
LONGEST = 2048
WELCOME = "welcome:"
SMART_ASSISTANT = 1
_LONGEST_ENTRY = 128
_LONGEST_HEAD = 1024
_TAKEN = frozenset({95033, 40058})  # the msgid was used: this was a retry


class WeCom:
    """Sends with our own msgid: the platform takes it once, so that what nobody answered may be sent again."""

    name = WECOM
    repeatable = True
    metered = True

    def __init__(self, api: WeixinApi, shelf: Shelf) -> None:
        self._api = api
        self._shelf = shelf

    def render(self, told: tuple[Told, ...]) -> list[Piece]:
        """Texts, a menu to press where that says all of it, pictures."""
        pieces: list[Piece] = []
        run: list[Told] = []
        for one in told:
            if isinstance(one.body, Image) and one.body.url.startswith("/media/"):
                pieces += [*_worded(run), *_worded([one]), Piece({"picture": one.body.url})]
                run = []
            else:
                run.append(one)
        return pieces + _worded(run)

    async def send(self, address: Address, piece: Piece, label: Label) -> Outcome:
        content: dict[str, Any] = dict(piece.content)
        picture = content.pop("picture", "")
        if picture:
            uploaded = await upload(self._api, self._shelf, picture, WECOM_TAKES)
            if not isinstance(uploaded, str):
                return uploaded
            content = {"msgtype": "image", "image": {"media_id": uploaded}}
        if label.context.startswith(WELCOME):
            return await self._welcome(label, content)
        to = {"touser": address.to, "open_kfid": address.account, "msgid": label.key}
        return outcome_of(await self._api.tried("/cgi-bin/kf/send_msg", to | content))

    async def take_over(self, kfid: str, who: str) -> bool:
        """Keeps a new session with the API, out of the WeCom app's own queue; False when it is elsewhere."""
        asked = {"open_kfid": kfid, "external_userid": who}
        state = await self._api.tried("/cgi-bin/kf/service_state/get", asked)
        if not isinstance(state, Answer) or state.code:
            return False
        now = state.body.get("service_state")
        if now != 0:
            return bool(now == SMART_ASSISTANT)
        moved = await self._api.tried(
            "/cgi-bin/kf/service_state/trans", asked | {"service_state": SMART_ASSISTANT}
        )
        return isinstance(moved, Answer) and moved.code == 0

    async def _welcome(self, label: Label, content: dict[str, Any]) -> Outcome:
        code = label.context.removeprefix(WELCOME)
        asked = {"code": code, "msgid": label.key}
        return await self._api.send("/cgi-bin/kf/send_msg_on_event", asked | content)


def why_failed(why: int) -> str:
    """A `msg_send_fail`'s fail_type in words."""
    zh, _ = SEND_FAILS.get(why, (f"平台原因 {why}", ""))
    return f"平台投递失败：{zh}（fail_type {why}）"


def _worded(run: list[Told]) -> list[Piece]:
    menu = _menu(run) if run else None
    if menu is not None:
        return [menu]
    return [Piece({"msgtype": "text", "text": {"content": text}}) for text in join(run, LONGEST)]


def _menu(run: list[Told]) -> Piece | None:
    return menu_of(
        run,
        lambda head, labels: utf8(head) <= _LONGEST_HEAD and all_within(labels, _LONGEST_ENTRY),
        lambda identifier, label: {"type": "click", "click": {"id": identifier, "content": label}},
    )


class Page(msgspec.Struct, frozen=True):
    """A page of `kf/sync_msg`."""

    next_cursor: str = ""
    has_more: int = 0
    msg_list: list[dict[str, Any]] = []
