"""A gateway's web channel on a real socket, over a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from gateway_end import SECRET, SHOP, SITE_SECRET, Gateway

from bot.channels.callers import Callers
from bot.channels.identity import Identities
from bot.channels.shopper_socket import News
from bot.channels.shopper_uploads import ShopperUploads
from bot.channels.standing import Line
from bot.channels.uploads import TakesIn
from bot.channels.web import WebChannel
from bot.channels.web_pages import WebPages
from bot.log.live import Live
from bot.log.log import Log
from bot.log.murmurs import Murmurs
from bot.settings import Site


@pytest.fixture
async def gateway(redis: Any, log: Log, tmp_path: Path) -> AsyncIterator[Gateway]:
    sites = {"demo": Site(SITE_SECRET, (SHOP,))}
    identities = Identities(sites, SECRET)
    live, murmurs = Live(redis, log.partitions), Murmurs(redis)
    places: dict[str, int] = {}

    async def position(conversation: str) -> tuple[int | None, tuple[int, int] | None]:
        return places.get(conversation), None

    async def away_until() -> int | None:
        return house.away_until

    kept: dict[str, tuple[bytes, str]] = {}

    async def keep(data: bytes, kind: str) -> str:
        kept[url := f"/media/{len(kept)}"] = (data, kind)
        return url

    async def measure(url: str) -> tuple[int, str] | None:
        return (len(kept[url][0]), kept[url][1]) if url in kept else None

    callers = Callers()
    channel = WebChannel(
        News(log, live, murmurs, measure), identities, sites, Line(position, away_until), callers
    )
    pages = WebPages(log, identities, sites, lambda typed: [f"{typed}？"], tmp_path)
    app = web.Application()
    uploads = ShopperUploads(TakesIn(keep), identities, sites, callers)
    app.add_routes([web.get("/ws/chat", channel.connect), *pages.routes(), *uploads.routes()])
    tails = [asyncio.create_task(live.run()), asyncio.create_task(murmurs.run())]
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        house = Gateway(server, session, channel)
        house.places = places
        yield house
    await channel.close_all()
    await server.close()
    for tail in tails:
        tail.cancel()
        with suppress(asyncio.CancelledError):
            await tail
