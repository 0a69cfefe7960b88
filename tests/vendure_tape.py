"""What a real Vendure answered, kept so that the adapter is tested without Node: `make vendure` records it anew."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

TAPES = Path(__file__).parent / "payloads" / "vendure"


def _mark(body: bytes) -> str:
    asked = json.loads(body)
    if "password" in asked["variables"]:
        asked["variables"] = {}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


class Recorder:
    """Stands before a real Vendure, passes everything on and keeps what was said."""

    def __init__(self, admin_api: str) -> None:
        self.said: list[dict[str, Any]] = []
        self._admin_api = admin_api

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {k: v for k, v in request.headers.items() if k in {"Authorization", "Content-Type"}}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._admin_api, data=body, headers=headers) as told,
        ):
            answer = await told.json()
            token = told.headers.get("vendure-auth-token", "")
            self.said.append(
                {"asked": _mark(body), "status": told.status, "answer": answer, "token": bool(token)}
            )
            return web.json_response(answer, status=told.status, headers=_token(token))


class Player:
    """Answers each question as the real one did, in order; what was never asked is an error."""

    def __init__(self, said: list[dict[str, Any]]) -> None:
        self._left = list(said)
        self.unknown: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        mark = _mark(body)
        for number, each in enumerate(self._left):
            if each["asked"] == mark:
                del self._left[number]
                token = "token-of-the-tape" if each["token"] else ""
                return web.json_response(each["answer"], status=each["status"], headers=_token(token))
        self.unknown.append(body.decode()[:300])
        return web.Response(status=500)


def _token(token: str) -> dict[str, str]:
    return {"vendure-auth-token": token} if token else {}


@asynccontextmanager
async def served(answers: Recorder | Player) -> AsyncIterator[str]:
    """The address of its Admin API."""
    app = web.Application()
    app.router.add_post("/admin-api", answers.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/admin-api"
    finally:
        await runner.cleanup()
