"""A OneBot v11 bridge as NapCat is: it connects to us, tells what its account hears, does what we ask.

Tests of peers (tests/peers/) hold it to aiocqhttp.
"""

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import suppress
from typing import Any

import aiohttp

Segments = list[dict[str, Any]]


class NapCat:
    """One account's bridge; `said` is what it sent into QQ, as (private|group, target, message)."""

    def __init__(self, account: int = 10001, token: str = "a-bridge-token-of-some-length") -> None:
        self.account = account
        self.token = token
        self.as_text = False  # CQ strings instead of arrays
        self.silent = False  # does what it is asked and says nothing
        self.deaf = False  # does nothing and says nothing
        self.retcode = 0
        self.cut_after_doing = False
        self.heartbeat_s = 30.0
        self.said: list[tuple[str, str, Any]] = []
        self.pictures: list[bytes] = []
        self.fetches = False  # the pictures that it is to send; else their addresses are only written down
        self.asked: list[dict[str, Any]] = []
        self._numbers = 0
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(
        self, session: aiohttp.ClientSession, address: str, role: str = "Universal", **headers: str
    ) -> aiohttp.ClientWebSocketResponse:
        """Opens the reverse WebSocket and says that it lives."""
        sent = {
            "X-Self-ID": str(self.account),
            "X-Client-Role": role,
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "OneBot/11",
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        socket = await session.ws_connect(address, headers=sent, max_msg_size=0)
        self._socket = socket
        if role != "API":
            await self.tells(self.meta("lifecycle", sub_type="connect"))
            self._tasks.append(asyncio.create_task(self._beat(socket)))
        self._tasks.append(asyncio.create_task(self._obey(socket)))
        return socket

    async def leave(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    async def tells(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        await self._socket.send_str(json.dumps(frame, ensure_ascii=False))

    async def posts(
        self, session: aiohttp.ClientSession, address: str, frame: dict[str, Any], **headers: str
    ) -> tuple[int, str]:
        """The same over HTTP POST, signed; `headers` spoil it."""
        body = json.dumps(frame, ensure_ascii=False).encode()
        sent = {"X-Self-ID": str(self.account), "Content-Type": "application/json"}
        sent["X-Signature"] = "sha1=" + hmac.new(self.token.encode(), body, hashlib.sha1).hexdigest()
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in sent.items() if value}
        async with session.post(address, data=body, headers=kept) as answer:
            return answer.status, await answer.text()

    def hears(self, who: int, message: str | Segments, *, group: int = 0, **more: Any) -> dict[str, Any]:
        """The frame for what somebody wrote to the account; a text is wrapped as the account's format says."""
        self._numbers += 1
        if isinstance(message, str) and not self.as_text:
            message = [{"type": "text", "data": {"text": message}}]
        frame: dict[str, Any] = {
            "self_id": self.account,
            "user_id": who,
            "time": int(time.time()),
            "message_id": 100_000 + self._numbers,
            "message_seq": 100_000 + self._numbers,
            "message_type": "group" if group else "private",
            "sub_type": "normal" if group else "friend",
            "sender": {"user_id": who, "nickname": "小雨", "card": ""},
            "font": 14,
            "message": message,
            "raw_message": message if isinstance(message, str) else "",
            "message_format": "string" if isinstance(message, str) else "array",
            "post_type": "message",
        }
        if group:
            frame["group_id"] = group
        return frame | more

    def meta(self, kind: str, **more: Any) -> dict[str, Any]:
        frame = {"time": int(time.time()), "self_id": self.account, "post_type": "meta_event"}
        return {**frame, "meta_event_type": kind, **more}

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not socket.closed:
            await asyncio.sleep(self.heartbeat_s)
            status = {"online": True, "good": True}
            await self.tells(self.meta("heartbeat", status=status, interval=int(self.heartbeat_s * 1000)))

    async def _obey(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            asked = json.loads(message.data)
            self.asked.append(asked)
            if self.deaf:
                continue
            if self.fetches:
                await self._fetch(asked.get("params", {}).get("message"))
            answer = self._do(asked)
            if self.cut_after_doing:
                assert socket._response.connection is not None
                assert socket._response.connection.transport is not None
                socket._response.connection.transport.abort()
                return
            if not self.silent:
                await socket.send_str(json.dumps(answer))

    async def _fetch(self, message: object) -> None:
        for piece in message if isinstance(message, list) else ():
            if piece["type"] == "image":
                async with aiohttp.ClientSession() as session, session.get(piece["data"]["file"]) as answer:
                    assert answer.status == 200
                    self.pictures.append(await answer.read())

    def _do(self, asked: dict[str, Any]) -> dict[str, Any]:
        params, data = asked.get("params") or {}, None
        code = self.retcode
        match asked.get("action"):
            case _ if code:
                pass
            case "send_private_msg":
                data = self._say("private", params["user_id"], params["message"])
            case "send_group_msg":
                data = self._say("group", params["group_id"], params["message"])
            case "send_msg":
                kind = params.get("message_type") or ("group" if params.get("group_id") else "private")
                target = params["group_id"] if kind == "group" else params["user_id"]
                data = self._say(kind, target, params["message"])
            case "get_login_info":
                data = {"user_id": self.account, "nickname": "店小二"}
            case "get_status":
                data = {"online": True, "good": True}
            case _:
                code = 1404
        status = "failed" if code else "ok"
        answer = {"status": status, "retcode": code, "data": data, "message": "", "wording": ""}
        if code:
            answer["wording"] = "消息发送失败" if code != 1404 else "不支持的api"
        if "echo" in asked:
            answer["echo"] = asked["echo"]
        return answer

    def _say(self, kind: str, target: object, message: object) -> dict[str, int]:
        self._numbers += 1
        self.said.append((kind, str(target), message))
        return {"message_id": 500_000 + self._numbers}

    def texts(self, target: object = "") -> list[str]:
        """What it sent as text, to everybody or to one."""
        return [_text(message) for _, to, message in self.said if not target or to == str(target)]


def _text(message: object) -> str:
    if isinstance(message, str):
        return message
    assert isinstance(message, list)
    return "".join(piece["data"].get("text", "") for piece in message if piece["type"] == "text")
