"""Pictures that shoppers send over outside channels: fetched once, checked, kept by the house."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.conversation.bodies import Image, Said, Text
from bot.conversation.file_kinds import LARGEST, picture_kind

logger = structlog.get_logger(__name__)

Keep = Callable[[bytes, str], Awaitable[str]]

_FETCH_S = 4.0


class PublicOnly(AbstractResolver):
    """Finds no address that is not public: what a shopper names must not lead into the house's own network."""

    def __init__(self) -> None:
        self._asked = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._asked.resolve(host, port, family)
        public = [one for one in found if ipaddress.ip_address(one["host"]).is_global]
        if not public:
            raise OSError("no public address")
        return public

    async def close(self) -> None:
        await self._asked.close()


class Pictures:
    """Fetches with a session of its own; `open_to_all` is for bridges and tests on this machine."""

    def __init__(self, keep: Keep, *, open_to_all: bool = False) -> None:
        self._keep = keep
        self._open_to_all = open_to_all

    async def take(self, urls: tuple[str, ...]) -> list[str]:
        """Our own addresses of those pictures, "" for one that could not be had."""
        resolver = None if self._open_to_all else PublicOnly()
        connector = aiohttp.TCPConnector(resolver=resolver)
        timeout = aiohttp.ClientTimeout(total=_FETCH_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            return list(await asyncio.gather(*(self._one(session, url) for url in urls)))

    async def _one(self, session: aiohttp.ClientSession, url: str) -> str:
        try:
            if not self._open_to_all and _is_address(url):
                raise OSError("addresses have names")  # noqa: TRY301 - told like any other failure
            async with session.get(url, allow_redirects=False) as answer:
                data = await answer.content.read(LARGEST + 1)
                while len(data) <= LARGEST and (more := await answer.content.read(LARGEST)):
                    data += more
            kind = picture_kind(data)
            if answer.status != 200 or len(data) > LARGEST or not kind:
                raise OSError(f"status {answer.status}, {len(data)} bytes, {kind or 'no picture'}")  # noqa: TRY301
            return await self._keep(data, kind)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            logger.warning("picture_lost", host=urlsplit(url).hostname or "", error=str(error)[:200])
            return ""


async def said(text: str, urls: tuple[str, ...], pictures: Pictures) -> list[Said]:
    """What was said, in one body or several; a picture that could not be had is named by a word."""
    taken = await pictures.take(urls) if urls else []
    if not all(taken):
        text = f"{text}\n[图片]".strip()
    kept = [path for path in taken if path]
    if not kept:
        return [Text(text)] if text else []
    return [Image(kept[0], text), *(Image(path) for path in kept[1:])]


def _is_address(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return not host
