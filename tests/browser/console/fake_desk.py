"""A small desk that speaks the console's side of docs/wire.md over real sockets, with switches for bad days."""

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import ClientConnectionResetError, WSMsgType, web

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[3]
POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:"
COOKIE = "desk"
SUBPROTOCOL = "xiaoer.console.v1"
PASSWORD = "correct horse 电池"


def now_ms() -> int:
    return int(time.time() * 1000)


@dataclass
class Talk:
    """One conversation as the desk holds it."""

    id: str
    customer: Json
    stage: str = "bot"
    owner: str = ""
    owner_name: str = ""
    epoch: int = 1
    reason: str = ""
    priority: int = 0
    anger: float = 0.0
    channel: str = "web"
    waiting_since: int | None = None
    unread: int = 0
    events: list[Json] = field(default_factory=list)
    packet: Json | None = None
    cids: dict[str, Json] = field(default_factory=dict)
    suggestions: list[Json] = field(default_factory=list)
    clocks: list[Json] = field(default_factory=list)

    def add(
        self, kind: str, body: Json, role: str = "system", who: tuple[str, str] = ("", ""), ts: int = 0
    ) -> Json:
        """Adds an event with the next seq and gives it back."""
        event = {
            "seq": len(self.events) + 1,
            "id": secrets.token_hex(6),
            "kind": kind,
            "from": {"role": role, "id": who[0], "name": who[1]},
            "ts": ts or now_ms(),
            "body": body,
        }
        self.events.append(event)
        return event


@dataclass(eq=False)
class Seat:
    """One open socket of an agent."""

    socket: web.WebSocketResponse
    agent: Json
    watched: set[str] = field(default_factory=set)


