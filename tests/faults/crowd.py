"""A crowd of shoppers who talk until so many messages are sent, and two agents who serve those in line."""

import asyncio
import random
import uuid
from contextlib import suppress
from typing import Any

import aiohttp

from .house import AGENTS, PASSWORD, House
from .ledger import Ledger, Sent
from .shoppers import Shopper, talk

EACH = 10
_CLOSE_AFTER = 3


class Crowd:
    """`at_once` shoppers, each with a conversation of `EACH` messages, then the next ones."""

    def __init__(self, house: House, messages: int, *, at_once: int = 12, signed: bool = False) -> None:
        self.house = house
        self.ledger = Ledger()
        self.goes_on = True  # beyond its messages, until the harm is done
        self._left = messages
        self._at_once = at_once
        self._signed = signed

    async def run(self) -> None:
        """Until all is said, and acknowledged or refused."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
            desk = group.create_task(self._desk())
            shoppers = [asyncio.create_task(self._shoppers(session)) for _ in range(self._at_once)]
            try:
                await asyncio.gather(*shoppers)
            finally:
                desk.cancel()

    async def _shoppers(self, session: aiohttp.ClientSession) -> None:
        while self._left > 0 or self.goes_on:
            count = EACH if self.goes_on else min(EACH, self._left)
            self._left -= count
            identity = self.house.identity(f"C{uuid.uuid4().hex[:10]}") if self._signed else ""
            shopper = Shopper(self.house, session, self.ledger, identity)
            await talk(shopper, count, wants_human=random.random() < 0.2)
            if not shopper.kept.sent[-1].acked:
                return

    async def _desk(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name in AGENTS:
                group.create_task(Agent(self.house, name, self.ledger).work())


class Agent:
    """An agent's console: claims who waits, replies, closes; sends a reply again under its cid until it knows."""

    def __init__(self, house: House, name: str, ledger: Ledger) -> None:
        self._house = house
        self._name = name
        self._ledger = ledger
        self._csrf = ""

    async def work(self) -> None:
        """Until cancelled, whatever happens to the house."""
        url, jar = self._house.gateway_url, aiohttp.CookieJar(unsafe=True)
        patience = aiohttp.ClientTimeout(total=8)
        async with aiohttp.ClientSession(url, cookie_jar=jar, timeout=patience) as session:
            while True:
                try:
                    if not self._csrf:
                        await self._sign_in(session)
                    else:
                        await self._round(session)
                except (aiohttp.ClientError, OSError, TimeoutError):
                    pass
                await asyncio.sleep(0.2)

    async def _sign_in(self, session: aiohttp.ClientSession) -> None:
        said = {"name": self._name, "password": PASSWORD}
        async with session.post("/api/console/sign-in", json=said) as answer:
            if answer.status == 200:
                self._csrf = (await answer.json())["csrf"]

    async def _round(self, session: aiohttp.ClientSession) -> None:
        for waiting in (await self._get(session, "conversations?tab=line"))[:5]:
            await self._serve(session, waiting)
        for mine in (await self._get(session, "conversations?tab=mine"))[:20]:
            replied = len(self._ledger.replies.get(mine["id"], []))
            if replied < _CLOSE_AFTER:
                await self.reply(session, mine["id"], mine["epoch"])
            else:
                await self._post(session, f"conversations/{mine['id']}/close", {"epoch": mine["epoch"]})

    async def _serve(self, session: aiohttp.ClientSession, waiting: dict[str, Any]) -> None:
        path = f"conversations/{waiting['id']}"
        status, claimed = await self._post(session, f"{path}/claim", {"epoch": waiting["epoch"]})
        if status == 200:
            await self.reply(session, waiting["id"], claimed["summary"]["epoch"])

    async def reply(self, session: aiohttp.ClientSession, conversation: str, epoch: int) -> Sent:
        """One reply, sent again under the same cid while it is not known what became of it."""
        sent = Sent(uuid.uuid4().hex)
        self._ledger.replies.setdefault(conversation, []).append(sent)
        body = {"cid": sent.cid, "epoch": epoch, "body": {"type": "text", "text": "亲，我来帮您看看"}}
        for _ in range(40):
            loop = asyncio.get_running_loop()
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                sent.last = loop.time()
                status, told = await self._post(session, f"conversations/{conversation}/reply", body)
                if status == 200:
                    sent.acked, sent.seq = loop.time(), told["event"]["seq"]
                    return sent
                if status in {401, 409}:
                    sent.refused = str(status)
                    return sent
            await asyncio.sleep(0.2)
        return sent

    async def _get(self, session: aiohttp.ClientSession, path: str) -> list[dict[str, Any]]:
        async with session.get(f"/api/console/{path}") as answer:
            if answer.status == 401:
                self._csrf = ""
            return (await answer.json())["conversations"] if answer.status == 200 else []

    async def _post(self, session: aiohttp.ClientSession, path: str, body: Any) -> tuple[int, Any]:
        headers = {"X-CSRF-Token": self._csrf}
        async with session.post(f"/api/console/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json() if answer.status in {200, 409} else {}
