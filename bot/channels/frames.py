"""The widget's frames: decoded, checked, cleaned (docs/wire.md)."""

import re
import unicodedata
from typing import Any

import msgspec

from bot.conversation.bodies import Choice, Rated, Text
from bot.errors import (
    ArchiveUnavailableError,
    BadFrameError,
    BadKindError,
    EmptyTextError,
    LogUnavailableError,
    LostRaceError,
    OverloadedError,
    StaleError,
    TooFastError,
    TooLongError,
    XiaoerError,
)

LONGEST_TEXT = 2000
LONGEST_FRAME = 64 * 1024
_ID = re.compile(r"[!-~]{1,64}")


class Hello(msgspec.Struct, frozen=True, tag_field="t", tag="hello"):
    site: str
    identity: str | None = None
    tok: str | None = None
    after: int = 0
    lang: str = "zh-CN"


class Send(msgspec.Struct, frozen=True, tag_field="t", tag="send"):
    cid: str
    kind: str
    body: msgspec.Raw = msgspec.Raw(b"{}")


class Ping(msgspec.Struct, frozen=True, tag_field="t", tag="ping"):
    pass


class Typing(msgspec.Struct, frozen=True, tag_field="t", tag="typing"):
    pass


class Read(msgspec.Struct, frozen=True, tag_field="t", tag="read"):
    seq: int = 0


class SentImage(msgspec.Struct, frozen=True, tag_field="type", tag="image"):
    """A picture that an upload has kept at `url`, and what is written beside it."""

    url: str
    text: str = ""


class SentFile(msgspec.Struct, frozen=True, tag_field="type", tag="file"):
    url: str
    name: str = ""


Frame = Hello | Send | Ping | Typing | Read

_frames = msgspec.json.Decoder(Frame)
_said = msgspec.json.Decoder(Text | Choice | SentImage | SentFile)
_rated = msgspec.json.Decoder(Rated)


def parse_frame(data: str) -> Frame:
    """The frame. Raises BadFrameError for anything else."""
    try:
        frame: Frame = _frames.decode(data)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise BadFrameError(str(error)) from error
    if isinstance(frame, Send) and not _ID.fullmatch(frame.cid):
        raise BadFrameError("cid is 1 to 64 visible ASCII characters")
    return frame


def parse_said(body: msgspec.Raw) -> Text | Choice | SentImage | SentFile:
    """What the shopper says, cleaned. Raises BadKindError, EmptyTextError, TooLongError."""
    said = _decoded(_said, body)
    if isinstance(said, Choice | SentFile):
        return said
    text = clean(said.text)
    if len(text) > LONGEST_TEXT:
        raise TooLongError
    if isinstance(said, SentImage):
        return SentImage(said.url, text)
    if not text:
        raise EmptyTextError
    return Text(text)


def parse_rated(body: msgspec.Raw) -> Rated:
    """A rating of 1 to 5 stars with a few short reasons. Raises BadFrameError, TooLongError."""
    rated = _decoded(_rated, body)
    if not 1 <= rated.stars <= 5:
        raise BadFrameError("stars are 1 to 5")
    if len(rated.reasons) > 10 or any(len(reason) > 40 for reason in rated.reasons):
        raise TooLongError
    comment = clean(rated.comment)
    if len(comment) > 500:
        raise TooLongError
    return Rated(rated.stars, tuple(clean(reason) for reason in rated.reasons), comment)


def refusal(error: XiaoerError, cid: str | None, lang: str) -> dict[str, Any]:
    """The `err` frame: what was not accepted, why, whether to send it again and after how many seconds."""
    later = LogUnavailableError | LostRaceError | ArchiveUnavailableError
    retry = getattr(error, "retry", False) or isinstance(error, later)
    frame: dict[str, Any] = {"t": "err", "code": error.code, "message": error.told(lang), "retry": retry}
    if isinstance(error, StaleError):
        frame["code"] = BadKindError.code
    if cid:
        frame["cid"] = cid
    if isinstance(error, TooFastError | OverloadedError):
        frame["after_s"] = round(error.after_s, 1)
    return frame


def clean(text: str) -> str:
    """The text without control and direction characters, which no keyboard types, and without blank ends.

    What joins letters and emoji (zero width joiner, variation selectors) stays inside the text.
    """
    kept = "".join(
        c
        for c in text.replace("\r\n", "\n")
        if c in "\n\t\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return kept.strip().strip("\u200d\ufe0f").strip()


def _decoded(decoder: Any, body: msgspec.Raw) -> Any:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise BadKindError(str(error)) from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadFrameError(str(error)) from error
