"""小李, or the supervisor, at the console, over its API."""

import asyncio
from typing import Any

import aiohttp
from browser.house.running_house import House


class Desk:
    """What an agent does with conversations, as her browser would."""

    def __init__(self, session: aiohttp.ClientSession, house: House) -> None:
        self._session = session
        self._house = house
        self._csrf = ""
        self.id = ""

    async def signs_in(self, name: str = "xiaoli") -> None:
        secret = "agent_password" if name == "xiaoli" else "supervisor_password"
        password = self._house.secrets()[secret]
        told = await self._call("POST", "sign-in", {"name": name, "password": password})
        self._csrf, self.id = told["csrf"], told["agent"]["id"]
        await self._call("POST", "presence", {"presence": "online"})

    async def line(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._call("GET", "conversations?tab=line"))["conversations"]
        return found

    async def does(self, conversation: str, verb: str, **body: Any) -> dict[str, Any]:
        """What the console answers to `verb` in the conversation."""
        done: dict[str, Any] = await self._call("POST", f"conversations/{conversation}/{verb}", body)
        return done

    async def steps(self, ticket: str, **step: Any) -> None:
        """The ticket's next step, once the archive knows of the ticket."""
        for _ in range(1200):
            listed = (await self._call("GET", f"tickets?q={ticket}"))["tickets"]
            if listed:
                break
            await asyncio.sleep(0.05)
        await self._call("POST", f"tickets/{ticket}/steps", {"rev": listed[0]["ticket"]["rev"], **step})

    async def serves(self, conversation: str, epoch: int, text: str, picture: bytes) -> None:
        """Answers in words and with a picture, closes."""
        path = f"conversations/{conversation}"
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
