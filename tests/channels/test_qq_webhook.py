"""The QQ platform calls: what it says is in the log once before it is acknowledged, and nobody else is heard."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from gateway_end import SECRET as OUR_SECRET
from qq_platform import APP_ID, SECRET, QQPlatform, event, validation

from bot.channels.binding import Bindings
from bot.channels.outside import Outside
from bot.channels.pictures import Pictures
from bot.channels.qq import group_address, private_address
from bot.channels.qq_webhook import PATH, QQWebhook
from bot.conversation.bodies import Image, Reach, Text
from bot.conversation.events import Event, Kind, Role
from bot.log.log import Log
from bot.log.outbox import Outbox
from bot.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 30
ACK = {"op": 12, "d": 0}


class Door:
    """The webhook on a real socket, and what it wrote."""

    def __init__(
        self, log: Log, outside: Outside, platform: QQPlatform, session: aiohttp.ClientSession
    ) -> None:
        self.log = log
        self.outside = outside
        self.platform = platform
        self.session = session
        self.address = ""
        self.kept: list[bytes] = []

    async def told(self, body: bytes, **changes: Any) -> tuple[int, Any]:
        status, answer = await self.platform.tells(self.session, self.address, body, **changes)
        return status, json.loads(answer)

    async def events(self, who: str, group: str = "") -> list[Event]:
        address = group_address(APP_ID, group, who) if group else private_address(APP_ID, who)
        return await self.log.events(self.outside.conversation_of(address))

    async def said(self, who: str, group: str = "") -> list[Any]:
        return [
            one.body
            for one in await self.events(who, group)
            if one.kind is Kind.SAID and one.sender.role is Role.CUSTOMER
        ]


@pytest.fixture
async def door(log: Log, redis: Any) -> AsyncIterator[Door]:
    async def position(_: str) -> int | None:
        return None

    async def keep(data: bytes, kind: str) -> str:
        door.kept.append(data)
        return f"/media/{len(door.kept)}.{kind.partition('/')[2]}"

    outbox = Outbox(redis, log.partitions)
    bindings = Bindings(
        outbox, "demo", "a-site-secret-of-more-than-32-characters", "https://shop.example/bind", None
    )
    outside = Outside(log, outbox, bindings, position, "demo", OUR_SECRET)
    settings = Settings(qq_app_id=APP_ID, qq_secret=SECRET)
    app = web.Application()
    app.add_routes(QQWebhook(settings, outside, Pictures(keep, open_to_all=True)).routes())
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        door = Door(log, outside, QQPlatform(), session)
        door.address = str(server.make_url(PATH))
        yield door
    await server.close()


async def test_the_platform_s_validation_is_answered(door: Door) -> None:
    status, answer = await door.told(validation())
    assert status == 200
    assert answer["plain_token"] == "Arq0D5A61EgUu4OxUvOp"
    assert len(answer["signature"]) == 128


async def test_a_message_pushed_three_times_at_once_is_said_once_and_each_push_is_acknowledged(
    door: Door,
) -> None:
    body = door.platform.hears("U1", "我的快递到哪了")
    answers = await asyncio.gather(*(door.told(body) for _ in range(3)))
    assert answers == [(200, ACK)] * 3
    assert await door.said("U1") == [Text("我的快递到哪了")]


async def test_a_message_opens_the_platform_s_window(door: Door) -> None:
    await door.told(door.platform.hears("U1", "在吗"))
    await door.told(door.platform.hears("M1", "在吗", group="G1"))
    private = [one.body for one in await door.events("U1") if one.kind is Kind.REACH]
    group = [one.body for one in await door.events("M1", "G1") if one.kind is Kind.REACH]
    assert [(reach.most, reach.lasts_s) for reach in private + group if isinstance(reach, Reach)] == [
        (5, 3600),
        (5, 300),
    ]
    assert all(
        isinstance(reach, Reach) and reach.context.startswith("ROBOT1.0_") for reach in private + group
    )


async def test_each_member_of_a_group_has_a_conversation_of_his_own(door: Door) -> None:
    await door.told(door.platform.hears("M1", "有货吗", group="G1"))
    await door.told(door.platform.hears("M2", "发票怎么开", group="G1"))
    await door.told(door.platform.hears("M1", "在吗"))
    assert await door.said("M1", "G1") == [Text("有货吗")]
    assert await door.said("M2", "G1") == [Text("发票怎么开")]
    assert await door.said("M1") == [Text("在吗")]


async def test_in_a_group_nobody_is_shown_how_to_be_bound(door: Door) -> None:
    await door.told(door.platform.hears("M1", "绑定", group="G1"))
    await door.told(door.platform.hears("U1", "绑定"))

    def house(events: list[Event]) -> str:
        return "".join(e.body.text for e in events if e.sender.role is Role.BOT and isinstance(e.body, Text))

    in_group = house(await door.events("M1", "G1"))
    assert "私聊" in in_group
    assert "ticket=" not in in_group
    assert "ticket=" in house(await door.events("U1"))


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another-secret"},
        {"at": time.time() - 400},
        {"app": "102009999"},
        {"app": ""},
        {"X_Signature_Ed25519": ""},
        {"X_Signature_Ed25519": "00" * 64},
    ],
)
async def test_whoever_is_not_the_platform_is_refused_and_not_heard(
    door: Door, changes: dict[str, Any]
) -> None:
    status, _ = await door.told(door.platform.hears("U1", "退款"), **changes)
    assert status == 401
    assert await door.said("U1") == []


async def test_a_call_that_was_listened_in_on_says_nothing_twice_and_nothing_later(door: Door) -> None:
    body = door.platform.hears("U1", "转人工")
    began = time.time()
    await door.told(body, at=began)
    count = len(await door.events("U1"))
    assert await door.told(body, at=began) == (200, ACK)
    assert (await door.told(body, at=began - 301))[0] == 401
    assert len(await door.events("U1")) == count


async def test_what_is_malformed_is_told_so(door: Door) -> None:
    for body in (b"", b"{}", b'{"op":0,"t":"C2C_MESSAGE_CREATE","d":7}', b"[" * 1000):
        assert (await door.told(body))[0] == 400


async def test_events_that_say_nothing_are_acknowledged(door: Door) -> None:
    assert await door.told(event("FRIEND_ADD", {"openid": "U1"})) == (200, ACK)
    assert await door.told(event("C2C_MSG_REJECT", {"openid": "U1"})) == (200, ACK)


async def test_who_only_calls_by_name_is_greeted(door: Door) -> None:
    await door.told(door.platform.hears("M1", "", group="G1"))
    told = [one.body for one in await door.events("M1", "G1") if one.kind is Kind.SAID]
    assert len(told) == 1
    assert isinstance(told[0], Text)
    assert "小二" in told[0].text


async def test_what_can_not_be_written_is_not_acknowledged_and_counts_when_it_comes_again(
    door: Door, redis_server: Any
) -> None:
    body = door.platform.hears("U1", "我的快递到哪了")
    redis_server.kill()
    try:
        assert (await door.told(body))[0] == 503
    finally:
        redis_server.start()
    for _ in range(600):
        if (answer := await door.told(body))[0] == 200:
            break
        await asyncio.sleep(0.1)
    assert answer == (200, ACK)
    assert await door.said("U1") == [Text("我的快递到哪了")]


async def test_a_shopper_s_pictures_are_kept_by_the_house(door: Door) -> None:
    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=PNG if request.path == "/a.png" else b"<svg onload=alert(1)>")

    app = web.Application()
    app.add_routes([web.get("/{name}", picture)])
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    try:
        files = [
            {"content_type": "image/png", "url": str(server.make_url(name))} for name in ("/a.png", "/b.svg")
        ]
        await door.told(door.platform.hears("U1", "坏了", attachments=files))
    finally:
        await server.close()
    assert await door.said("U1") == [Image("/media/1.png", "坏了\n[图片]")]
    assert door.kept == [PNG]


async def test_a_picture_s_address_never_leads_into_our_own_network() -> None:
    async def keep(data: bytes, kind: str) -> str:
        raise AssertionError

    async with aiohttp.ClientSession():
        inside = (
            "http://127.0.0.1:6379/",
            "http://localhost/",
            "http://[::1]/",
            "http://169.254.169.254/x",
            "http://",
        )
        assert await Pictures(keep).take(inside) == [""] * len(inside)
