"""One letter on its way: signed, to the address that was named and to no other."""

import hashlib
import hmac
import ipaddress
import socket
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from bot.settings import Hook

_ANSWER_S = 10.0


class InsideError(OSError):
    """The address is of the inner network, and was not named by the operator."""


class _OnlyOutside(AbstractResolver):
    """Names whose addresses anybody may reach: a name of the console must not lead to our own neighbours."""

    def __init__(self) -> None:
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if any(_is_inside(one["host"]) for one in found):
            raise InsideError(host)
        return found

    async def close(self) -> None:
        await self._resolver.close()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>`; the timestamp is in seconds."""
    return "v1=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def open_post(*, anywhere: bool) -> AbstractAsyncContextManager[ClientSession]:
    """A session for letters; `anywhere`: also to addresses of the inner network."""
    timeout = ClientTimeout(total=_ANSWER_S)
    connector = TCPConnector() if anywhere else TCPConnector(resolver=_OnlyOutside())
    return ClientSession(timeout=timeout, cookie_jar=DummyCookieJar(), connector=connector)


async def post(session: ClientSession, hook: Hook, event: str, body: bytes, timestamp: int) -> str:
    """What went wrong; "" when the receiver took it. `event` is what it is known by, `timestamp` in seconds."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Xiaoer",
        "X-Xiaoer-Event": event,
        "X-Xiaoer-Timestamp": str(timestamp),
        "X-Xiaoer-Signature": signature(hook.secret, timestamp, body),
    }
    try:
        if _guards(session) and _is_inside(urlsplit(hook.url).hostname or ""):
            raise InsideError(hook.url)
        # A redirect would lead where the merchant did not send us.
        async with session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response:
            return "" if 200 <= response.status < 300 else f"HTTP {response.status}"
    except (ClientError, TimeoutError, OSError) as error:
        inside = isinstance(error, InsideError) or isinstance(error.__cause__, InsideError)
        return "inner network: XIAOER_HOOKS_INSIDE" if inside else type(error).__name__


def _guards(session: ClientSession) -> bool:
    resolver: Any = getattr(session.connector, "_resolver", None)
    return isinstance(resolver, _OnlyOutside)


def _is_inside(host: str) -> bool:
    """Whether an address is of our own machine or network; a name is not known yet."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global
