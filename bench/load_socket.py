"""Customers at our door: the widget's socket (docs/wire.md)."""

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

from bench.load_people import ANSWER_S, ORIGIN, Answered, UnansweredError, Who, identity

_cids = (f"b{time.time_ns():x}-{n}" for n in itertools.count())
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


@dataclass
class _Asked:
    """What was sent: the first message's cid, and how many answers are still to come after its echo."""

    cid: str
    missing: int
    done: "asyncio.Future[Answered]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    acked: float = 0.0


class SocketCustomer:
    """A connected widget. It asks one thing, or one burst, at a time."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, conversation: str = "") -> None:
        self.conversation = conversation
        self._ws = ws
        self._asked: _Asked | None = None
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, session: aiohttp.ClientSession, url: str, who: Who | None) -> "SocketCustomer":
        """A customer who was welcomed; an anonymous visitor without `who`. Raises UnansweredError."""
        hello = {"t": "hello", "site": who.site if who else "s0", "after": 0, "lang": "zh-CN"}
        if who:
            hello["identity"] = identity(who)
        try:
            async with asyncio.timeout(ANSWER_S):
                ws = await session.ws_connect(
                    url, protocols=("xiaoer.v1",), headers={"Origin": ORIGIN}, max_msg_size=0, compress=0
                )
                await ws.send_str(_encode(hello).decode())
                message = await ws.receive()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise UnansweredError(type(error).__name__) from error
        welcome = _decode(message.data) if message.type is aiohttp.WSMsgType.TEXT else {}
        if welcome.get("t") != "welcome":
            await ws.close()
            raise UnansweredError("not welcomed")
        return cls(ws, welcome["conversation"])

    async def ask(self, *texts: str) -> Answered:
        """Sends all at once; returns when the bot has said as many things. Raises UnansweredError.

        An answer in several parts counts with its first when one thing is asked.
        """
        cids = [next(_cids) for _ in texts]
        self._asked = asked = _Asked(cids[0], len(texts))
        try:
            async with asyncio.timeout(ANSWER_S):
                for cid, text in zip(cids, texts, strict=True):
                    body = {"type": "text", "text": text}
                    frame = {"t": "send", "cid": cid, "kind": "said", "body": body}
                    await self._ws.send_str(_encode(frame).decode())
                return await asked.done
        except (TimeoutError, ConnectionError) as error:
            raise UnansweredError(type(error).__name__) from error
        finally:
            self._asked = None

    async def close(self) -> None:
        await self._ws.close()
        self._reader.cancel()

    async def _read(self) -> None:
        async for message in self._ws:
            if message.type is aiohttp.WSMsgType.TEXT and self._asked:
                self._heard(_decode(message.data), self._asked)
        if self._asked and not self._asked.done.done():
            self._asked.done.set_exception(UnansweredError("connection closed"))

    @staticmethod
    def _heard(frame: dict[str, Any], asked: _Asked) -> None:
        if asked.done.done():
            return
        if frame["t"] == "err":
            asked.done.set_exception(UnansweredError(frame["code"]))
        elif frame["t"] == "ev" and frame.get("cid") == asked.cid:
            asked.acked = time.perf_counter()
        elif frame["t"] == "ev" and frame["ev"]["kind"] == "handed_off":
            asked.done.set_exception(UnansweredError("handed to a human"))
        elif frame["t"] == "ev" and asked.acked and frame["ev"]["from"]["role"] == "bot":
            asked.missing -= 1
            if asked.missing == 0:
                asked.done.set_result(Answered(asked.acked, time.perf_counter()))
