"""Pictures and files that agents send: taken in, judged by their first bytes, kept (docs/wire.md)."""

import re

import msgspec
from aiohttp import BodyPartReader, StreamReader, web

from bot.archive.accounts import Session
from bot.archive.media import LARGEST, kind_of
from bot.console import lists
from bot.console.answers import answer
from bot.console.door import signed_in
from bot.console.parts import PARTS, ConsoleParts
from bot.console.roles import Verb
from bot.conversation.bodies import File, Image
from bot.errors import BadCallError, BadFileError, NoFilesThereError, NotOwnerError, TooLargeError

_LONGEST_NAME = 120
_CHUNK = 64 * 1024
_UNSEEN = re.compile(r"[\x00-\x1f\x7f/\\\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Uploaded(msgspec.Struct, frozen=True):
    """Where it is kept, its MIME type by its bytes, its size in bytes."""

    url: str
    kind: str
    size: int


@signed_in(Verb.REPLY)
async def upload(request: web.Request, session: Session) -> web.StreamResponse:
    """Keeps a picture or a PDF for whoever has the conversation; it is said by a reply that names its `url`."""
    parts = request.app[PARTS]
    state = await lists.known_state(parts, request.match_info["id"])
    if state.owner != session.agent.id:
        raise NotOwnerError
    data = await _taken(request)
    kind = kind_of(data)
    if not kind:
        raise BadFileError
    return answer(Uploaded(await parts.media.keep(data, kind), kind, len(data)))


async def attached(parts: ConsoleParts, channel: str, url: str, name: str, text: str) -> Image | File:
    """What is kept at `url`, as a body for a shopper in `channel`.

    Raises BadCallError when we keep nothing there, NoFilesThereError when his channel carries no files.
    """
    kept = await parts.media.measure(url)
    if kept is None:
        raise BadCallError
    size, kind = kept
    if kind.startswith("image/"):
        return Image(url, text)
    if channel != "web":
        raise NoFilesThereError
    clean = _UNSEEN.sub("", name).strip()[-_LONGEST_NAME:]
    return File(url, clean or "document.pdf", size)


async def _taken(request: web.Request) -> bytes:
    """The body, or the first file of a form. Raises TooLargeError before more than that was kept in memory."""
    if (request.content_length or 0) > LARGEST + _CHUNK:
        raise TooLargeError
    if not request.content_type.startswith("multipart/"):
        return await _read(request.content)
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return await _read(part)
    except ValueError as error:
        raise BadCallError from error
    raise BadCallError


async def _read(source: BodyPartReader | StreamReader) -> bytes:
    data = bytearray()
    while chunk := await (
        source.read_chunk(_CHUNK) if isinstance(source, BodyPartReader) else source.read(_CHUNK)
    ):
        data += chunk
        if len(data) > LARGEST:
            raise TooLargeError
    return bytes(data)
