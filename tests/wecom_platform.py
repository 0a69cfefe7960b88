"""微信客服 as a merchant's server meets it: callbacks, sync_msg with cursors, send_msg with msgids, session states."""

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
from aiohttp import web
from weixin_cipher import PlatformCipher
from weixin_media import WeixinMedia

CORP_ID, SECRET, TOKEN = "ww5823bf96d3bd56c7", "s3cret-of-the-kf-app", "token-of-the-callback"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
KFID = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
QUOTA, QUOTA_S, CODE_S = 5, 48 * 3600, 20


@dataclass
class KfShopper:
    userid: str
    sees: list[str] = field(default_factory=list)
    left: int = 0
    until: float = 0
    state: int = 0


class WeComPlatform:
    """`fails` are the next answers of send_msg instead of doing it; `empty_pages` come before the next messages."""

    def __init__(self) -> None:
        self.cipher = PlatformCipher(TOKEN, AES_KEY, CORP_ID)
        self.shoppers: dict[str, KfShopper] = {}
        self.messages: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.fails: list[Any] = []
        self.refuses: tuple[int, str] | None = None  # what every request for a token is answered
        self.managed = True  # the API may use the account
        self.syncs: list[dict[str, Any]] = []
        self.taken: dict[str, dict[str, Any]] = {}
        self.pictures = WeixinMedia(frozenset({"image/jpeg", "image/png"}))
        self.codes: dict[str, tuple[str, float]] = {}
        self.empty_pages = 0
        self.waiting = 0  # sends that an Event among `fails` holds back, or held
        self.page = 1000
        self.ours = ""
        self._ids = itertools.count(1)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.router.add_get("/cgi-bin/gettoken", self._token)
        app.router.add_post("/cgi-bin/kf/account/list", self._accounts)
        app.router.add_post("/cgi-bin/kf/sync_msg", self._sync)
        app.router.add_post("/cgi-bin/kf/send_msg", self._send)
        app.router.add_post("/cgi-bin/kf/send_msg_on_event", self._welcome)
        app.router.add_post("/cgi-bin/kf/service_state/get", self._state)
        app.router.add_post("/cgi-bin/kf/service_state/trans", self._trans)
        app.router.add_post("/cgi-bin/media/upload", self._upload)
        app.router.add_get("/cgi-bin/media/get", self._media)
        return app

    def shopper(self, userid: str = "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw") -> KfShopper:
        return self.shoppers.setdefault(userid, KfShopper(userid))

    # What shoppers do.

    def says(self, shopper: KfShopper, text: str, menu_id: str = "") -> dict[str, Any]:
        content = {"content": text} | ({"menu_id": menu_id} if menu_id else {})
        return self.sends(shopper, "text", content)

    def sends(self, shopper: KfShopper, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        shopper.left, shopper.until = QUOTA, time.time() + QUOTA_S
        if shopper.state == 4:
            shopper.state = 0
        message = self._entry(shopper, kind, 3)
        self.messages.append(message | {kind: content})
        return self.messages[-1]

    def enters(self, shopper: KfShopper) -> None:
        event = {
            "event_type": "enter_session",
            "open_kfid": KFID,
            "external_userid": shopper.userid,
            "scene": "oabc",
        }
        if time.time() > shopper.until:
            code = f"code-{next(self._ids)}"
            self.codes[code] = (shopper.userid, time.time() + CODE_S)
            event["welcome_code"] = code
        self.messages.append(
            {
                "msgid": f"m{next(self._ids)}",
                "send_time": int(time.time()),
                "origin": 4,
                "msgtype": "event",
                "event": event,
            }
        )

    def fails_later(self, shopper: KfShopper, msgid: str, why: int) -> None:
        shopper.sees.remove(_shown(self.taken[msgid]) or "")
        event = {
            "event_type": "msg_send_fail",
            "open_kfid": KFID,
            "external_userid": shopper.userid,
            "fail_msgid": msgid,
            "fail_type": why,
        }
        self.messages.append(
            {
                "msgid": f"m{next(self._ids)}",
                "send_time": int(time.time()),
                "origin": 4,
                "msgtype": "event",
                "event": event,
            }
        )

    async def calls(self) -> int:
        """The callback: there is something to fetch; how we answered."""
        inner = {
            "ToUserName": CORP_ID,
            "CreateTime": str(int(time.time())),
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": "ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR",
            "OpenKfId": KFID,
        }
        body, query = self.sealed(_xml(inner))
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.post(self.ours, params=query, data=body) as answer,
        ):
            return answer.status

    def sealed(self, inner: bytes) -> tuple[bytes, dict[str, str]]:
        timestamp, nonce = str(int(time.time())), "1597212914"
        sealed = self.cipher.encrypt(inner)
        query = {
            "msg_signature": self.cipher.sign(timestamp, nonce, sealed),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        return _xml({"ToUserName": CORP_ID, "Encrypt": sealed, "AgentID": ""}), query

    # What it is asked for.

    async def _accounts(self, request: web.Request) -> web.Response:
        account = {"open_kfid": KFID, "name": "小店客服", "avatar": "", "manage_privilege": self.managed}
        return self._refused(request) or web.json_response({"errcode": 0, "account_list": [account]})

    async def _token(self, request: web.Request) -> web.Response:
        if self.refuses:
            return web.json_response({"errcode": self.refuses[0], "errmsg": self.refuses[1]})
        if (request.query.get("corpid"), request.query.get("corpsecret")) != (CORP_ID, SECRET):
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        self.tokens.append(f"kf-token-{len(self.tokens) + 1}")
        return web.json_response(
            {"errcode": 0, "errmsg": "ok", "access_token": self.tokens[-1], "expires_in": 7200}
        )

    async def _sync(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.syncs.append(asked)
        refused = self._refused(request)
        if refused:
            return refused
        assert asked["limit"] <= 1000
        assert len(asked.get("cursor", "")) <= 64
        start = int(asked.get("cursor") or "0")
        if self.empty_pages and start < len(self.messages):
            self.empty_pages -= 1
            return web.json_response(
                {"errcode": 0, "errmsg": "ok", "next_cursor": str(start), "has_more": 1, "msg_list": []}
            )
        end = min(start + min(asked["limit"], self.page), len(self.messages))
        return web.json_response(
            {
                "errcode": 0,
                "errmsg": "ok",
                "next_cursor": str(end),
                "has_more": int(end < len(self.messages)),
                "msg_list": self.messages[start:end],
            }
        )

    async def _send(self, request: web.Request) -> web.StreamResponse:
        message = json.loads(await request.read())
        failure = self.fails.pop(0) if self.fails else None
        if isinstance(failure, asyncio.Event):
            self.waiting += 1
            await failure.wait()
        if isinstance(failure, int):
            return web.json_response({"errcode": failure, "errmsg": "as the test says"})
        refused = self._refused(request)
        if refused:
            return refused
        answer = self._take(message)
        if failure == "done_and_break":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if failure == "hang":
            await asyncio.sleep(30)
        return web.json_response(answer)

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        shopper = self.shoppers.get(message.get("touser", ""))
        msgid = message.get("msgid", "")
        if message.get("open_kfid") != KFID:
            return {"errcode": 95000, "errmsg": "invalid open_kfid"}
        if shopper is None:
            return {"errcode": 95014, "errmsg": "invalid external_userid"}
        if not msgid or len(msgid) > 32 or not msgid.replace("-", "").replace("_", "").isalnum():
            return {"errcode": 40058, "errmsg": "invalid msgid"}
        if msgid in self.taken:
            return {"errcode": 0, "errmsg": "ok", "msgid": msgid}
        if shopper.state not in (0, 1):
            return {"errcode": 95018, "errmsg": "send msg session status invalid"}
        if time.time() > shopper.until:
            return {"errcode": 95002, "errmsg": "over 48 hours"}
        if shopper.left <= 0:
            return {"errcode": 95001, "errmsg": "over 5 messages"}
        text = _shown(message)
        if message.get("msgtype") == "image" and not self.pictures.knows(message["image"]["media_id"]):
            return {"errcode": 40007, "errmsg": "invalid media_id"}
        if text is None:
            return {"errcode": 40008, "errmsg": "invalid msgtype"}
        shopper.left -= 1
        self.taken[msgid] = message
        shopper.sees.append(text)
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    async def _welcome(self, request: web.Request) -> web.Response:
        message = await request.json()
        who, until = self.codes.pop(message.get("code", ""), ("", 0.0))
        if time.time() > until:
            return web.json_response({"errcode": 95007, "errmsg": "invalid msg_code"})
        self.shoppers[who].sees.append(_shown(message) or "")
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": message["msgid"]})

    async def _state(self, request: web.Request) -> web.Response:
        shopper = self.shoppers[(await request.json())["external_userid"]]
        return self._refused(request) or web.json_response(
            {"errcode": 0, "errmsg": "ok", "service_state": shopper.state}
        )

    async def _trans(self, request: web.Request) -> web.Response:
        asked = await request.json()
        shopper = self.shoppers[asked["external_userid"]]
        if (
            asked["service_state"]
            not in {0: {1, 2, 3}, 1: {2, 3, 4}, 2: {3, 4}, 3: {4}, 4: set()}[shopper.state]
        ):
            return web.json_response({"errcode": 95016, "errmsg": "invalid state transition"})
        shopper.state = asked["service_state"]
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _media(self, request: web.Request) -> web.Response:
        return self._refused(request) or self.pictures.given(request)

    async def _upload(self, request: web.Request) -> web.Response:
        return self._refused(request) or await self.pictures.taken(request)

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.query.get("access_token") in self.tokens[-1:]:
            return None
        return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})

    def _entry(self, shopper: KfShopper, kind: str, origin: int) -> dict[str, Any]:
        return {
            "msgid": f"m{next(self._ids)}",
            "open_kfid": KFID,
            "external_userid": shopper.userid,
            "send_time": int(time.time()),
            "origin": origin,
            "msgtype": kind,
        }


def _shown(message: dict[str, Any]) -> str | None:
    match message.get("msgtype"):
        case "text" if len(message["text"]["content"].encode()) <= 2048:
            return str(message["text"]["content"])
        case "msgmenu" if len(message["msgmenu"]["list"]) <= 10:
            menu = message["msgmenu"]
            return "\n".join([menu["head_content"], *(entry["click"]["content"] for entry in menu["list"])])
        case "image":
            return f"[图片 {message['image']['media_id']}]"
        case _:
            return None


def _xml(fields: dict[str, str]) -> bytes:
    root = ET.Element("xml")
    for name, value in fields.items():
        ET.SubElement(root, name).text = value
    return ET.tostring(root, encoding="utf-8")
