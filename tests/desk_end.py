"""小李 at her console, over its API."""

from typing import Any

import aiohttp
from browser.house.running_house import House


class Desk:
    """What an agent does with conversations, as her browser would."""

    def __init__(self, session: aiohttp.ClientSession, house: House) -> None:
        self._session = session
        self._house = house
        self._csrf = ""

    async def signs_in(self) -> None:
        password = self._house.secrets()["agent_password"]
        told = await self._call("POST", "sign-in", {"name": "xiaoli", "password": password})
        self._csrf = told["csrf"]
        await self._call("POST", "presence", {"presence": "online"})

    async def line(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._call("GET", "conversations?tab=line"))["conversations"]
        return found

    async def serves(self, conversation: dict[str, Any], text: str, picture: bytes) -> None:
        """Claims, answers in words and with a picture, closes."""
        path = f"conversations/{conversation['id']}"
        claimed = await self._call("POST", f"{path}/claim", {"epoch": conversation["epoch"]})
        epoch = claimed["summary"]["epoch"]
        kept = await self._call("POST", f"{path}/uploads", picture)
        for cid, body in (
            ("r1", {"type": "text", "text": text}),
            ("r2", {"type": "image", "url": kept["url"]}),
        ):
            await self._call("POST", f"{path}/reply", {"cid": cid, "epoch": epoch, "body": body})
        await self._call("POST", f"{path}/close", {"epoch": epoch})

    async def events(self, conversation: str) -> list[dict[str, Any]]:
        """The conversation's newest events."""
        found: list[dict[str, Any]] = (await self._call("GET", f"conversations/{conversation}"))["events"]
        return found

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"X-CSRF-Token": self._csrf, "Origin": self._house.gateway}
        url = f"{self._house.gateway}/api/console/{path}"
        sent = {"data": body} if isinstance(body, bytes) else {"json": body}
        async with self._session.request(method, url, headers=headers, **sent) as answer:
            assert answer.status < 300, (path, answer.status, await answer.text())
            return await answer.json() if answer.status != 204 else None
