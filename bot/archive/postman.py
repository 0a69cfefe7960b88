"""Brings letters to the merchant's CRM: signed, in each conversation's order, again until they are taken."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from bot.archive.webhooks import Letter, Letters
from bot.settings import Hook

logger = structlog.get_logger(__name__)

_ANSWER_S = 10.0
_ROUNDS = 20


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>`; the timestamp is in seconds."""
    return "v1=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


class Postman:
    """`tick` is called every second by one process at a time; `clock` gives ms since 1970."""

    def __init__(
        self, letters: Letters, hooks: Mapping[str, Hook], clock: Callable[[], Awaitable[int]]
    ) -> None:
        self._letters = letters
        self._hooks = hooks
        self._clock = clock

    async def tick(self) -> None:
        if not self._hooks:
            return
        await self._letters.gather(await self._clock())
        timeout = ClientTimeout(total=_ANSWER_S)
        async with ClientSession(timeout=timeout, cookie_jar=DummyCookieJar()) as session:
            for _ in range(_ROUNDS):
                due = await self._letters.due(await self._clock())
                if not due:
                    break
                await asyncio.gather(*(self._bring(session, letter) for letter in due))
        await self._letters.forget(await self._clock())

    async def _bring(self, session: ClientSession, letter: Letter) -> None:
        told = await self._post(session, letter)
        now = await self._clock()
        if not told:
            await self._letters.sent(letter, now)
        elif await self._letters.failed(letter, told, now):
            logger.error("webhook_dead", hook=letter.hook, type=letter.type, told=told)
        else:
            logger.warning(
                "webhook_failed", hook=letter.hook, type=letter.type, told=told, tries=letter.tries
            )

    async def _post(self, session: ClientSession, letter: Letter) -> str:
        """What went wrong; "" when the receiver took it."""
        hook, body = self._hooks[letter.hook], letter.body.encode()
        timestamp = await self._clock() // 1000
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Xiaoer",
            "X-Xiaoer-Event": f"{letter.conversation}:{letter.seq}",
            "X-Xiaoer-Timestamp": str(timestamp),
            "X-Xiaoer-Signature": signature(hook.secret, timestamp, body),
        }
        try:
            # A redirect would lead where the merchant did not send us.
            async with session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response:
                return "" if 200 <= response.status < 300 else f"HTTP {response.status}"
        except (ClientError, TimeoutError, OSError) as error:
            return type(error).__name__
