"""The QQ open platform as far as a bot sees it: tokens, sending, passive windows, signed callbacks.

Tests of peers (tests/peers/) hold it to the platform's own SDK and to nonebot's adapter.
"""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

APP_ID, SECRET = "102001234", "DG5g3B4j9X2KOErG"
WINDOW_S = {"users": 3600, "groups": 300}
REPLIES = 5
LIFE_S = 7200


@dataclass(frozen=True)
class Trouble:
    """How a send ends instead: with a code, after a wait, or `cut` off once it was done."""

    status: int = 400
    code: int = 0
    message: str = "trouble"
    after_s: float = 0
    held: asyncio.Event | None = None  # until it is set
    cut: bool = False


@dataclass
class _Passive:
    where: str
    who: str
    at: float
    replies: set[int] = field(default_factory=set)


class QQPlatform:
    """Keeps what shoppers were shown in `shown`, as (users|groups, openid, body)."""

    def __init__(self) -> None:
        self.url = ""
        self.shown: list[tuple[str, str, dict[str, Any]]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.tokens = 0
        self.life_s = LIFE_S
        self.troubles: deque[Trouble] = deque()
        self.files: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, bytes] = {}
        self.fetches = False  # what it is told to fetch; else the address is only written down
        self.ahead_s = 0.0
        self._token = ""
        self._until = 0.0
        self._messages: dict[str, _Passive] = {}
        self._numbers = 0
        self._runner: web.AppRunner | None = None

    # What it serves

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.add_routes(
            [
                web.post("/app/getAppAccessToken", self._get_token),
                web.get("/users/@me", self._me),
                web.post("/v2/{where:users|groups}/{who}/messages", self._send),
                web.post("/v2/{where:users|groups}/{who}/files", self._file),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        assert self._runner.addresses
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def texts(self, who: str = "") -> list[str]:
        """What was shown as text, to everybody or to one."""
        return [body.get("content", "") for _, to, body in self.shown if not who or to == who]

    def spoil_token(self) -> None:
        """The platform forgets the token that it gave, before its time."""
        self._token = "another"

    def _now(self) -> float:
        return time.time() + self.ahead_s

    async def _get_token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked.get("appId") != APP_ID:
            return web.json_response({"code": 100007, "message": "appid invalid"})
        if asked.get("clientSecret") != SECRET:
            return web.json_response({"code": 100016, "message": "invalid appid or secret"})
        if self._now() > self._until - 60 or self._token == "another":
            self.tokens += 1
            self._token, self._until = f"token-{self.tokens}", self._now() + self.life_s
        left = max(int(self._until - self._now()), 1)
        return web.json_response({"access_token": self._token, "expires_in": str(left)})

    async def _me(self, request: web.Request) -> web.Response:
        if refused := self._unauthorized(request):
            return refused
        return web.json_response({"id": "7001", "username": "店小二", "avatar": "", "bot": True})

    async def _file(self, request: web.Request) -> web.Response:
        if refused := self._unauthorized(request):
            return refused
        asked = await request.json()
        if asked.get("file_type") != 1 or not (asked.get("url") or asked.get("file_data")):
            return _error(400, 40034004, "rich media")
        info = f"file-info-{len(self.files) + 1}"
        if self.fetches:
            async with aiohttp.ClientSession() as session, session.get(asked["url"]) as answer:
                data = await answer.read()
            if answer.status != 200 or not data.startswith((b"\xff\xd8\xff", b"\x89PNG")):
                return _error(400, 40034004, "rich media")
            self.pictures[info] = data
        self.files[info] = asked
        return web.json_response({"file_uuid": f"uuid-{info}", "file_info": info, "ttl": 86400})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        where, who = request.match_info["where"], request.match_info["who"]
        body = await request.json()
        self.asked.append((who, body))
        if refused := self._unauthorized(request):
            return refused
        trouble = self.troubles.popleft() if self.troubles else Trouble()
        if trouble.after_s:
            await asyncio.sleep(trouble.after_s)
        if trouble.held:
            await trouble.held.wait()
        if trouble.code or trouble.status != 400:
            return _error(trouble.status, trouble.code, trouble.message)
        if refused := self._misses(where, who, body):
            return refused
        self.shown.append((where, who, body))
        self._numbers += 1
        if trouble.cut:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(
            {"id": f"ROBOT1.0_{self._numbers}", "timestamp": "2026-11-22T10:00:00+08:00"}
        )

    def _misses(self, where: str, who: str, body: dict[str, Any]) -> web.Response | None:
        kind = body.get("msg_type")
        if kind == 0 and not body.get("content"):
            return _error(400, 40034011, "content is empty")
        if kind == 7 and body.get("media", {}).get("file_info") not in self.files:
            return _error(400, 304080, "file info invalid")
        if kind not in (0, 7):
            return _error(400, 40034127, "no permission")
        named = body.get("msg_id")
        if not named:
            return _error(400, 40034105, "no permission to send proactively")
        passive = self._messages.get(named)
        if passive is None or (passive.where, passive.who) != (where, who):
            return _error(400, 40034024, "msg_id invalid")
        seq = body.get("msg_seq", 1)
        if seq in passive.replies:
            return _error(400, 40054005, "duplicate")
        if self._now() - passive.at > WINDOW_S[where]:
            return _error(400, 40034005, "msg_id expired")
        if len(passive.replies) >= REPLIES:
            return _error(400, 40034128, "passive reply limit")
        passive.replies.add(seq)
        return None

    def _unauthorized(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"QQBot {self._token}" or self._now() > self._until:
            return _error(401, 11244, "token invalid or expired")
        return None

    # What it tells the bot

    def hears(self, who: str, text: str, *, group: str = "", **more: Any) -> bytes:
        """The callback's body for a shopper who writes to the bot, in private or by its name in a group."""
        self._numbers += 1
        identifier = f"ROBOT1.0_in-{self._numbers}-{time.time_ns()}"
        told: dict[str, Any] = {
            "id": identifier,
            "content": f" {text}" if group else text,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(time.time() + 8 * 3600)),
            **more,
        }
        if group:
            told |= {
                "author": {
                    "id": who,
                    "member_openid": who,
                    "union_openid": "",
                    "username": "小雨",
                    "member_role": "member",
                    "bot": False,
                },
                "group_id": group,
                "group_openid": group,
            }
        else:
            told["author"] = {"id": who, "user_openid": who, "union_openid": ""}
        where, to = ("groups", group) if group else ("users", who)
        self._messages[identifier] = _Passive(where, to, self._now())
        kind = "GROUP_AT_MESSAGE_CREATE" if group else "C2C_MESSAGE_CREATE"
        return event(kind, told)

    async def tells(
        self, session: aiohttp.ClientSession, address: str, body: bytes, **changes: Any
    ) -> tuple[int, str]:
        """Calls the bot; `changes` spoil the signature. Returns the status and the body of its answer."""
        headers = signed(body, **changes)
        async with session.post(address, data=body, headers=headers) as answer:
            return answer.status, await answer.text()


def event(kind: str, told: dict[str, Any]) -> bytes:
    payload = {"id": f"{kind}:{told.get('id', time.time_ns())}", "op": 0, "s": 1, "t": kind, "d": told}
    return json.dumps(payload, ensure_ascii=False).encode()


def validation(token: str = "Arq0D5A61EgUu4OxUvOp", at: str = "") -> bytes:
    told = {"plain_token": token, "event_ts": at or str(int(time.time()))}
    return json.dumps({"op": 13, "d": told}).encode()


def signed(
    body: bytes, *, secret: str = SECRET, at: float = 0, app: str = APP_ID, **headers: str
) -> dict[str, str]:
    """The headers of a callback."""
    timestamp = str(int(at or time.time()))
    signature = key(secret).sign(timestamp.encode() + body).hex()
    made = {
        "X-Signature-Ed25519": signature,
        "X-Signature-Timestamp": timestamp,
        "X-Bot-Appid": app,
        "User-Agent": "QQBot-Callback",
        "Content-Type": "application/json",
    }
    made |= {name.replace("_", "-"): value for name, value in headers.items()}
    return {name: value for name, value in made.items() if value}


def key(secret: str) -> Ed25519PrivateKey:
    seed = secret.encode()
    return Ed25519PrivateKey.from_private_bytes((seed * (32 // len(seed) + 1))[:32])


def _error(status: int, code: int, message: str) -> web.Response:
    told = {"message": message, "code": code, "err_code": code, "trace_id": "trace-1"}
    return web.json_response(told, status=status)
