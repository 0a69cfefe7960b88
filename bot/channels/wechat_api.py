"""Calls to WeChat's and WeCom's servers: one token for everybody, every call ends in an outcome."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import msgspec
import structlog

from bot.channels.checking import why_unreachable
from bot.channels.wechat_codes import Verdict, told
from bot.courier.contract import Failed, Outcome, Sent, Unknown
from bot.errors import ChannelError
from bot.log.tokens import Tokens

logger = structlog.get_logger(__name__)

_CALL_S = 5.0
_TOKEN_S = 4.0
_LARGEST = 12 * 1024 * 1024
# The platform accepts the old token for 5 minutes after a new one was made.
_RENEW_S = 240
_json = msgspec.json.Encoder().encode

FetchToken = Callable[[], Awaitable[tuple[str, int]]]


class Answer(msgspec.Struct, frozen=True):
    """A call's answer: `errcode` 0 is good."""

    code: int
    message: str
    body: dict[str, Any]


class WeixinApi:
    """One account at `base`. Texts, openids and secrets are never logged; codes are."""

    def __init__(
        self, name: str, base: str, session: aiohttp.ClientSession, tokens: Tokens, credentials: "Credentials"
    ) -> None:
        self._name = name
        self._base = base.rstrip("/")
        self._session = session
        self._tokens = tokens
        self._credentials = credentials

    async def send(self, path: str, message: dict[str, Any]) -> Outcome:
        """Posts a message; what came of it."""
        return outcome_of(await self.tried(path, message))

    async def tried(self, path: str, message: dict[str, Any]) -> Answer | Failed | Unknown:
        """Posts with the token, once more with a new one when the platform refuses the token."""
        return await self._with_token(lambda token: self._post(path, token, message))

    async def upload(self, data: bytes, kind: str) -> Answer | Failed | Unknown:
        """Uploads a picture; `media_id` is in the answer's body."""
        name = f"picture.{kind.rpartition('/')[2]}"

        async def post(token: str) -> Answer:
            form = aiohttp.FormData()
            form.add_field("media", data, filename=name, content_type=kind)
            return await self._asked("POST", "/cgi-bin/media/upload", token, {"type": "image"}, data=form)

        return await self._with_token(post)

    async def download(self, media_id: str) -> bytes:
        """A picture's bytes; b"" when it can't be had."""
        try:
            token = await self.token()
            async with self._session.get(
                f"{self._base}/cgi-bin/media/get",
                params={"access_token": token, "media_id": media_id},
                timeout=aiohttp.ClientTimeout(total=_CALL_S),
                allow_redirects=False,
            ) as answer:
                data = b""
                while chunk := await answer.content.read(_LARGEST):
                    data += chunk
                    if len(data) > _LARGEST:
                        return b""
                return data if answer.status == 200 and not data.startswith(b"{") else b""
        except (aiohttp.ClientError, TimeoutError, ChannelError) as error:
            logger.warning("picture_lost", channel=self._name, error=type(error).__name__)
            return b""

    async def token(self) -> str:
        """Raises ChannelError in the platform's words."""
        return await self._tokens.get(self._name, self.fetch_token, margin_s=_RENEW_S)

    async def fetch_token(self) -> tuple[str, int]:
        """A new token and its seconds. Raises ChannelError."""
        method, path, params, body = self._credentials.asks()
        try:
            async with self._session.request(
                method,
                self._base + path,
                params=params,
                data=_json(body) if body else None,
                headers={"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=_TOKEN_S),
                allow_redirects=False,
            ) as response:
                answer = await _read(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChannelError(
                f"拿不到 access_token：{why_unreachable(error)[0]}",
                f"no access_token: {why_unreachable(error)[1]}",
                retryable=True,
            ) from error
        token, lasts = answer.body.get("access_token"), answer.body.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lasts, int) or lasts <= 0:
            meaning = told(answer.code, answer.message)
            raise ChannelError(
                f"拿不到 access_token：{meaning.zh}",
                f"no access_token: {meaning.en}",
                retryable=meaning.verdict is Verdict.AGAIN,
            )
        return token, lasts

    async def check(self, method: str, path: str) -> dict[str, Any]:
        """The answer to a harmless call, with a token that is fetched now: so that id, secret and address are tried.

        Raises ChannelError in the platform's words.
        """
        token, _ = await self.fetch_token()
        try:
            answer = await self._asked(method, path, token, {}, data=b"{}" if method == "POST" else None)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChannelError(*why_unreachable(error), retryable=True) from error
        if answer.code:
            meaning = told(answer.code, answer.message)
            raise ChannelError(meaning.zh, meaning.en)
        return answer.body

    async def _with_token(self, call: Callable[[str], Awaitable[Answer]]) -> Answer | Failed | Unknown:
        for last in (False, True):
            try:
                token = await self.token()
            except ChannelError as error:
                return Failed(str(error), retryable=error.retryable)
            try:
                answer = await call(token)
            except aiohttp.ClientConnectorError:
                return Failed("平台连不上，消息没有发出", retryable=True)
            except (aiohttp.ClientError, TimeoutError):
                return Unknown("平台没有答复，不知道是否送达")
            if answer.code == 0:
                return answer
            verdict = told(answer.code, answer.message).verdict
            logger.warning("platform_refused", channel=self._name, code=answer.code, verdict=verdict.value)
            if verdict is not Verdict.TOKEN or last:
                return answer
            await self._tokens.spoil(self._name, token)
        raise AssertionError("unreachable")

    async def _post(self, path: str, token: str, message: dict[str, Any]) -> Answer:
        # In UTF-8 as it is: the platform shows \u escapes to the shopper.
        return await self._asked("POST", path, token, {}, data=_json(message))

    async def _asked(self, method: str, path: str, token: str, params: dict[str, str], data: Any) -> Answer:
        headers = {"Content-Type": "application/json; charset=utf-8"} if isinstance(data, bytes) else {}
        async with self._session.request(
            method,
            self._base + path,
            params={"access_token": token, **params},
            data=data,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=_CALL_S, sock_connect=2),
            allow_redirects=False,
        ) as response:
            return await _read(response)


