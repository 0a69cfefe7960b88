"""`xiaoer channels check` of QQ and OneBot: what works, and what to do about the rest."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from gateway_end import SECRET as OUR_SECRET, SITE_SECRET
from napcat import NapCat
from qq_platform import APP_ID, SECRET, QQPlatform

from bot.archive.database import Database
from bot.channels.checking import Check
from bot.errors import SetupError
from bot.log.live import Live
from bot.log.log import Log
from bot.log.relay import Relay
from bot.log.tokens import Tokens
from bot.outlets import doors_of, parts_of
from bot.outlets_check import checked
from bot.settings import Settings

TOKEN = "a-bridge-token-of-some-length"
SET_UP = {"secret": OUR_SECRET, "site_secret": SITE_SECRET, "qq_app_id": APP_ID, "qq_secret": SECRET}
SET_UP |= {"onebot_token": TOKEN, "onebot_accounts": "10001"}


class Place:
    """A gateway with the doors of QQ, and the check from beside it."""

    def __init__(self, redis: Any, session: aiohttp.ClientSession, platform: QQPlatform, url: str) -> None:
        self.redis = redis
        self.session = session
        self.platform = platform
        self.url = url

    async def check(self, **changes: str) -> dict[str, Check]:
        given: dict[str, Any] = {**SET_UP, "qq_api": self.platform.url, "public_url": self.url, **changes}
        found = await checked(Settings(**given), self.session, Tokens(self.redis), Relay(self.redis))
        return {one.name: one for one in found}


@pytest.fixture
async def place(redis: Any, log: Log, tmp_path: Path) -> AsyncIterator[Place]:
    async def position(_: str) -> int | None:
        return None

    platform = QQPlatform()
    await platform.start()
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'archive.db'}")
    await database.create()
    async with aiohttp.ClientSession() as session:
        settings = Settings(**SET_UP, qq_api=platform.url)  # type: ignore[arg-type]
        app = web.Application()
        doors = doors_of(parts_of(settings, log, database, session), Live(redis, log.partitions), position)
        app.add_routes(doors.routes)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        yield Place(redis, session, platform, str(server.make_url("")).rstrip("/"))
        await server.close()
    await database.close()
    await platform.stop()


async def test_a_bot_that_is_set_up_well_is_told_so_with_its_name(place: Place) -> None:
    found = await place.check()
    assert found["qq callback"].ok
    assert found["qq token"].ok
    assert "店小二" in found["qq token"].zh


async def test_a_wrong_secret_is_told_in_the_platform_s_words_and_what_to_do(place: Place) -> None:
    found = await place.check(qq_secret="wrong")
    assert not found["qq callback"].ok
    assert "AppSecret" in found["qq callback"].zh
    assert not found["qq token"].ok
    assert "XIAOER_QQ_SECRET" in found["qq token"].zh
    assert SECRET not in str(found)


async def test_a_gateway_that_is_not_there_is_told(place: Place) -> None:
    found = await place.check(public_url="http://127.0.0.1:9")
    assert "连不上" in found["qq callback"].zh


async def test_the_risk_of_onebot_is_told_first_and_a_missing_bridge(place: Place) -> None:
    found = await place.check()
    assert "封号风险" in found["onebot risk"].zh
    assert not found["onebot …0001"].ok
    assert "NapCat" in found["onebot …0001"].zh


async def test_a_bridge_that_is_there_is_told(place: Place) -> None:
    bridge = NapCat(10001, TOKEN)
    await bridge.connect(place.session, place.url.replace("http:", "ws:") + "/channels/onebot/ws")
    for _ in range(50):
        if (found := await place.check())["onebot …0001"].ok:
            break
    assert found["onebot …0001"].ok
    await bridge.leave()


async def test_a_token_that_is_too_short_keeps_the_gateway_from_starting(place: Place, log: Log) -> None:
    assert "16" in (await place.check(onebot_token="short"))["onebot token"].zh
    parts = parts_of(
        Settings(**{**SET_UP, "onebot_token": "short"}),  # type: ignore[arg-type]
        log,
        Database("sqlite+aiosqlite://"),
        place.session,
    )

    async def position(_: str) -> int | None:
        return None

    with pytest.raises(SetupError, match="16 characters"):
        doors_of(parts, Live(place.redis, log.partitions), position)
