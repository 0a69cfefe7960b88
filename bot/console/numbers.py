"""Numbers as calls carry them: whole, not below zero, and exact in a browser."""

from typing import Annotated

import msgspec
from aiohttp import web

from bot.errors import BadCallError

LARGEST = 2**53 - 1

Whole = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Seq = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]


def whole(request: web.Request, name: str, default: int | None = None) -> int:
    """The number behind the question mark. Raises BadCallError for what is none, or missing without default."""
    given = request.query.get(name)
    if given is None and default is not None:
        return default
    if given is None or not (given.isascii() and given.isdigit()) or len(given) > 16:
        raise BadCallError
    number = int(given)
    if number > LARGEST:
        raise BadCallError
    return number
