"""WeChat as a 公众号 or mini-program meets it: tokens, customer messages with their quotas, pushes with their retries.

Validated against wechatpy, WeRoBot and weworkapi by `make peers` (tests/peers/).
"""

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
from aiohttp import web
from weixin_cipher import PlatformCipher, sha1_of_sorted
from weixin_media import WeixinMedia

APP_ID, SECRET, TOKEN = "wx5823bf96d3bd56c7", "s3cret-of-the-app", "token-of-the-account"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MINI_ID = "wx0b1c2d3e4f5a6b7c"
US = "gh_680bdefc8c5d"
QUOTA, QUOTA_S = 5, 48 * 3600


@dataclass
class Shopper:
    """One openid: what its owner sees, and until when how many messages may still be sent to him.

    `door` is where his messages are pushed, in clear, when that is not where everybody's are.
    """

    openid: str
    door: str = ""
    sees: list[str] = field(default_factory=list)
    left: int = 0
    until: float = 0
    answered: dict[str, str] = field(default_factory=dict)  # by push: at most one answer is shown


class WeChatPlatform:
    """`base` is its API. `fails` are the next answers of custom/send instead of doing it."""

    def __init__(self, *, encrypted: bool = False) -> None:
        self.shoppers: dict[str, Shopper] = {}
        self.encrypted = encrypted
        self.cipher = PlatformCipher(TOKEN, AES_KEY, APP_ID)
        self.tokens: list[str] = []
        self.token_calls = 0
        self.sends: list[dict[str, Any]] = []
        self.fails: list[Any] = []
        self.refuses: tuple[int, str] | None = None  # what every request for a token is answered
        self.pictures = WeixinMedia(frozenset({"image/jpeg", "image/png", "image/gif"}))
        self.ours = ""
        self.attempts: list[str] = []
        self._ids = itertools.count(6_054_768_590_064_713_728)
        self._clock = 0.0

    def app(self) -> web.Application:
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.router.add_post("/cgi-bin/stable_token", self._token)
        app.router.add_get("/cgi-bin/token", self._token)  # what older clients ask
        app.router.add_get("/cgi-bin/getcallbackip", self._addresses)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        app.router.add_post("/cgi-bin/media/upload", self._upload)
        app.router.add_get("/cgi-bin/media/get", self._media)
        app.router.add_get("/mmbiz/{name}", self.pictures.shown)
        return app

    def shopper(self, openid: str = "oLVPpjqs9BhvzwPj5A-vTYAX3GLc") -> Shopper:
        return self.shoppers.setdefault(openid, Shopper(openid))

    def later(self, seconds: float) -> None:
        """Time goes on for the platform."""
        self._clock += seconds

    # What it is asked for.

    async def _token(self, request: web.Request) -> web.Response:
        asked = await request.json() if request.method == "POST" else request.query
        self.token_calls += 1
        if self.refuses:
            return web.json_response({"errcode": self.refuses[0], "errmsg": self.refuses[1]})
        if asked.get("appid") not in {APP_ID, MINI_ID}:
            return web.json_response({"errcode": 40013, "errmsg": "invalid appid"})
        if asked.get("secret") != SECRET:
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        self.tokens.append(f"{asked['appid']}|token-{self.token_calls}")
        return web.json_response({"access_token": self.tokens[-1], "expires_in": 7200})

    async def _addresses(self, request: web.Request) -> web.Response:
        return self._refused(request) or web.json_response({"ip_list": ["101.226.103.0/25"]})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        message = json.loads(body)
        if "\\u" in body.decode():
            return web.json_response({"errcode": 47001, "errmsg": "escaped"})
        failure = self.fails.pop(0) if self.fails else None
        if failure == "hang":
            await asyncio.sleep(30)
        if failure == "break":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if failure == "done_and_break":
            self._show(message)
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(failure, int):
            return web.json_response({"errcode": failure, "errmsg": "as the test says"})
        return self._refused(request) or web.json_response(self._show(message))

    def _show(self, message: dict[str, Any]) -> dict[str, Any]:
        shopper = self.shoppers.get(message.get("touser", ""))
        if shopper is None:
            return {"errcode": 40003, "errmsg": "invalid openid"}
        if self._now() > shopper.until:
            return {"errcode": 45015, "errmsg": "response out of time limit"}
        if shopper.left <= 0:
            return {"errcode": 45047, "errmsg": "out of response count limit"}
        text = _shown(message)
        if message.get("msgtype") == "image" and not self.pictures.knows(
            message["image"]["media_id"], self._now()
        ):
            return {"errcode": 40007, "errmsg": "invalid media_id"}
        if text is None:
            return {"errcode": 40008, "errmsg": "invalid message type"}
        if len(text.encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        shopper.left -= 1
        shopper.sees.append(text)
        self.sends.append(message)
        return {"errcode": 0, "errmsg": "ok"}

    async def _upload(self, request: web.Request) -> web.Response:
        return self._refused(request) or await self.pictures.taken(request, self._now())

    async def _media(self, request: web.Request) -> web.Response:
        return self._refused(request) or self.pictures.given(request, self._now())

    def _refused(self, request: web.Request) -> web.Response | None:
        token = request.query.get("access_token", "")
        of_app = [one for one in self.tokens if one.partition("|")[0] == token.partition("|")[0]]
        if token in of_app[-1:]:
            return None
        return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})

    # What it tells us.

    async def says(self, shopper: Shopper, text: str, **more: str) -> str:
        """The shopper writes; pushed as WeChat does, up to three times. What it came to (`answer`, `success` …)."""
        return await self.pushes(shopper, self.message(shopper, "text", Content=text, **more))

    async def happens(self, shopper: Shopper, event: str, key: str = "") -> str:
        fields = {"Event": event, "EventKey": key}
        if event.lower() in {"subscribe", "click", "scan"}:
            self._open(shopper, 3, 60)
        return await self.pushes(shopper, self.message(shopper, "event", **fields), opens=False)

    def message(self, shopper: Shopper, kind: str, **fields: str) -> dict[str, str]:
        message = {
            "ToUserName": US,
            "FromUserName": shopper.openid,
            "CreateTime": str(int(time.time())),
            "MsgType": kind,
            **fields,
        }
        return message if kind == "event" else {**message, "MsgId": str(next(self._ids))}

    async def pushes(self, shopper: Shopper, message: dict[str, str], *, opens: bool = True) -> str:
        if opens:
            self._open(shopper, QUOTA, QUOTA_S)
        for _ in range(3):
            outcome = await self.push_once(shopper, message)
            if outcome != "nothing":
                return outcome
        shopper.sees.append("该公众号暂时无法提供服务")
        return "gave up"

    async def push_once(self, shopper: Shopper, message: dict[str, str], within_s: float = 5.0) -> str:
        """One push: `nothing` when we did not answer in time, else what our answer was."""
        body, query = self.sealed(message)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=within_s)) as session,
                session.post(shopper.door or self.ours, params=query, data=body) as answer,
            ):
                said, status = await answer.read(), answer.status
        except (aiohttp.ClientError, TimeoutError):
            self.attempts.append("nothing")
            return "nothing"
        outcome = self._heard(shopper, message, said, status)
        self.attempts.append(outcome)
        return outcome

    def sealed(self, message: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        """The body and the query of a push."""
        xml = _xml(message)
        timestamp, nonce = str(int(time.time())), "1320562132"
        query = {
            "signature": sha1_of_sorted(TOKEN, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": message["FromUserName"],
        }
        known = self.shoppers.get(message["FromUserName"])
        if not self.encrypted or (known and known.door):
            return xml, query
        sealed = self.cipher.encrypt(xml)
        more = {"encrypt_type": "aes", "msg_signature": self.cipher.sign(timestamp, nonce, sealed)}
        return _xml({"ToUserName": US, "Encrypt": sealed}), query | more

    def _heard(self, shopper: Shopper, message: dict[str, str], said: bytes, status: int) -> str:
        if status != 200:
            return str(status)
        if said in (b"success", b""):
            return "success"
        root = ET.fromstring(said)
        if self.encrypted:
            fields = {child.tag: child.text or "" for child in root}
            signature = self.cipher.sign(fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
            assert signature == fields["MsgSignature"]
            root = ET.fromstring(self.cipher.decrypt(fields["Encrypt"]))
        fields = {child.tag: child.text or "" for child in root}
        assert fields["ToUserName"] == shopper.openid
        assert fields["FromUserName"] == US
        assert fields["MsgType"] == "text"
        assert len(fields["Content"].encode()) <= 2048
        push = message.get("MsgId") or f"{message['FromUserName']}{message['CreateTime']}"
        if push not in shopper.answered:
            shopper.answered[push] = fields["Content"]
            shopper.sees.append(fields["Content"])
        return "answer"

    def _open(self, shopper: Shopper, messages: int, seconds: float) -> None:
        if messages == QUOTA or self._now() > shopper.until or not shopper.left:
            shopper.left, shopper.until = messages, self._now() + seconds

    def _now(self) -> float:
        return time.time() + self._clock


def _shown(message: dict[str, Any]) -> str | None:
    match message.get("msgtype"):
        case "text":
            return str(message["text"]["content"])
        case "msgmenu":
            menu = message["msgmenu"]
            return "\n".join([menu["head_content"], *(entry["content"] for entry in menu["list"])])
        case "image":
            return f"[图片 {message['image']['media_id']}]"
        case _:
            return None


def _xml(fields: dict[str, str]) -> bytes:
    root = ET.Element("xml")
    for name, value in fields.items():
        ET.SubElement(root, name).text = value
    return ET.tostring(root, encoding="utf-8")
