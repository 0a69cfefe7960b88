"""Answers of the console's calls, and its errors in the reader's language."""

from typing import Any

import msgspec
from aiohttp import web

from bot.desk.masking import shown_masked
from bot.errors import (
    AccountError,
    ArchiveUnavailableError,
    BadCallError,
    BadKindError,
    BusyTeachingError,
    CannedTakenError,
    EmptyTextError,
    EntryIncompleteError,
    HookAddressError,
    HookTakenError,
    IdentityError,
    LockedOutError,
    LogUnavailableError,
    LostRaceError,
    NoSuchAgentError,
    NoSuchCallError,
    NoSuchCannedError,
    NoSuchEntryError,
    NoSuchEventError,
    NoSuchHookError,
    NoSuchReadingError,
    NoSuchTicketError,
    NotAllowedError,
    NothingTaughtError,
    NothingTrainedError,
    RefusedError,
    StaleEntryError,
    StaleError,
    TooManyCannedError,
    UnknownConversationError,
    UnknownGapError,
    WorkshopError,
    XiaoerError,
)

_encode = msgspec.json.Encoder().encode

# The first class that fits says the status.
_STATUS: tuple[tuple[type[XiaoerError], int], ...] = (
    (LockedOutError, 429),
    (IdentityError, 401),
    (NotAllowedError, 403),
    (UnknownConversationError, 404),
    (NoSuchAgentError, 404),
    (NoSuchCallError, 404),
    (NoSuchTicketError, 404),
    (NoSuchEventError, 404),
    (NoSuchReadingError, 404),
    (NoSuchEntryError, 404),
    (NoSuchHookError, 404),
    (HookTakenError, 409),
    (NoSuchCannedError, 404),
    (CannedTakenError, 409),
    (TooManyCannedError, 409),
    (UnknownGapError, 400),
    (HookAddressError, 400),
    (StaleError, 409),
    (StaleEntryError, 409),
    (EntryIncompleteError, 400),
    (WorkshopError, 503),
    (BusyTeachingError, 409),
    (NothingTaughtError, 400),
    (NothingTrainedError, 409),
    (LostRaceError, 503),
    (LogUnavailableError, 503),
    (ArchiveUnavailableError, 503),
    (BadKindError, 400),
    (EmptyTextError, 400),
    (BadCallError, 400),
    (RefusedError, 400),
    (AccountError, 400),
)


def answer(content: Any, status: int = 200, *, clear: bool = False) -> web.Response:
    """The content as JSON, with customers' particulars masked unless it must be `clear`."""
    return web.Response(
        body=_encode(content if clear else shown_masked(content)),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def refusal(error: XiaoerError, lang: str, state: Any = None) -> web.Response:
    """The error as the console reads it; `state` is how a conversation is now, after a lost race."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    content: dict[str, Any] = {"code": error.code, "message": error.told(lang)}
    if state is not None:
        content["state"] = state
    response = answer({"error": content}, status)
    if isinstance(error, LockedOutError):
        response.headers["Retry-After"] = str(error.after_s)
    return response


def language(request: web.Request) -> str:
    """`en` or `zh`, whichever the browser asks for first; `zh` when it wants neither."""
    best, found = 0.0, "zh"
    for part in request.headers.get("Accept-Language", "").split(","):
        name, _, weight = part.strip().lower().partition(";q=")
        short = name.split("-")[0]
        try:
            value = float(weight or 1)
        except ValueError:
            continue
        if short in ("zh", "en") and value > best:
            best, found = value, short
    return found
