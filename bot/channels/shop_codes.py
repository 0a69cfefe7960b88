"""The shop's API for binding by phone: it sends the code, and says whose phone it is (docs/channels/binding.md)."""

from typing import Literal

import aiohttp
import msgspec
import structlog

logger = structlog.get_logger(__name__)

_CALL_S = 3.0


class AskedFor(msgspec.Struct, frozen=True):
    """A code is on its way, if the phone is a customer's; `challenge` is what it will be checked against."""

    challenge: str


class Confirmed(msgspec.Struct, frozen=True):
    """The customer whose phone it is."""

    id: str
    name: str = ""
    level: str = ""


class ShopCodes:
    """Never raises: "away" when the shop does not answer as agreed. Phones and codes are never logged."""

    def __init__(self, url: str, api_key: str, session: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._session = session

    async def ask(self, phone: str, conversation: str, key: str) -> AskedFor | Literal["away"]:
        """Has the shop send a code to `phone`; the same `key` sends one code."""
        status, body = await self._post("codes", {"phone": phone, "conversation": conversation}, key)
        try:
            return msgspec.json.decode(body, type=AskedFor) if status in (200, 201) else "away"
        except msgspec.MsgspecError:
            return "away"

    async def confirm(self, challenge: str, code: str, key: str) -> Confirmed | Literal["wrong", "away"]:
        """Whose phone it is, when the code is right."""
        status, body = await self._post("confirm", {"challenge": challenge, "code": code}, key)
        if status in (400, 404, 409, 410, 422):
            return "wrong"
        try:
            return msgspec.json.decode(body, type=Confirmed) if status == 200 else "away"
        except msgspec.MsgspecError:
            return "away"

    async def _post(self, path: str, body: dict[str, str], key: str) -> tuple[int, bytes]:
        headers = self._headers | {"Idempotency-Key": key}
        timeout = aiohttp.ClientTimeout(total=_CALL_S)
        try:
            async with self._session.post(
                f"{self._url}/{path}", json=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.content.read(64 * 1024)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.warning("binding_shop_away", error=type(error).__name__)
            return 0, b""
