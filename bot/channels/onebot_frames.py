"""OneBot v11 frames: events of a bridge and its answers to our actions, decoded and checked."""

import hashlib
import hmac
import re
from typing import Any

import msgspec

from bot.channels.frames import LONGEST_TEXT, clean
from bot.channels.onebot_cq import Segment, parse_message
from bot.errors import BadFrameError, CallbackRefusedError

LONGEST = 1024 * 1024
_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_MESSAGE_ID = re.compile(r"[!-~]{1,128}")
_SIGNATURE = re.compile(r"sha1=([0-9a-f]{40})", re.ASCII)
_TOLD = {"record": "[语音]", "video": "[视频]", "json": "[卡片消息]"}
_TOLD |= {
    "xml": "[卡片消息]",
    "forward": "[转发的聊天记录]",
    "contact": "[名片]",
    "music": "[音乐]",
    "mface": "[表情]",
}
_MOST_PICTURES = 9


class OneBotMessage(msgspec.Struct, frozen=True):
    """What somebody wrote to an account of ours; `group` is "" in private. `called`: it mentions the account."""

    account: str
    id: str
    sent_at: int  # seconds since 1970, as the bridge says
    who: str
    group: str
    name: str
    text: str
    pictures: tuple[str, ...]
    called: bool


class Sign(msgspec.Struct, frozen=True):
    """The bridge lives; `online` says whether its account is signed in to QQ."""

    account: str
    kind: str
    online: bool = True
    every_s: float = 0.0


class Answer(msgspec.Struct, frozen=True):
    """What came of an action; `echo` is whatever we sent with it."""

    echo: object
    status: str
    code: int
    message_id: str
    wording: str
    online: bool = True  # what get_status says; True for every other action


class Other(msgspec.Struct, frozen=True):
    """Well-formed, and nothing that a desk does anything about."""

    type: str


Frame = OneBotMessage | Sign | Answer | Other


def parse_frame(data: str | bytes) -> Frame:
    """The frame. Raises BadFrameError for anything that no bridge says."""
    try:
        frame = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise BadFrameError(str(error)) from error
    if not isinstance(frame, dict):
        raise BadFrameError("a frame is an object")
    match frame.get("post_type"):
        case None:
            return _answer(frame)
        case "message":
            return _message(frame)
        case "meta_event":
            return _sign(frame)
        case kind:
            return Other(str(kind)[:64])


def action(name: str, params: dict[str, Any], echo: object) -> bytes:
    """The frame that asks the bridge to do something."""
    return msgspec.json.encode({"action": name, "params": params, "echo": echo})


def check_signature(token: str, header: str, body: bytes) -> None:
    """Raises CallbackRefusedError unless `header` (X-Signature) is the HMAC-SHA1 of the body under the token."""
    found = _SIGNATURE.fullmatch(header.strip())
    if found is None:
        raise CallbackRefusedError("X-Signature is missing, or is not sha1=… in hex")
    ours = hmac.new(token.encode(), body, hashlib.sha1).hexdigest()
    if not hmac.compare_digest(ours, found.group(1)):
        raise CallbackRefusedError("X-Signature is not of our token")


def check_bearer(token: str, header: str) -> None:
    """Raises CallbackRefusedError unless `header` (Authorization) carries our token."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() not in {"bearer", "token"} or not token:
        raise CallbackRefusedError("Authorization: Bearer … is missing")
    if not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise CallbackRefusedError("the bridge's token is not ours")


def number(value: object) -> str:
    """An id, which is an integer or its digits. Raises BadFrameError."""
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(digits, str) or not _NUMBER.fullmatch(digits):
        raise BadFrameError("an id is an integer")
    return digits


def _message(frame: dict[str, Any]) -> Frame:
    account, who = number(frame.get("self_id")), number(frame.get("user_id"))
    kind = frame.get("message_type")
    if kind not in {"private", "group"}:
        return Other(f"message {str(kind)[:40]}")
    if who == account or frame.get("anonymous"):
        return Other("own or anonymous message")  # answering ourselves would never end
    sent_at = frame.get("time")
    identifier = frame.get("message_id")
    identifier = str(identifier) if isinstance(identifier, int) else identifier
    if not isinstance(identifier, str) or not _MESSAGE_ID.fullmatch(identifier):
        raise BadFrameError("message_id is missing")
    segments = parse_message(frame.get("message"))
    sender = frame.get("sender")
    name = str(sender.get("card") or sender.get("nickname") or "") if isinstance(sender, dict) else ""
    return OneBotMessage(
        account=account,
        id=identifier,
        sent_at=int(sent_at) if isinstance(sent_at, int) and 0 < sent_at < 10**11 else 0,
        who=who,
        group=number(frame.get("group_id")) if kind == "group" else "",
        name=clean(name)[:64],
        text=_words(segments, account),
        pictures=_pictures(segments),
        called=any(_is_call(segment, account) for segment in segments),
    )


def _words(segments: tuple[Segment, ...], account: str) -> str:
    words: list[str] = []
    for segment in segments:
        match segment.type:
            case "text":
                words.append(segment.data.get("text", ""))
            case "at":
                if not _is_call(segment, account):
                    words.append(f"@{segment.data.get('name') or segment.data.get('qq', '')}")
            case "face":
                words.append("[表情]")
            case "file":
                words.append(f"[文件 {segment.data.get('name') or segment.data.get('file', '')}]"[:90])
            case "location":
                words.append(_named("[位置]", segment, "title", "content"))
            case "share":
                words.append(_named("[链接]", segment, "title", "url"))
            case kind:
                words.append(_TOLD.get(kind, ""))
    return clean("".join(words))[:LONGEST_TEXT]


def _named(what: str, segment: Segment, *names: str) -> str:
    told = (segment.data.get(name, "").strip()[:300] for name in names)
    return " ".join([what, *(word for word in told if word)])


def _pictures(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    urls = [
        segment.data.get("url") or segment.data.get("file", "")
        for segment in segments
        if segment.type == "image"
    ]
    shown = [url for url in urls if url.startswith(("https://", "http://")) and len(url) <= 2048]
    return tuple(shown[:_MOST_PICTURES])


def _is_call(segment: Segment, account: str) -> bool:
    return segment.type == "at" and segment.data.get("qq", "").strip() == account


def _sign(frame: dict[str, Any]) -> Sign | Other:
    account = number(frame.get("self_id"))
    match frame.get("meta_event_type"):
        case "heartbeat":
            status, every = frame.get("status"), frame.get("interval")
            online = not isinstance(status, dict) or status.get("online") is not False
            period = float(every) / 1000 if isinstance(every, int | float) and 0 < every < 10**9 else 0.0
            return Sign(account, "heartbeat", online, period)
        case "lifecycle":
            return Sign(account, f"lifecycle {str(frame.get('sub_type', ''))[:20]}")
        case kind:
            return Other(f"meta {str(kind)[:40]}")


def _answer(frame: dict[str, Any]) -> Answer:
    status, code = frame.get("status"), frame.get("retcode")
    if not isinstance(status, str) or not isinstance(code, int) or isinstance(code, bool):
        raise BadFrameError("neither an event nor an answer")
    data = frame.get("data")
    found = data.get("message_id", "") if isinstance(data, dict) else ""
    wording = frame.get("wording") or frame.get("message") or ""
    online = not isinstance(data, dict) or data.get("online") is not False
    return Answer(frame.get("echo"), status, code, str(found)[:128], clean(str(wording))[:300], online)
