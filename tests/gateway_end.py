"""A shopper's end of a gateway's socket, for every test that needs a shopper."""

import json
import time
from typing import Any

import aiohttp
import jwt
from aiohttp.test_utils import TestServer

from bot.channels.web import WebChannel

SHOP = "https://shop.example"
SITE_SECRET = "a-site-secret-of-more-than-32-characters"
SECRET = "our-own-secret-of-more-than-32-characters"


def identity(customer: str = "c1", name: str = "林小雨", **changes: Any) -> str:
    """What the shop signs for a customer; `changes` spoil it."""
    now = int(time.time())
    claims = {
        "sub": customer,
        "name": name,
        "level": "金卡",
        "aud": "xiaoer",
        "iss": "demo",
        "iat": now,
        "exp": now + 1800,
        "jti": f"{customer}-{now}",
    }
    secret = changes.pop("secret", SITE_SECRET)
    kept = {claim: value for claim, value in (claims | changes).items() if value is not None}
    return jwt.encode(kept, secret, algorithm="HS256")


class Widget:
    """A shopper's end of the socket, speaking docs/wire.md."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def hello(self, **frame: Any) -> dict[str, Any]:
        await self.send({"t": "hello", "site": "demo", "after": 0, "lang": "zh-CN", **frame})
        return await self.hears("welcome")

    async def send(self, frame: dict[str, Any] | str) -> None:
        await self.ws.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def says(self, text: str, cid: str) -> None:
        await self.send({"t": "send", "cid": cid, "kind": "said", "body": {"type": "text", "text": text}})

    async def hears(self, kind: str) -> dict[str, Any]:
        """The next frame of this kind; others before it are passed over."""
        while True:
            frame = await self.next()
            if frame["t"] == kind:
                return frame

    async def next(self) -> dict[str, Any]:
        message = await self.ws.receive(timeout=60)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        frame: dict[str, Any] = json.loads(message.data)
        return frame

    async def closed_with(self) -> int:
        while (await self.ws.receive(timeout=60)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert self.ws.close_code is not None
        return self.ws.close_code


class Gateway:
    def __init__(self, server: TestServer, session: aiohttp.ClientSession, channel: WebChannel) -> None:
        self.server = server
        self.session = session
        self.channel = channel
        self.places: dict[str, int] = {}
        self.away_until: int | None = None

    async def widget(self, origin: str = SHOP) -> Widget:
        url = self.server.make_url("/ws/chat")
        ws = await self.session.ws_connect(
            url, protocols=("xiaoer.v1",), headers={"Origin": origin}, max_msg_size=0
        )
        return Widget(ws)
