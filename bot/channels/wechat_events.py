"""What 公众号 and mini-programs push, read: a shopper's message, his turning up, or nothing for us."""

import hashlib
from collections.abc import Mapping

import msgspec

from bot.channels.frames import LONGEST_TEXT, clean
from bot.conversation.bodies import Reach
from bot.errors import BadFrameError

SAID = Reach(5, 48 * 3600, "said")
MENU = Reach(3, 60, "menu")
FOLLOWED = Reach(3, 60, "subscribe")
ENTERED = Reach(2, 60, "enter")
_LONGEST_ID = 64


class Pushed(msgspec.Struct, frozen=True):
    """`openid` said `text`, or sent the picture at `picture`; or, with neither, he turned up.

    `id` is the same for every push of the same thing. `greets`: he is to be welcomed. `pressed` is the id
    that we gave the entry of a menu message.
    """

    openid: str
    id: str
    reach: Reach
    text: str = ""
    picture: str = ""
    pressed: str = ""
    greets: bool = False


def parse_pushed(fields: Mapping[str, str]) -> Pushed | None:
    """What was pushed; None for what does not concern a conversation. Raises BadFrameError."""
    openid, created = fields.get("FromUserName", ""), fields.get("CreateTime", "")
    if not openid or len(openid) > _LONGEST_ID or not fields.get("ToUserName"):
        raise BadFrameError("FromUserName or ToUserName is missing")
    kind = fields.get("MsgType", "")
    if kind == "event":
        return _event(fields, openid, _event_id(fields, openid, created))
    message = fields.get("MsgId", "")
    if not (message.isascii() and message.isdigit() and len(message) <= 24):
        raise BadFrameError("MsgId is missing")
    if kind == "text":
        text = clean(fields.get("Content", ""))[:LONGEST_TEXT]
        pressed = fields.get("bizmsgmenuid", "")[:_LONGEST_ID]
        return Pushed(openid, message, SAID, text or "[空消息]", pressed=pressed)
    if kind == "image":
        return Pushed(openid, message, SAID, "[图片]", picture=fields.get("PicUrl", ""))
    return Pushed(openid, message, SAID, _other(kind, fields))


def _other(kind: str, fields: Mapping[str, str]) -> str:
    """Kinds that are neither text nor picture, in words."""
    match kind:
        case "voice":
            heard = clean(fields.get("Recognition", ""))
            return heard[:LONGEST_TEXT] or "[语音消息]"
        case "location":
            return f"[位置] {clean(fields.get('Label', ''))[:200]}".strip()
        case "link":
            title, url = clean(fields.get("Title", ""))[:200], clean(fields.get("Url", ""))[:500]
            return f"[链接] {title} {url}".strip()
        case "miniprogrampage":
            return f"[小程序] {clean(fields.get('Title', ''))[:200]}".strip()
        case "video" | "shortvideo":
            return "[视频]"
        case _:
            return "[暂不支持的消息]"


def _event(fields: Mapping[str, str], openid: str, identifier: str) -> Pushed | None:
    key = clean(fields.get("EventKey", ""))[:LONGEST_TEXT]
    match fields.get("Event", "").lower():
        case "subscribe":
            return Pushed(openid, identifier, FOLLOWED, greets=True)
        case "scan":
            return Pushed(openid, identifier, FOLLOWED)
        case "click" if key:
            # The merchant's menu says what a shopper would: its key is the question.
            return Pushed(openid, identifier, MENU, key)
        case "user_enter_tempsession":
            return Pushed(openid, identifier, ENTERED, greets=True)
        case _:
            return None


def _event_id(fields: Mapping[str, str], openid: str, created: str) -> str:
    # Events have no id: the platform says that sender and time are one. Hashed, as ids stand in the log.
    if not (created.isascii() and created.isdigit()):
        raise BadFrameError("CreateTime is missing")
    what = f"{openid}|{created}|{fields.get('Event', '')}|{fields.get('EventKey', '')}"
    return "e" + hashlib.sha256(what.encode()).hexdigest()[:24]