class FakeDesk:
    """Signs agents in, keeps the line, and tells every seat what changed."""

    def __init__(self, dist: Path) -> None:
        self.agents = {
            "xiaoli": {"id": "a-li", "name": "xiaoli", "display": "小李", "role": "agent"},
            "xiaowang": {"id": "a-wang", "name": "xiaowang", "display": "小王", "role": "agent"},
        }
        self.talks: dict[str, Talk] = {}
        self.kept: dict[str, tuple[bytes, str]] = {}
        self.sessions: dict[str, tuple[Json, str]] = {}
        self.seats: set[Seat] = set()
        self.marks: list[Json] = []
        self.port = 0
        self.sockets_opened = 0
        self.lose_next_answer = False
        self.refuse_sockets = False
        self.dist = dist
        self.app = web.Application(client_max_size=12 * 1024 * 1024)
        calls = "/api/console/conversations/{id}"
        self.app.add_routes(
            [
                web.post("/api/console/sign-in", self.sign_in),
                web.post("/api/console/sign-out", self.sign_out),
                web.get("/api/console/me", self.me),
                web.get("/api/console/labels", self.labels),
                web.get("/api/console/canned", self.canned),
                web.post("/api/console/presence", self.presence),
                web.get("/api/console/conversations", self.list),
                web.get(calls, self.open),
                web.get(calls + "/events", self.history),
                web.get(calls + "/history", self.other_times),
                web.get(calls + "/suggestions", self.suggestions),
                web.post(calls + "/uploads", self.upload),
                web.get("/media/{name}", self.media),
                web.get("/api/console/agents", self.colleagues),
                web.post(calls + "/{verb:claim|release|close}", self.change_owner),
                web.post(calls + "/{verb:reply|note}", self.write),
                web.get("/ws/console", self.socket),
                web.get("/console/", self.page),
                web.static("/console/assets", dist / "assets"),
                web.get("/console/favicon.svg", self.icon),
            ]
        )
        self.app.on_response_prepare.append(self.guard)

    # What happens in the shop

    async def say(self, talk: Talk, text: str) -> Json:
        """The customer writes; everyone who watches hears it."""
        talk.unread += 1
        return await self.tell(
            talk, talk.add("said", {"type": "text", "text": text}, "customer", ("c", talk.customer["name"]))
        )

    async def enter_line(self, talk: Talk, reason: str = "asked") -> None:
        talk.stage, talk.reason, talk.waiting_since = "waiting", reason, now_ms()
        talk.epoch += 1
        await self.tell(talk, talk.add("handed_off", {"reason": reason}))

    async def tell(self, talk: Talk, event: Json) -> Json:
        for seat in list(self.seats):
            frames: list[Json] = (
                [{"t": "ev", "conversation": talk.id, "ev": event}] if talk.id in seat.watched else []
            )
            frames.append({"t": "summary", "summary": self.summary(talk)})
            frames.append({"t": "counts", "counts": self.counts(seat.agent["id"])})
            with suppress(ClientConnectionResetError):  # it was cut: its page asks again when it is back
                for frame in frames:
                    await seat.socket.send_json(frame)
        return event

    async def frame(self, **frame: Any) -> None:
        """A frame for everybody, as the desk would send it."""
        for seat in list(self.seats):
            await seat.socket.send_json(frame)

    def cut_lines(self) -> None:
        """Aborts every socket as a dead network does, without a closing frame."""
        for seat in list(self.seats):
            transport = seat.socket._req.transport if seat.socket._req else None
            if transport is not None:
                transport.abort()

    # How it stands

    def line(self) -> list[Talk]:
        waiting = [talk for talk in self.talks.values() if talk.stage == "waiting"]
        return sorted(waiting, key=lambda talk: (-talk.priority, talk.waiting_since or 0))

    def counts(self, agent: str) -> Json:
        mine = sum(talk.stage == "human" and talk.owner == agent for talk in self.talks.values())
        return {"mine": mine, "line": len(self.line()), "all": len(self.talks)}

    def summary(self, talk: Talk) -> Json:
        said = [event for event in talk.events if event["kind"] == "said"]
        last = None
        if said:
            body = said[-1]["body"]
            text = body.get("text") or body.get("label") or body.get("card", {}).get("title", "")
            last = {"text": text, "role": said[-1]["from"]["role"], "ts": said[-1]["ts"]}
        line = self.line()
        return {
            "id": talk.id, "channel": talk.channel, "customer": talk.customer, "stage": talk.stage,
            "epoch": talk.epoch, "seq": len(talk.events), "owner": talk.owner, "owner_name": talk.owner_name,
            "waiting_since": talk.waiting_since, "reason": talk.reason, "priority": talk.priority, "last": last,
            "anger": talk.anger, "unread": talk.unread, "clocks": talk.clocks,
            "position": line.index(talk) + 1 if talk in line else None,
        }  # fmt: skip

    # The calls

    async def guard(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"

    def agent_of(self, request: web.Request) -> Json:
        agent, csrf = self.sessions.get(request.cookies.get(COOKIE, ""), ({}, ""))
        if not agent:
            raise web.HTTPUnauthorized(text='{"error":{"code":"signed_out","message":"请先登录"}}')
        if request.method == "POST" and not secrets.compare_digest(
            request.headers.get("X-CSRF-Token", ""), csrf
        ):
            raise web.HTTPForbidden(text='{"error":{"code":"csrf","message":"页面已过期"}}')
        return agent

    async def sign_in(self, request: web.Request) -> web.Response:
        asked = await request.json()
        agent = self.agents.get(asked["name"])
        if agent is None or asked["password"] != PASSWORD:
            return web.json_response({"error": {"code": "wrong", "message": "账号或密码不对"}}, status=401)
        ticket = self.session_of(asked["name"])
        response = web.json_response({"agent": agent, "csrf": self.sessions[ticket][1]})
        response.set_cookie(COOKIE, ticket, httponly=True, samesite="Strict")
        return response

    def session_of(self, name: str) -> str:
        """Signs an agent in; what his browser's cookie COOKIE holds from now on."""
        ticket = secrets.token_hex()
        self.sessions[ticket] = (self.agents[name], secrets.token_hex())
        return ticket

    async def sign_out(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        self.sessions.pop(request.cookies[COOKIE])
        return web.Response(status=204)

    async def labels(self, _: web.Request) -> web.StreamResponse:
        named = {
            "product_stock": {"zh": "查库存", "en": "Stock"},
            "logistics_delay": {"zh": "物流延误", "en": "Late"},
        }
        return web.json_response({"labels": named})

    async def canned(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        told = yaml.safe_load((ROOT / "bot" / "console" / "canned.yml").read_text(encoding="utf-8"))
        replies = [one | {"shipped": True, "rev": 0, "by_name": "", "changed": 0} for one in told]
        return web.json_response({"replies": replies, "removed": []})

    async def me(self, request: web.Request) -> web.Response:
        agent = self.agent_of(request)
        return web.json_response({"agent": agent, "csrf": self.sessions[request.cookies[COOKIE]][1]})

    async def presence(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        return web.json_response({"presence": (await request.json())["presence"]})

    async def list(self, request: web.Request) -> web.Response:
        me = self.agent_of(request)["id"]
        tab, q = request.query["tab"], request.query.get("q", "")
        talks = self.line() if tab == "line" else list(self.talks.values())
        if tab == "mine":
            talks = [talk for talk in talks if talk.stage == "human" and talk.owner == me]
        found = [self.summary(talk) for talk in talks if q in talk.customer.get("name", "")]
        start = int(request.query.get("after", 0))
        end = start + 50
        more = str(end) if end < len(found) else None
        return web.json_response({"conversations": found[start:end], "counts": self.counts(me), "next": more})

    def talk_of(self, request: web.Request) -> Talk:
        talk = self.talks.get(request.match_info["id"])
        if talk is None:
            raise web.HTTPNotFound(text='{"error":{"code":"not_found","message":"没有这个会话"}}')
        return talk

    async def open(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        talk = self.talk_of(request)
        more = len(talk.events) > 200
        return web.json_response(
            {"summary": self.summary(talk), "events": talk.events[-200:], "more": more, "packet": talk.packet}
        )

    async def history(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        talk, before = self.talk_of(request), int(request.query["before"])
        first = max(0, before - 1 - int(request.query["limit"]))
        return web.json_response({"events": talk.events[first : before - 1], "more": first > 0})

    async def other_times(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        return web.json_response({"conversations": []})

    async def suggestions(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        talk = self.talk_of(request)
        return web.json_response({"of": len(talk.events), "suggestions": talk.suggestions})

    async def upload(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        data = await request.read()
        kinds = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg", b"%PDF": "application/pdf"}
        kind = kinds.get(data[:4])
        if kind is None:
            error = {"code": "bad_file", "message": "只能发 PNG、JPEG、GIF、WebP 图片和 PDF 文件。"}
            return web.json_response({"error": error}, status=400)
        url = f"/media/{len(self.kept)}"
        self.kept[url] = (data, kind)
        return web.json_response({"url": url, "kind": kind, "size": len(data)})

    async def media(self, request: web.Request) -> web.Response:
        data, kind = self.kept[request.path]
        return web.Response(body=data, content_type=kind)

    async def colleagues(self, request: web.Request) -> web.Response:
        self.agent_of(request)
        work = {"presence": "online", "load": 1, "capacity": 5, "skills": []}
        return web.json_response({"agents": [agent | work for agent in self.agents.values()]})

    async def change_owner(self, request: web.Request) -> web.Response:
        agent, talk, verb = self.agent_of(request), self.talk_of(request), request.match_info["verb"]
        wants = "waiting" if verb == "claim" else "human"
        if (await request.json())["epoch"] != talk.epoch or talk.stage != wants:
            error = {"code": "stale", "message": "会话已经变了"}
            return web.json_response({"error": error, "state": self.summary(talk)}, status=409)
        talk.epoch += 1
        talk.unread = 0
        if verb == "claim":
            talk.stage, talk.owner, talk.owner_name, talk.waiting_since = (
                "human",
                agent["id"],
                agent["display"],
                None,
            )
            event = talk.add("claimed", {"agent": agent["id"], "name": agent["display"]})
        else:
            talk.stage, talk.owner, talk.owner_name = ("waiting" if verb == "release" else "closed"), "", ""
            talk.waiting_since = now_ms() if verb == "release" else None
            body = {"reason": "put_back"} if verb == "release" else {"by": agent["id"]}
            event = talk.add("released" if verb == "release" else "closed", body)
        await self.tell(talk, event)
        return web.json_response({"summary": self.summary(talk)})

    async def write(self, request: web.Request) -> web.Response:
        agent, talk, asked = self.agent_of(request), self.talk_of(request), await request.json()
        who = (agent["id"], agent["display"])
        if (event := talk.cids.get(asked["cid"])) is None:
            if request.match_info["verb"] == "note":
                event = talk.add("noted", {"text": asked["text"], "to": asked.get("to", [])}, "agent", who)
            elif talk.owner != agent["id"] or asked["epoch"] != talk.epoch:
                error = {"code": "stale", "message": "会话已经不归您"}
                return web.json_response({"error": error, "state": self.summary(talk)}, status=409)
            else:
                event = talk.add("said", asked["body"], "agent", who)
            talk.cids[asked["cid"]] = event
            await self.tell(talk, event)
        if self.lose_next_answer and request.transport is not None:
            self.lose_next_answer = False
            request.transport.abort()
        return web.json_response({"event": event})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        agent = self.agent_of(request)
        if self.refuse_sockets:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(protocols=(SUBPROTOCOL,))
        await socket.prepare(request)
        self.sockets_opened += 1
        seat = Seat(socket, agent)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self.hear(seat, message.json())
        finally:
            self.seats.discard(seat)
        return socket

    async def hear(self, seat: Seat, frame: Json) -> None:
        if frame["t"] == "hello":
            self.seats.add(seat)
            await seat.socket.send_json({"t": "welcome", "agent": seat.agent, "presence": "online", "hb": 25})
        elif frame["t"] == "watch":
            seat.watched.add(frame["conversation"])
            for event in self.talks[frame["conversation"]].events[frame["after"] :]:
                with suppress(ClientConnectionResetError):
                    await seat.socket.send_json(
                        {"t": "ev", "conversation": frame["conversation"], "ev": event}
                    )
        elif frame["t"] in {"read", "typing"}:
            self.marks.append(frame | {"agent": seat.agent["id"]})
        elif frame["t"] == "look":
            names = [other.agent["display"] for other in self.seats if other is not seat]
            await seat.socket.send_json(
                {"t": "looking", "conversation": frame["conversation"], "names": names}
            )
        elif frame["t"] == "unwatch":
            seat.watched.discard(frame["conversation"])
        elif frame["t"] == "ping":
            await seat.socket.send_json({"t": "pong"})

    async def page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(self.dist / "index.html")

    async def icon(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(self.dist / "favicon.svg")
