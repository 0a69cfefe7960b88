"""OneBot v11 messages: arrays of segments and CQ strings, read and written."""

from collections.abc import Iterable
from typing import Any

import msgspec

from bot.errors import BadFrameError

_MOST_SEGMENTS = 200
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_START = "[CQ:"


class Segment(msgspec.Struct, frozen=True):
    """One piece of a message: its type and its values, which are text once read."""

    type: str
    data: dict[str, str]


def parse_message(message: object) -> tuple[Segment, ...]:
    """The segments of a message in either form. Raises BadFrameError for any other form."""
    if isinstance(message, str):
        return parse_cq(message)
    if isinstance(message, dict):  # a single segment may stand without its array
        message = [message]
    if not isinstance(message, list) or len(message) > _MOST_SEGMENTS:
        raise BadFrameError("a message is a CQ string, or an array of at most 200 segments")
    return tuple(_segment(piece) for piece in message)


def parse_cq(text: str) -> tuple[Segment, ...]:
    """The segments of a CQ string. What looks like a code and is none stays text."""
    found: list[Segment] = []
    plain: list[str] = []
    at, end = 0, 0
    while at < len(text):
        start = text.find(_START, at)
        end = text.find("]", start) if 0 <= end <= start else end
        if start < 0 or end < 0 or len(found) >= _MOST_SEGMENTS:
            plain.append(text[at:])
            break
        # A code inside a code is none; looking for it keeps the whole search linear, whatever is sent.
        nested = text.find(_START, start + len(_START), end) >= 0
        code = None if nested else _code(text[start + len(_START) : end])
        if code is None:
            plain.append(text[at : start + len(_START)])
            at = start + len(_START)
            continue
        plain.append(text[at:start])
        _flush(plain, found)
        found.append(code)
        at = end + 1
    _flush(plain, found)
    return tuple(found)


def write_cq(segments: Iterable[Segment]) -> str:
    """The CQ string of these segments."""
    return "".join(_written(segment) for segment in segments)


def write_array(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    """The array form of these segments."""
    return [{"type": segment.type, "data": dict(segment.data)} for segment in segments]


def escape(text: str, *, in_code: bool = False) -> str:
    """Text as a CQ string carries it; inside a code a comma is escaped too."""
    text = text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")
    return text.replace(",", "&#44;") if in_code else text


def unescape(text: str) -> str:
    # The ampersand last: "&amp;#91;" is the text "&#91;" and no bracket.
    return text.replace("&#44;", ",").replace("&#91;", "[").replace("&#93;", "]").replace("&amp;", "&")


def _written(segment: Segment) -> str:
    if segment.type == "text":
        return escape(segment.data.get("text", ""))
    values = "".join(f",{name}={escape(value, in_code=True)}" for name, value in segment.data.items())
    return f"{_START}{segment.type}{values}]"


def _code(inner: str) -> Segment | None:
    name, *pairs = inner.split(",")
    if not name or not _NAME.issuperset(name) or name == "text":  # text stands outside of codes
        return None
    data: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.lstrip().partition("=")
        if not pair.strip():
            continue  # some bridges leave a comma behind
        if not equals or not key or not _NAME.issuperset(key):
            return None
        data[key] = unescape(value)
    return Segment(name, data)


def _segment(piece: object) -> Segment:
    if not isinstance(piece, dict) or not isinstance(piece.get("type"), str):
        raise BadFrameError("a segment has a type and data")
    data = piece.get("data") or {}
    if not isinstance(data, dict):
        raise BadFrameError("a segment's data is an object")
    return Segment(piece["type"], {str(name): _text(value) for name, value in data.items()})


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return str(value)
    return ""  # nested things (forwarded messages, say) are nothing that a desk reads


def _flush(plain: list[str], found: list[Segment]) -> None:
    text = unescape("".join(plain))
    plain.clear()
    if text:
        found.append(Segment("text", {"text": text}))
