"""The barest aiohttp socket server, to weigh ours against: `python -m bench.speed_bare PORT [REDIS_URL]`.

At `/ws` it sends back what it gets. At `/durable` it first has Redis append it, by the log's own script and with
as many bytes as a shopper's message has: nothing is decided, checked or heard by anybody. No Python server that
answers after Redis's sync is faster.
"""

import itertools
import sys
from collections.abc import AsyncIterator
from functools import partial
from importlib.resources import files

import uvloop
from aiohttp import web
from redis.asyncio import ConnectionPool

from bot.log.wire import Wire, packed

_WIRE = web.AppKey("wire", Wire)
_SHA = web.AppKey("sha", bytes)
_EVENT = b"e" * 300
_STATE = b"s" * 400
_names = (f"bare{number}" for number in itertools.count())


async def connect(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False, max_msg_size=64 * 1024)
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data)
    return ws


async def durable(request: web.Request) -> web.WebSocketResponse:
    wire, sha = request.app[_WIRE], request.app[_SHA]
    ws = web.WebSocketResponse(compress=False, max_msg_size=64 * 1024)
    await ws.prepare(request)
    name = next(_names)
    own = [f"xiaoer:{{bare}}:{name}:{part}" for part in ("events", "state", "ids", "memory")]
    where = [*own, *(f"xiaoer:{{bare}}:{part}" for part in ("feed", "owed", "living"))]
    for seq in itertools.count():
        message = await ws.receive()
        if message.type is not web.WSMsgType.TEXT:
            break
        row = [name, seq, f"c:{seq}", _STATE, b"", 1, 1, f"c:{seq}", _EVENT]
        outcome, _ = await wire.ask(packed(["EVALSHA", sha, len(where), *where, *row]))
        assert outcome == 0
        await ws.send_str(message.data)
    return ws


async def _redis(app: web.Application, url: str) -> AsyncIterator[None]:
    app[_WIRE] = wire = await Wire.open(ConnectionPool.from_url(url, socket_timeout=10).make_connection())
    app[_SHA] = await wire.ask(packed(["SCRIPT LOAD", files("bot.log").joinpath("append.lua").read_bytes()]))
    yield
    wire.close()


async def alive(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def main(port: int, redis_url: str = "") -> None:
    app = web.Application()
    app.add_routes([web.get("/ws", connect), web.get("/healthz", alive)])
    if redis_url:
        app.add_routes([web.get("/durable", durable)])
        app.cleanup_ctx.append(partial(_redis, url=redis_url))
    web.run_app(
        app,
        host="127.0.0.1",
        port=port,
        print=None,
        access_log=None,
        loop=uvloop.new_event_loop(),
        backlog=1024,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
