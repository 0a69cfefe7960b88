"""A small gateway that speaks docs/wire.md over real sockets, and can cut them at will."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

Frame = dict[str, Any]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'"
)
SHOP_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>小店</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
<script src="/widget.js" data-site="demo" {more} async></script></head>
<body><main><h1>今日好物</h1><p>欢迎光临。</p></main></body></html>"""
# What merchants do to every element of their pages.
SHOP_STYLE = "body,body *{color:#c00!important;font:40px serif!important;display:block;transform:none}"
BOT = {"role": "bot", "id": "", "name": "小二"}
CUSTOMER = {"role": "customer", "id": "", "name": ""}
START = 1_795_330_800_000
EMPTY: Frame = {}


@dataclass
class Room:
    """One conversation: its visible events and how it stands."""

    id: str
    events: list[Frame] = field(default_factory=list)
    by_cid: dict[str, Frame] = field(default_factory=dict)
    status: Frame = field(default_factory=lambda: {"stage": "bot"})


class FakeGateway:
    """Answers as the gateway does; `cuts` is how likely a frame is to cost its socket its life."""

    def __init__(self, dist: Path) -> None:
        self.dist = dist
        self.rooms: dict[str, Room] = {}
        self.sockets: dict[web.WebSocketResponse, Room] = {}
        self.frames: list[Frame] = []
        self.cuts = 0.0
        self.identity: str | int | None = None
        self.forged: set[str] = set()
        self.refusals: list[Frame] = []
        self.questions: list[str] = []
        self.asked: list[str] = []
        self.replay = 500
        self.page_of = 50
        self.hidden = 0
        self.kept: list[tuple[bytes, str]] = []
        self.luck = random.Random(7)
        self.address = ""

    def app(self) -> web.Application:
        app = web.Application(client_max_size=12 * 1024 * 1024)
        app.router.add_get("/", self._shop)
        app.router.add_get("/shop.css", self._style)
        app.router.add_get("/identity", self._identity)
        app.router.add_get("/ws/chat", self._socket)
        app.router.add_get("/api/chat/config", self._config)
        app.router.add_get("/api/chat/suggest", self._suggest)
        app.router.add_get("/api/chat/history", self._history)
        app.router.add_post("/api/chat/uploads", self._upload)
        app.router.add_get("/media/{at}", self._media)
        app.router.add_get("/widget.js", self._file("widget.js"))
        app.router.add_get("/chat", self._file("chat.html"))
        app.router.add_static("/assets", self.dist / "assets")
        app.on_response_prepare.append(self._protect)
        return app

    # What a test does with the other side.

    def room(self, name: str = "C1") -> Room:
        return self.rooms.setdefault(name, Room(name))

    async def happens(self, kind: str, body: Frame, sender: Frame = BOT, room: str = "C1") -> Frame:
        return await self._append(self.room(room), kind, body, sender)

    async def says(self, text: str, sender: Frame = BOT) -> Frame:
        return await self.happens("said", {"type": "text", "text": text}, sender)

    async def becomes(self, **status: Any) -> None:
        room = self.room()
        room.status = status
        await self._tell(room, {"t": "status", "status": status})

    async def cut_all(self) -> None:
        for socket in list(self.sockets):
            _abort(socket)
        await asyncio.sleep(0)

    def said(self, room: str = "C1") -> list[str]:
        """What the shopper's messages came to, in the order of the log."""
        bodies = [e["body"] for e in self.room(room).events if e["from"]["role"] == "customer"]
        return [body.get("text") or body.get("label", "") for body in bodies]

    # The gateway's side.

    async def _protect(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = POLICY

    async def _shop(self, request: web.Request) -> web.Response:
        more = 'data-identity-url="/identity"' if "signed" in request.query else ""
        if lang := request.query.get("lang"):
            more += f' data-lang="{lang}"'
        return web.Response(text=SHOP_PAGE.format(more=more), content_type="text/html")

    async def _style(self, _: web.Request) -> web.Response:
        return web.Response(text=SHOP_STYLE, content_type="text/css")

    async def _identity(self, _: web.Request) -> web.Response:
        if isinstance(self.identity, int):
            return web.Response(status=self.identity)
        return web.json_response({"identity": self.identity})

    def _file(self, name: str) -> Any:
        async def serve(_: web.Request) -> web.FileResponse:
            return web.FileResponse(self.dist / name)

        return serve

    async def _config(self, _: web.Request) -> web.Response:
        greeting = "您好，我是小二。订单、物流、退换货都可以问我。"
        return web.json_response(
            {
                "title": "在线客服",
                "welcome": greeting,
                "lang": "zh-CN",
                "suggestions": ["我的快递到哪了", "怎么申请退货", "退款多久到账"],
                "limits": {"text": 2000, "file": 10 * 1024 * 1024},
            },
        )

    async def _suggest(self, request: web.Request) -> web.Response:
        self.asked.append(request.query["q"])
        return web.json_response({"questions": self.questions})

    async def _history(self, request: web.Request) -> web.Response:
        room = self.rooms.get(request.headers["Authorization"].removeprefix("Bearer tok-"))
        if room is None:
            return web.json_response({"error": {"code": "sign_in"}}, status=401)
        older = [e for e in room.events if e["seq"] < int(request.query["before"])]
        page = older[-self.page_of :]
        return web.json_response({"events": page, "more": len(older) > len(page)})

    async def _upload(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"].startswith("Bearer tok-")
        data = await request.read()
        kinds = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg", b"%PDF": "application/pdf"}
        if (kind := kinds.get(data[:4])) is None:
            error = {"code": "bad_file", "message": "只能发 PNG、JPEG、GIF、WebP 图片和 PDF 文件。"}
            return web.json_response({"error": error}, status=400)
        self.kept.append((data, kind))
        return web.json_response({"url": f"/media/{len(self.kept) - 1}", "kind": kind, "size": len(data)})

    async def _media(self, request: web.Request) -> web.Response:
        data, kind = self.kept[int(request.match_info["at"])]
        return web.Response(body=data, content_type=kind)

    async def reads(self, seq: int) -> None:
        """The agent has seen everything up to `seq`."""
        await self._tell(self.room(), {"t": "read", "seq": seq})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("xiaoer.v1",))
        await socket.prepare(request)
        room: Room | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                frame = message.json()
                self.frames.append(frame)
                if frame["t"] == "hello":
                    room = await self._greet(socket, frame)
                elif room is not None:
                    await self._hear(socket, room, frame)
        finally:
            self.sockets.pop(socket, None)
        return socket

    async def _greet(self, socket: web.WebSocketResponse, hello: Frame) -> Room | None:
        identity = hello.get("identity")
        if identity in self.forged:
            await socket.close(code=4401)
            return None
        name = f"of-{identity}" if identity else hello.get("tok", "tok-C1").removeprefix("tok-")
        room = self.room(name.replace(".", "")[:40])
        missing = [e for e in room.events if e["seq"] > hello["after"]]
        reset = len(missing) > self.replay
        replayed = [] if reset else missing
        await socket.send_json(
            {
                "t": "welcome",
                "tok": f"tok-{room.id}",
                "conversation": room.id,
                "seq": room.events[-1]["seq"] if room.events else 0,
                "base": replayed[0]["seq"] if replayed else 0,
                "reset": reset,
                "hb": 25,
                "status": room.status,
                "customer": {"name": "", "verified": bool(identity)},
            },
        )
        for event in replayed:
            await socket.send_json(self._framed(room, event))
        self.sockets[socket] = room
        return room

    async def _hear(self, socket: web.WebSocketResponse, room: Room, frame: Frame) -> None:
        if frame["t"] == "ping":
            await socket.send_json({"t": "pong"})
        if frame["t"] != "send":
            return None
        if self.luck.random() < self.cuts:
            return _abort(socket)  # before it was written down
        if self.refusals:
            return await socket.send_json({"t": "err", "cid": frame["cid"], **self.refusals.pop(0)})
        stored = room.by_cid.get(frame["cid"])
        if stored is not None:
            return await socket.send_json({**self._framed(room, stored), "cid": frame["cid"]})
        event = await self._store(room, frame)
        if event is None:
            return None
        room.by_cid[frame["cid"]] = event
        if self.luck.random() < self.cuts:
            return _abort(socket)  # after it was written down, before the shopper knows
        return await self._tell(room, {**self._framed(room, event), "cid": frame["cid"]})

    async def _store(self, room: Room, frame: Frame) -> Frame | None:
        match frame["kind"]:
            case "said":
                return self._number(room, "said", frame["body"], CUSTOMER)
            case "human":
                event = self._number(room, "handed_off", EMPTY, CUSTOMER)
                room.status = {"stage": "waiting", "position": 3, "eta_s": [170, 290]}
            case "cancel":
                event = self._number(room, "released", {"reason": "cancelled"}, CUSTOMER)
                room.status = {"stage": "bot"}
            case _:
                event = self._number(room, "rated", frame["body"], CUSTOMER)
                room.status = {"stage": "bot"}
        await self._tell(room, {"t": "status", "status": room.status})
        return event

    async def _append(self, room: Room, kind: str, body: Frame, sender: Frame) -> Frame:
        event = self._number(room, kind, body, sender)
        await self._tell(room, self._framed(room, event))
        return event

    def _number(self, room: Room, kind: str, body: Frame, sender: Frame) -> Frame:
        # Events that a shopper never sees take numbers too.
        seq = (room.events[-1]["seq"] if room.events else 0) + 1 + self.hidden
        event = {
            "seq": seq,
            "id": f"E{seq}",
            "kind": kind,
            "from": sender,
            "ts": START + seq * 1000,
            "body": body,
        }
        room.events.append(event)
        return event

    def _framed(self, room: Room, event: Frame) -> Frame:
        at = room.events.index(event)
        return {"t": "ev", "prev": room.events[at - 1]["seq"] if at else 0, "ev": event}

    async def _tell(self, room: Room, frame: Frame) -> None:
        for socket, its in list(self.sockets.items()):
            if its is room and not socket.closed:
                await socket.send_json(frame)


def _abort(socket: web.WebSocketResponse) -> None:
    """Cuts the line as a lost network does: without a word."""
    transport = socket._req.transport if socket._req else None
    if transport is not None:
        transport.abort()