class Credentials(msgspec.Struct, frozen=True):
    """An app's id and secret; `corp` when it is WeCom's."""

    id: str
    secret: str
    corp: bool = False

    def asks(self) -> tuple[str, str, dict[str, str], dict[str, Any]]:
        """The request for a token: method, path, query, body."""
        if self.corp:
            return "GET", "/cgi-bin/gettoken", {"corpid": self.id, "corpsecret": self.secret}, {}
        body = {"grant_type": "client_credential", "appid": self.id, "secret": self.secret}
        return "POST", "/cgi-bin/stable_token", {}, body | {"force_refresh": False}


def outcome_of(answer: Answer | Failed | Unknown) -> Outcome:
    """What an answer means for the message that was sent."""
    if not isinstance(answer, Answer):
        return answer
    if answer.code == 0:
        return Sent(str(answer.body.get("msgid") or "")[:64])
    meaning = told(answer.code, answer.message)
    if meaning.verdict is Verdict.SENT:
        return Sent()
    return Failed(meaning.zh, retryable=meaning.verdict in (Verdict.AGAIN, Verdict.TOKEN))


async def _read(response: aiohttp.ClientResponse) -> Answer:
    """The answer; one that is no JSON or a server's failure is told as a broken call: nobody knows what it did."""
    data = await response.read()
    try:
        body = msgspec.json.decode(data)
    except msgspec.MsgspecError as error:
        raise aiohttp.ClientPayloadError(f"status {response.status}, no JSON") from error
    if not isinstance(body, dict) or response.status >= 500:
        raise aiohttp.ClientPayloadError(f"status {response.status}")
    code = body.get("errcode", 0)
    return Answer(code if isinstance(code, int) else -2, str(body.get("errmsg", "")), body)
