"""The QQ platform's API: its token, sending, files. Every call ends in an outcome that the courier understands."""

import asyncio
from typing import Any, Protocol

import aiohttp
import structlog

from bot.channels.checking import why_unreachable
from bot.channels.qq_codes import CODES, Told, Verdict, told
from bot.courier.contract import Failed, Outcome, Sent, Unknown
from bot.errors import ChannelError
from bot.log.tokens import Tokens

logger = structlog.get_logger(__name__)

_CALL_S = 5.0
_TOKEN_S = 4.0
_RENEW_S = 60  # the platform gives a new token in the last minute of the old one


class App(Protocol):
    """A bot's settings."""

    @property
    def qq_app_id(self) -> str: ...
    @property
    def qq_secret(self) -> str: ...
    @property
    def qq_api(self) -> str: ...


class QQApi:
    """Calls of one app. Texts and secrets are never logged; codes are."""

    def __init__(self, app: App, session: aiohttp.ClientSession, tokens: Tokens) -> None:
        self._app = app
        self._base = app.qq_api.rstrip("/")
        self._session = session
        self._tokens = tokens
        self._name = f"qq:{app.qq_app_id}"

    async def say(self, where: str, who: str, message: dict[str, Any]) -> Outcome:
        """Sends to `users` or `groups` `who`. The same msg_id and msg_seq twice arrive once, and count as sent."""
        return await self._call(f"/v2/{where}/{who}/messages", message)

    async def upload(self, where: str, who: str, url: str) -> Outcome:
        """Has the platform fetch the picture at `url`; the Sent's id is what a message names it by."""
        asked = {"file_type": 1, "url": url, "srv_send_msg": False}
        return await self._call(f"/v2/{where}/{who}/files", asked, named="file_info")

    async def check(self) -> str:
        """The bot's name at the platform, asked with a token that is fetched now. Raises ChannelError in its words."""
        token, _ = await self.fetch_token()
        try:
            async with self._asking("GET", "/users/@me", token, None) as answer:
                body = await _body(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            zh, en = why_unreachable(error)
            raise ChannelError(f"{self._base}：{zh}", f"{self._base}: {en}", retryable=True) from error
        if answer.status != 200:
            meaning = told(_code(body), str(body.get("message", "")), answer.status)
            raise ChannelError(meaning.zh, meaning.en)
        return str(body.get("username", ""))

    async def fetch_token(self) -> tuple[str, int]:
        """A token and the seconds that it lives. Raises ChannelError."""
        asked = {"appId": self._app.qq_app_id, "clientSecret": self._app.qq_secret}
        try:
            async with self._session.post(
                f"{self._base}/app/getAppAccessToken",
                json=asked,
                timeout=aiohttp.ClientTimeout(total=_TOKEN_S),
                allow_redirects=False,
            ) as answer:
                body = await _body(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            zh, en = why_unreachable(error)
            raise ChannelError(f"拿不到 QQ 凭证：{zh}", f"no token: {en}", retryable=True) from error
        token, lives = body.get("access_token"), body.get("expires_in")
        try:
            seconds = float(lives) if isinstance(lives, str | int | float) else 0.0
        except ValueError:
            seconds = 0.0
        if not isinstance(token, str) or not token or not 0 < seconds < 10**7:
            meaning = told(_code(body), str(body.get("message", "")), answer.status)
            again = answer.status >= 500 or meaning.verdict is Verdict.AGAIN
            raise ChannelError(f"拿不到 QQ 凭证：{meaning.zh}", f"no token: {meaning.en}", retryable=again)
        return token, int(seconds)

    async def _call(self, path: str, message: dict[str, Any], named: str = "id") -> Outcome:
        for last in (False, True):
            try:
                token = await self._token()
            except ChannelError as error:
                return Failed(str(error), retryable=error.retryable)
            try:
                async with self._asking("POST", path, token, message) as answer:
                    body = await _body(answer)
            except aiohttp.ClientConnectorError:
                return Failed("QQ 平台连不上，消息没有发出", retryable=True)
            except (aiohttp.ClientError, TimeoutError):
                return Unknown("QQ 平台没有答复，不知道是否送达")
            code = _code(body)
            if answer.status < 300 and (
                not code or (code in CODES and CODES[code].verdict is Verdict.AUDITED)
            ):
                return Sent(str(body.get(named) or "")[:512])
            meaning = told(code, str(body.get("message") or "")[:200], answer.status)
            logger.warning("qq_refused", code=code, status=answer.status, verdict=meaning.verdict.value)
            if meaning.verdict is not Verdict.TOKEN or last:
                return _outcome(meaning, code, answer.status)
            await self._tokens.spoil(self._name, token)
        raise AssertionError("unreachable")

    def _asking(
        self, method: str, path: str, token: str, message: dict[str, Any] | None
    ) -> "aiohttp.client._RequestContextManager":
        headers = {"Authorization": f"QQBot {token}", "X-Union-Appid": self._app.qq_app_id}
        return self._session.request(
            method,
            self._base + path,
            json=message,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=_CALL_S, connect=2),
            allow_redirects=False,
        )

    async def _token(self) -> str:
        return await self._tokens.get(self._name, self.fetch_token, margin_s=_RENEW_S)


def _outcome(meaning: Told, code: int, status: int) -> Outcome:
    if meaning.verdict in (Verdict.SENT, Verdict.AUDITED):
        return Sent()
    if status >= 500 and not code:
        return Unknown(meaning.zh)  # it broke while it worked on it
    reason = f"{meaning.zh}（QQ {code}）" if code and str(code) not in meaning.zh else meaning.zh
    return Failed(reason, retryable=meaning.verdict in (Verdict.AGAIN, Verdict.TOKEN))


async def _body(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_CALL_S):
            found = await answer.json(content_type=None)
    except (ValueError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(body: dict[str, Any]) -> int:
    for name in ("err_code", "code"):
        found = body.get(name)
        if isinstance(found, str) and found.lstrip("-").isdigit():
            found = int(found)
        if isinstance(found, int) and not isinstance(found, bool) and found:
            return found
    return 0
