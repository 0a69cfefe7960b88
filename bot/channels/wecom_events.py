"""What 微信客服 gives when it is asked for messages, read (kf/sync_msg)."""

from typing import Any

import msgspec

from bot.channels.frames import LONGEST_TEXT, clean

CUSTOMER, SYSTEM = 3, 4


class KfSaid(msgspec.Struct, frozen=True):
    """A shopper's message; `media_id` of a picture; `pressed` is the id that we gave a menu's entry."""

    kfid: str
    who: str
    id: str
    text: str
    media_id: str = ""
    pressed: str = ""


class KfEntered(msgspec.Struct, frozen=True):
    """A shopper opened the chat; `welcome_code`, when there is one, lets us greet him within 20 s."""

    kfid: str
    who: str
    id: str
    welcome_code: str


class KfSendFailed(msgspec.Struct, frozen=True):
    """A message that the platform had taken did not arrive."""

    kfid: str
    who: str
    key: str
    why: int


Kf = KfSaid | KfEntered | KfSendFailed


class _Content(msgspec.Struct, frozen=True):
    content: str = ""
    menu_id: str = ""
    media_id: str = ""
    title: str = ""
    url: str = ""
    name: str = ""
    address: str = ""
    event_type: str = ""
    open_kfid: str = ""
    external_userid: str = ""
    welcome_code: str = ""
    fail_msgid: str = ""
    fail_type: int = 0


class _Message(msgspec.Struct, frozen=True):
    msgid: str
    msgtype: str
    origin: int = 0
    open_kfid: str = ""
    external_userid: str = ""


def parse_kf(raw: dict[str, Any]) -> Kf | None:
    """One entry of `msg_list`; None for what does not concern us, or can't be read."""
    try:
        message = msgspec.convert(raw, _Message)
        content = msgspec.convert(raw.get(message.msgtype) or {}, _Content)
    except msgspec.ValidationError:
        return None
    if message.msgtype == "event":
        return _event(message, content)
    if message.origin != CUSTOMER or not message.external_userid or not message.open_kfid:
        return None
    text, media = _said(message.msgtype, content)
    pressed = content.menu_id if message.msgtype == "text" else ""
    return KfSaid(message.open_kfid, message.external_userid, message.msgid, text, media, pressed)


def _event(message: _Message, content: _Content) -> Kf | None:
    kfid, who = content.open_kfid or message.open_kfid, content.external_userid or message.external_userid
    if not kfid or not who:
        return None
    if content.event_type == "enter_session":
        return KfEntered(kfid, who, message.msgid, content.welcome_code)
    if content.event_type == "msg_send_fail":
        return KfSendFailed(kfid, who, content.fail_msgid, content.fail_type)
    return None


def _said(kind: str, content: _Content) -> tuple[str, str]:
    match kind:
        case "text":
            return clean(content.content)[:LONGEST_TEXT] or "[空消息]", ""
        case "image":
            return "[图片]", content.media_id
        case "voice":
            return "[语音消息]", ""
        case "video":
            return "[视频]", ""
        case "file":
            return "[文件]", ""
        case "location":
            where = f"{clean(content.name)} {clean(content.address)}"[:200]
            return f"[位置] {where}".strip(), ""
        case "link":
            return f"[链接] {clean(content.title)[:200]} {clean(content.url)[:500]}".strip(), ""
        case "miniprogram":
            return f"[小程序] {clean(content.title)[:200]}".strip(), ""
        case _:
            return "[暂不支持的消息]", ""
