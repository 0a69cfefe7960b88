"""How every platform is called: in time, not too often at once, again only where that is safe."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, cast

import aiohttp
import msgspec
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from yarl import URL

from actions.platforms.base import (
    PlatformBusy,
    PlatformDenied,
    PlatformDown,
    PlatformError,
    PlatformGarbage,
    PlatformSlow,
)

T = TypeVar("T")
MAX_ANSWER = 1_000_000
TRIES = 3
log = logging.getLogger(__name__)


class Limits(msgspec.Struct, frozen=True):
    """Times are in seconds; `breaker_failures` in a row and it is left alone for `breaker_rest_s`."""

    connect_s: float = 1.0
    total_s: float = 3.0
    breaker_failures: int = 5
    breaker_rest_s: float = 10.0
    at_once: int = 64


class Call(msgspec.Struct, frozen=True):
    """One request; `what` names it in our logs, where no path may stand: paths name people."""

    what: str
    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(msgspec.Struct, frozen=True):
    """What came back, whole; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """One for each program that we ask; its connections are opened with the first call."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False
        self._turnstile = asyncio.Semaphore(limits.at_once)
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=limits.breaker_failures, default_ttl=limits.breaker_rest_s
        )

    async def send(self, make: Callable[[], Call], *, again: bool) -> Answer:
        """The answer, below 500 and neither 401, 403 nor 429; each try sends what `make` makes anew.

        With `again` it is sent up to three times while the other side is down: only for what may happen
        twice, or carries a key by which the other side knows it. Raises PlatformError's kin.
        """
        breaker = await self._breakers.get_breaker(self._name)
        try:
            async with breaker:
                try:
                    return await self._one(make)
                except PlatformDown as error:
                    if not again:
                        raise
                    return await self._again(make, error)
        except OpenedState as error:
            raise PlatformDown("resting after repeated failures") from error

    async def close(self) -> None:
        """Ends its connections; a call that comes, or is tried again, after this finds the other side down."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _again(self, make: Callable[[], Call], failed: PlatformDown) -> Answer:
        """What the tries after the first one come to; that one's failure stands for it."""
        first: Iterator[PlatformDown] = iter((failed,))

        async def one() -> Answer:
            for error in first:
                raise error
            return await self._one(make)

        retrying = AsyncRetrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.1, max=0.5),
            retry=retry_if_exception(lambda error: type(error) is PlatformDown),
            reraise=True,
        )
        return await retrying(one)

    async def _one(self, make: Callable[[], Call]) -> Answer:
        began = time.monotonic()
        call = make()
        if self._turnstile.locked():
            try:
                async with asyncio.timeout(self._limits.total_s):
                    await self._turnstile.acquire()
            except TimeoutError as error:
                raise PlatformBusy("too many calls at once") from error
        else:
            await self._turnstile.acquire()  # at once
        try:
            return _judged(await self._exchange(call))
        except PlatformError as error:
            spent = int((time.monotonic() - began) * 1000)
            log.info("%s %s: %s after %d ms", self._name, call.what, type(error).__name__, spent)
            raise
        finally:
            self._turnstile.release()

    async def _exchange(self, call: Call) -> Answer:
        try:
            async with self._open().request(
                call.method,
                URL(call.url, encoded=True),
                data=call.body or None,
                headers=call.headers,
                allow_redirects=False,
            ) as answer:
                body = await _whole(answer)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status, headers, body)
        except TimeoutError as error:
            raise PlatformSlow(call.what) from error
        except aiohttp.ClientPayloadError as error:
            raise PlatformDown("the answer broke off") from error
        except (aiohttp.ClientError, OSError) as error:
            raise PlatformDown(type(error).__name__) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._is_closed:
            raise PlatformDown("we are closing")
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=self._limits.total_s, connect=self._limits.connect_s)
            # Nobody's cookies: one customer's call must not colour the next one's.
            self._session = aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _judged(answer: Answer) -> Answer:
    if answer.status == 429:
        raise PlatformBusy("429")
    if answer.status >= 500 and answer.status != 501:
        raise PlatformDown(str(answer.status))
    if answer.status in {401, 403}:
        raise PlatformDenied(str(answer.status))
    if 300 <= answer.status < 400:
        raise PlatformGarbage("sent us elsewhere")
    return answer


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise PlatformGarbage("an answer beyond all measure")
    return bytes(body)


@cache  # one for each kind that a platform's file names
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def decoded(kind: type[T], body: bytes | msgspec.Raw) -> T:
    """The body as that value. Raises PlatformGarbage, without the body's own words: they may be personal."""
    try:
        return cast("T", _decoder(kind).decode(body))  # type: ignore[arg-type] # every type is hashable
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlatformGarbage(getattr(kind, "__name__", str(kind))) from error
