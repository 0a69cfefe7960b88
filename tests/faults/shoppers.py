"""Shoppers by the dozen, as their widgets behave: an outbox, the same cid again until it is acknowledged."""

import asyncio
import json
import random
import time
from contextlib import suppress
from typing import Any

import aiohttp

from .house import House
from .ledger import Kept, Ledger, Sent

TALK = (
    "你好",
    "怎么退货",
    "运费谁出",
    "谢谢",
    "发什么快递",
    "七天无理由退货怎么算",
    "怎么开发票",
    "会员有什么优惠",
)
_ACK_S = 8.0
_AGAIN_S = 0.1


class Shopper:
    """One widget with its own connection; `identity` when the shop signed for him."""

    def __init__(
        self, house: House, session: aiohttp.ClientSession, ledger: Ledger, identity: str = ""
    ) -> None:
        self.kept = Kept()
        ledger.shoppers.append(self.kept)
        self._ledger = ledger
        self._house = house
        self._session = session
        self._identity = identity
        self._tok = ""
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._open: dict[str, Sent] = {}
        self._refusals: dict[str, dict[str, Any]] = {}
        self._news = asyncio.Event()
        self._door = asyncio.Lock()
        self.stage = "bot"

    async def says(self, text: str, *, patience: float = 60, copies: int = 1) -> Sent:
        """Sends until it is acknowledged, or refused for good."""
        return await self.sends("said", {"type": "text", "text": text}, patience=patience, copies=copies)

    async def sends(self, kind: str, body: Any, *, patience: float = 60, copies: int = 1) -> Sent:
        sent = Sent(f"m{len(self.kept.sent)}-{random.getrandbits(40):x}")
        self.kept.sent.append(sent)
        self._open[sent.cid] = sent
        frame = json.dumps({"t": "send", "cid": sent.cid, "kind": kind, "body": body})
        until = time.monotonic() + patience
        while not sent.acked and not sent.refused and time.monotonic() < until:
            try:
                ws = await self._connected()
                sent.last, sent.tries = time.monotonic(), sent.tries + 1
                for _ in range(copies):
                    await ws.send_str(frame)
                await self._until(lambda: sent.acked or sent.cid in self._refusals or self._is_cut(), _ACK_S)
            except (aiohttp.ClientError, OSError, TimeoutError):
                await self._drop()
            refusal = self._refusals.pop(sent.cid, None)
            if refusal is not None and not sent.acked:
                self._ledger.early_refusals += 1
                if not refusal["retry"]:
                    sent.refused = str(refusal["code"])
                await asyncio.sleep(refusal.get("after_s", _AGAIN_S))
            elif not sent.acked:
                await self._drop()
                await asyncio.sleep(_AGAIN_S * random.uniform(0.5, 1.5))
        return sent

    async def hears_back(self, sent: Sent, seconds: float = 30) -> bool:
        """Whether the bot or a human answers `sent`; nobody but a human is owed one while a human has it."""
        until = time.monotonic() + seconds
        while not sent.answered and self.stage == "bot" and time.monotonic() < until:
            try:
                await self._connected()
                await self._until(lambda: sent.answered or self.stage != "bot" or self._is_cut(), _ACK_S)
            except (aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(_AGAIN_S)
        return bool(sent.answered) or self.stage != "bot"

    async def leave(self) -> None:
        await self._drop()

    async def stay(self) -> None:
        """Connected, so that what comes is seen."""
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            await self._connected()

    def _is_cut(self) -> bool:
        return self._ws is None or self._ws.closed

    async def _connected(self) -> aiohttp.ClientWebSocketResponse:
        async with self._door:
            return await self._connect()

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        if self._ws is not None and not self._ws.closed:
            return self._ws
        await self._drop()
        url = f"{self._house.gateway_url}/ws/chat"
        async with asyncio.timeout(5):
            self._ws = await self._session.ws_connect(
                url, protocols=("xiaoer.v1",), headers={"Origin": self._house.gateway_url}, max_msg_size=0
            )
            after = self.kept.seen[-1] if self.kept.seen else 0
            hello = {"t": "hello", "site": "demo", "tok": self._tok, "after": after, "lang": "zh-CN"}
            if self._identity:
                hello["identity"] = self._identity
            await self._ws.send_str(json.dumps(hello))
            message = await self._ws.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise aiohttp.ClientConnectionError("no welcome")
        welcome = json.loads(message.data)
        assert welcome["t"] == "welcome", welcome
        self._tok, self.kept.conversation = welcome["tok"], welcome["conversation"]
        self.stage = welcome["status"]["stage"]
        assert not welcome["reset"], welcome
        self.kept.connections += 1
        self._reader = asyncio.create_task(self._read(self._ws))
        return self._ws

    async def _drop(self) -> None:
        ws, self._ws = self._ws, None
        reader, self._reader = self._reader, None
        if ws is not None:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await ws.close()
        if reader is not None:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        async for message in ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            frame = json.loads(message.data)
            if frame["t"] == "ev":
                self._see(frame)
            elif frame["t"] == "err" and frame.get("cid"):
                self._refusals[frame["cid"]] = frame
            elif frame["t"] == "status":
                self.stage = frame["status"]["stage"]
            self._news.set()
        self._news.set()

    def _see(self, frame: dict[str, Any]) -> None:
        event, now = frame["ev"], time.monotonic()
        known = self.kept.seen[-1] if self.kept.seen else 0
        if event["seq"] > known:  # else it confirms what was stored before, or came twice: drawn once
            if frame["prev"] != known:
                self.kept.gaps += 1
            self.kept.seen.append(event["seq"])
            if event["kind"] == "handed_off":
                self.stage = "waiting"
            if event["from"]["role"] in {"bot", "agent"} or event["kind"] == "handed_off":
                for sent in self.kept.sent:
                    if sent.seq and sent.seq < event["seq"] and not sent.answered:
                        sent.answered = now
        sent = self._open.pop(frame.get("cid", ""), None)
        if sent is not None:
            sent.acked, sent.seq = now, event["seq"]

    async def _until(self, done: Any, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not done():
                self._news.clear()
                await self._news.wait()


async def talk(shopper: Shopper, messages: int, *, every: float = 0.0, wants_human: bool = False) -> None:
    """A conversation of so many messages, one after the other; an answer is waited for."""
    for n in range(messages):
        text = "转人工" if wants_human and n == messages // 2 else random.choice(TALK)
        sent = await shopper.says(text)
        if not sent.acked:
            break  # the house is lost: the oracle will say so
        await shopper.hears_back(sent)
        if every:
            await asyncio.sleep(every)
    await shopper.leave()
