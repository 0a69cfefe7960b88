"""The QQ platform's callbacks, decoded: a validation, a shopper's message, consent, or nothing for us."""

import base64
import binascii
import re
from datetime import datetime
from typing import Any, Literal

import msgspec

from bot.channels.frames import LONGEST_TEXT, clean
from bot.channels.qq_signature import Validation
from bot.errors import BadFrameError

OP_EVENT, OP_ACK, OP_VALIDATION = 0, 12, 13
_ID = re.compile(r"[!-~]{1,256}")
_MENTION = re.compile(r"<@!?[0-9A-Za-z_-]{1,64}>")
_FACE = re.compile(r"<faceType=[^<>]{0,400}?>")
_FACE_WORDS = re.compile(r'ext="([A-Za-z0-9+/=]{1,300})"')
_MOST_FILES = 9


class Picture(msgspec.Struct, frozen=True):
    """An image that the platform keeps; `url` is https and stays good for a while only."""

    url: str
    name: str = ""
    size: int = 0


class QQMessage(msgspec.Struct, frozen=True):
    """What a shopper wrote to the bot; `group` is "" in private. `who` is his openid there.

    `id` is what the platform knows the message by, and what a reply names.
    """

    id: str
    event: str
    who: str
    group: str
    text: str
    pictures: tuple[Picture, ...]
    sent_at: int  # ms since 1970; 0 when the platform did not say


class QQConsent(msgspec.Struct, frozen=True):
    """The shopper (or a group) allows or refuses messages that answer nothing."""

    event: str
    who: str
    group: str
    allows: bool


class QQOther(msgspec.Struct, frozen=True):
    """Well-formed, acknowledged, and nothing that a desk does anything about."""

    event: str
    type: str


Callback = Validation | QQMessage | QQConsent | QQOther

_CONSENT: dict[str, bool] = {
    "C2C_MSG_RECEIVE": True,
    "C2C_MSG_REJECT": False,
    "FRIEND_ADD": True,
    "FRIEND_DEL": False,
    "GROUP_MSG_RECEIVE": True,
    "GROUP_MSG_REJECT": False,
}


class _Attachment(msgspec.Struct, frozen=True):
    content_type: str = ""
    url: str = ""
    filename: str = ""
    size: float = 0
    asr_refer_text: str = ""


class _Author(msgspec.Struct, frozen=True):
    user_openid: str = ""
    member_openid: str = ""
    id: str = ""
    bot: bool = False


class _Message(msgspec.Struct, frozen=True):
    id: str
    author: _Author
    content: str = ""
    timestamp: str | int = ""
    group_openid: str = ""
    attachments: list[_Attachment] | None = None


class _Told(msgspec.Struct, frozen=True):
    openid: str = ""
    group_openid: str = ""
    op_member_openid: str = ""


class _Payload(msgspec.Struct, frozen=True):
    op: int
    d: msgspec.Raw = msgspec.Raw(b"null")
    t: str | None = None
    id: str = ""


_payload = msgspec.json.Decoder(_Payload)
_validation = msgspec.json.Decoder(Validation)
_message = msgspec.json.Decoder(_Message)
_told = msgspec.json.Decoder(_Told)


def parse_callback(body: bytes) -> Callback:
    """What the platform tells us. Raises BadFrameError for what is not its form."""
    payload: _Payload = _decoded(_payload, body)
    if payload.op == OP_VALIDATION:
        validation: Validation = _decoded(_validation, payload.d)
        return validation
    if payload.op != OP_EVENT:
        return QQOther(payload.id, f"op {payload.op}")
    match payload.t:
        case "C2C_MESSAGE_CREATE":
            return _said(payload, "c2c")
        case "GROUP_AT_MESSAGE_CREATE":
            return _said(payload, "group")
        case kind if kind in _CONSENT:
            told: _Told = _decoded(_told, payload.d)
            return QQConsent(payload.id, told.openid, told.group_openid, _CONSENT[kind])
        case kind:
            return QQOther(payload.id, str(kind)[:64])


def _said(payload: _Payload, where: Literal["c2c", "group"]) -> QQMessage | QQOther:
    message: _Message = _decoded(_message, payload.d)
    if message.author.bot:  # two bots would talk to each other forever
        return QQOther(payload.id, "a bot's message")
    group = message.group_openid if where == "group" else ""
    who = message.author.member_openid if where == "group" else message.author.user_openid
    who = who or message.author.id
    if (
        not _ID.fullmatch(message.id)
        or not _ID.fullmatch(who)
        or (where == "group" and not _ID.fullmatch(group))
    ):
        raise BadFrameError("the message names no id, no author, or no group")
    text = _MENTION.sub("", message.content) if where == "group" else message.content
    pictures, told = _attached(message.attachments or [])
    words = [clean(_FACE.sub(_face, text)), *told]
    return QQMessage(
        message.id,
        payload.id,
        who,
        group,
        "\n".join(word for word in words if word)[:LONGEST_TEXT],
        pictures,
        _milliseconds(message.timestamp),
    )


def _attached(attachments: list[_Attachment]) -> tuple[tuple[Picture, ...], list[str]]:
    """Pictures, and a few words for each of the other things: an agent must see that they were sent."""
    pictures, told = [], []
    for attachment in attachments[:_MOST_FILES]:
        kind = attachment.content_type.lower()
        if kind.startswith("image"):
            url = _https(attachment.url)
            if url:
                pictures.append(Picture(url, clean(attachment.filename)[:80], int(max(attachment.size, 0))))
            else:
                told.append("[图片]")
        elif kind.startswith(("voice", "audio")):
            told.append(clean(attachment.asr_refer_text) or "[语音]")
        elif kind.startswith("video"):
            told.append("[视频]")
        else:
            told.append(f"[文件 {clean(attachment.filename)[:80]}]".replace(" ]", "]"))
    return tuple(pictures), told


def _https(url: str) -> str:
    # The platform leaves the scheme out now and then.
    url = url.strip()
    if url.startswith("//"):
        url = "https:" + url
    elif "://" not in url and url:
        url = "https://" + url
    return url if url.startswith(("https://", "http://")) and len(url) <= 2048 else ""


def _face(found: re.Match[str]) -> str:
    words = _FACE_WORDS.search(found.group())
    if words:
        try:
            told: Any = msgspec.json.decode(base64.b64decode(words.group(1), validate=True))
        except (binascii.Error, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return "[表情]"
        if isinstance(told, dict) and isinstance(told.get("text"), str) and told["text"]:
            return clean(told["text"])[:20] or "[表情]"
    return "[表情]"


def _milliseconds(timestamp: str | int) -> int:
    try:
        if isinstance(timestamp, int) or timestamp.isdigit():
            seconds = int(timestamp)
            return seconds * 1000 if 0 < seconds < 10**11 else 0
        return max(int(datetime.fromisoformat(timestamp).timestamp() * 1000), 0)
    except (ValueError, OverflowError, OSError):
        return 0


def _decoded(decoder: Any, body: bytes | msgspec.Raw) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadFrameError(str(error)) from error
