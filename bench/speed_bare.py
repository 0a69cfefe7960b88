"""The barest aiohttp socket server, to weigh ours against: `python -m bench.speed_bare PORT`."""

import sys

import uvloop
from aiohttp import web


async def connect(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False, max_msg_size=64 * 1024)
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data)
    return ws


async def alive(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def main(port: int) -> None:
    app = web.Application()
    app.add_routes([web.get("/ws", connect), web.get("/healthz", alive)])
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
    main(int(sys.argv[1]))
