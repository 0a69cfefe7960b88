"""Pictures and files on their way in, of shoppers and of agents: bounded, judged by their first bytes, kept."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import BodyPartReader, StreamReader, web

from bot.channels.pictures import Keep
from bot.conversation.bodies import File, Image
from bot.conversation.file_kinds import LARGEST, kind_of
from bot.errors import BadFileError, NoSuchFileError, OverloadedError, TooLargeError, UnavailableError

Measure = Callable[[str], Awaitable[tuple[int, str] | None]]
"""The size in bytes and the MIME type of what is kept at an address."""

_LONGEST_NAME = 120
_CHUNK = 64 * 1024
_PATIENCE_S = 90
_UNSEEN = re.compile(r"[\x00-\x1f\x7f/\\\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Uploaded(msgspec.Struct, frozen=True):
    """Where it is kept, its MIME type by its bytes, its size in bytes."""

    url: str
    kind: str
    size: int


class TakesIn:
    """Takes uploads in, `at_once` of them at most: each lies in memory until it is kept."""

    def __init__(self, keep: Keep, at_once: int = 16) -> None:
        self._keep = keep
        self._room = at_once

    async def take(self, request: web.Request) -> Uploaded:
        """Keeps the request's file.

        Raises TooLargeError, BadFileError, OverloadedError, UnavailableError for one that comes too slowly.
        """
        if self._room <= 0:
            raise OverloadedError(after_s=2)
        self._room -= 1
        try:
            async with asyncio.timeout(_PATIENCE_S):
                data = await _taken(request)
        except TimeoutError as error:
            raise UnavailableError from error
        finally:
            self._room += 1
        kind = kind_of(data)
        if not kind:
            raise BadFileError
        return Uploaded(await self._keep(data, kind), kind, len(data))


async def attached(measure: Measure, url: str, name: str, text: str) -> Image | File:
    """What is kept at `url`, as a body to say. Raises NoSuchFileError when we keep nothing there."""
    kept = await measure(url)
    if kept is None:
        raise NoSuchFileError
    size, kind = kept
    if kind.startswith("image/"):
        return Image(url, text)
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
        raise BadFileError from error
    raise BadFileError


async def _read(source: BodyPartReader | StreamReader) -> bytes:
    data = bytearray()
    while chunk := await (
        source.read_chunk(_CHUNK) if isinstance(source, BodyPartReader) else source.read(_CHUNK)
    ):
        data += chunk
        if len(data) > LARGEST:
            raise TooLargeError
    return bytes(data)
