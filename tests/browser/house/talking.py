"""A shopper at the real socket: docs/wire.md by hand, with an outbox that is sent again until acknowledged."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, Self

import aiohttp

from .running_house import House

Event = dict[str, Any]
_numbers = count(1)
PATIENCE_S = 60
"""For what must come: a guard against waiting for ever, no claim of how soon."""


class Talker:
    """One shopper who reconnects, resumes after what she has, and resends what nobody acknowledged."""

    def __init__(
        self, house: House, name: str = "林小雨", *, signed_in: bool = True, lang: str = "zh-CN"
    ) -> None:
        self.house = house
        self.events: list[Event] = []
        self.frames: list[dict[str, Any]] = []
        self.refusals: list[dict[str, Any]] = []
        self.status: dict[str, Any] = {}
        self.statuses: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}
        self.connections = 0
        self.closed_with: list[int | None] = []
        self.name = name
        self._signed_in = signed_in
        self._lang = lang
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._outbox: dict[str, dict[str, Any]] = {}
        self._later: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self._life: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._life = asyncio.create_task(self._live())
        await self.until(lambda: bool(self.welcome), PATIENCE_S, "welcome")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._life is not None
        with suppress(AssertionError):
            await self.leaves_line()
        self._life.cancel()
        await asyncio.wait({self._life}, timeout=PATIENCE_S)
        assert self._life.done(), self._life.get_stack()

    # What she does

    async def says(self, text: str) -> str:
        return await self.sends("said", {"type": "text", "text": text})

    async def presses(self, label: str) -> str:
        """Presses the newest offered choice whose label has `label`."""
        for event in reversed(self.events):
            body = event["body"]
            for offer in [*body.get("choices", []), *body.get("card", {}).get("choices", [])]:
                if label in offer["label"]:
                    pressed = {"of": event["seq"], "choice": offer["id"], "label": offer["label"]}
                    return await self.sends("said", {"type": "choice", **pressed})
        raise AssertionError(f"nobody offered {label}: {self.heard()}")

    async def sends(self, kind: str, body: dict[str, Any]) -> str:
        cid = f"e2e-{next(_numbers)}"
        self._outbox[cid] = {"t": "send", "cid": cid, "kind": kind, "body": body}
        await self._send(self._outbox[cid])
        return cid

    async def sends_raw(self, frame: str) -> None:
        assert self._ws is not None
        await self._ws.send_str(frame)

    # What she sees

    @property
    def seq(self) -> int:
        return int(self.events[-1]["seq"]) if self.events else 0

    @property
    def stage(self) -> str:
        return str(self.status.get("stage", ""))

    def heard(self, after: int = 0) -> list[Event]:
        """What others than herself said after `after`, as bodies."""
        return [
            e["body"]
            for e in self.events
            if e["kind"] == "said" and e["from"]["role"] != "customer" and e["seq"] > after
        ]

    def words(self, after: int = 0) -> str:
        return "\n".join(json.dumps(body, ensure_ascii=False) for body in self.heard(after))

    def own_words(self) -> list[str]:
        return [
            e["body"].get("text", "")
            for e in self.events
            if e["kind"] == "said" and e["from"]["role"] == "customer"
        ]

    async def hears_back(self, seconds: float = PATIENCE_S) -> list[Event]:
        """What comes back for her last word; a hand-over to a human counts as an answer."""
        await self.until(lambda: not self._outbox, seconds, "acknowledgement")
        mine = max(e["seq"] for e in self.events if e["from"]["role"] == "customer")
        await self.until(lambda: bool(self.heard(mine)) or self.stage != "bot", seconds, "an answer")
        return self.heard(mine)

    async def asks(self, text: str, seconds: float = PATIENCE_S) -> list[Event]:
        await self.says(text)
        return await self.hears_back(seconds)

    async def is_in_line(self, seconds: float = PATIENCE_S) -> None:
        await self.until(lambda: self.stage == "waiting", seconds, "the line")

    async def leaves_line(self) -> None:
        """Nobody stays in line who is not there any more; the next test begins with an empty one."""
        if self.stage == "waiting":
            await self.sends("cancel", {})
            await self.until(lambda: self.stage == "bot", PATIENCE_S, "the bot")

    async def until(self, true: Callable[[], bool], seconds: float, what: str) -> None:
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(true)
        except TimeoutError:
            told = f"{self.status} {self.refusals} {self.own_words()[-3:]} {self.heard()[-2:]}"
            raise AssertionError(f"waited {seconds} s for {what}: {told}") from None

    # Her connection

    async def _live(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError, OSError, TimeoutError):
                    await self._converse(session)
                await asyncio.sleep(0.2)

    async def _converse(self, session: aiohttp.ClientSession) -> None:
        async with session.ws_connect(
            f"{self.house.gateway}/ws/chat", protocols=("xiaoer.v1",), headers={"Origin": self.house.shop}
        ) as ws:
            hello: dict[str, Any] = {"t": "hello", "site": "demo", "after": self.seq, "lang": self._lang}
            if self._signed_in:
                hello["identity"] = self.house.identity(self.name)
            elif self.welcome:
                hello["tok"] = self.welcome["tok"]
            await ws.send_json(hello)
            self._ws = ws
            async for message in ws:
                await self._take(json.loads(message.data))
            self.closed_with.append(ws.close_code)

    async def _send(self, frame: dict[str, Any]) -> None:
        # One at a time, as the widget does: the next goes when the one before was acknowledged.
        if next(iter(self._outbox.values())) is frame and self._ws is not None and not self._ws.closed:
            with suppress(ConnectionError, aiohttp.ClientError):
                await self._ws.send_json(frame)

    async def _send_first(self) -> None:
        for frame in list(self._outbox.values())[:1]:
            await self._send(frame)

    async def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        match frame["t"]:
            case "welcome":
                self.welcome, self.connections = frame, self.connections + 1
                self._note_status(frame["status"])
                await self._send_first()
            case "ev":
                event = frame["ev"]
                if event["seq"] > self.seq:
                    assert frame["prev"] == self.seq or not self.events, (frame, self.seq)
                    self.events.append(event)
                if self._outbox.pop(frame.get("cid", ""), None):
                    await self._send_first()
            case "status":
                self._note_status(frame["status"])
            case "err":
                self.refusals.append(frame)
                if not frame["retry"]:
                    if self._outbox.pop(frame.get("cid", ""), None):
                        await self._send_first()
                else:
                    asyncio.get_running_loop().call_later(frame.get("after_s") or 0.5, self._again)
        async with self._changed:
            self._changed.notify_all()

    def _again(self) -> None:
        task = asyncio.create_task(self._send_first())
        self._later.add(task)  # kept, so that it is not collected on its way
        task.add_done_callback(self._later.discard)

    def _note_status(self, status: dict[str, Any]) -> None:
        self.status = status
        self.statuses.append(status)
