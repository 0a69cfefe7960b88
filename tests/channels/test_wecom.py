"""微信客服 over a simulated WeCom: what a shopper sees, and what the log says of it."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from outside_end import OutsideHouse, outside_house
from wecom_platform import AES_KEY, CORP_ID, KFID, SECRET, TOKEN, WeComPlatform

from bot.conversation.bodies import Choices, Delivered, Image, Means, Offer, Text
from bot.conversation.events import Kind, Role
from bot.log.duty import Duty
from bot.log.leases import Leases
from bot.log.log import Log
from bot.log.pulls import Pulls
from bot.settings import Settings

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64


@asynccontextmanager
async def wecom(redis: Any, log: Log, tmp_path: Path) -> AsyncIterator[tuple[WeComPlatform, OutsideHouse]]:
    platform = WeComPlatform()
    api = TestServer(platform.app(), host="127.0.0.1")
    await api.start_server()
    settings = Settings(
        secret="our-own-secret-of-more-than-32-characters",
        site_secret="a-site-secret-of-more-than-32-characters",
        wecom_corp_id=CORP_ID,
        wecom_secret=SECRET,
        wecom_token=TOKEN,
        wecom_aes_key=AES_KEY,
        wecom_api=str(api.make_url("")),
    )
    async with outside_house(redis, log, tmp_path, settings) as house:
        platform.ours = f"{house.url}/channels/wecom"

        async def position(_: str) -> int | None:
            return None

        reader = house.parts.reader(position, Pulls(redis, "wecom"))
        assert reader is not None
        stop = asyncio.Event()
        duty = Duty(Leases(redis, "wecom", 1, "test"), reader.tick, every_s=0.02)
        running = asyncio.create_task(duty.run(stop))
        try:
            yield platform, house
        finally:
            stop.set()
            await running
            await api.close()


@pytest.fixture
async def both(redis: Any, log: Log, tmp_path: Path) -> AsyncIterator[tuple[WeComPlatform, OutsideHouse]]:
    async with wecom(redis, log, tmp_path) as found:
        yield found


Both = tuple[WeComPlatform, OutsideHouse]


async def heard(house: OutsideHouse, words: int = 1) -> list[Delivered]:
    """Waits until the shopper's words are in the log and answered."""
    for _ in range(3000):
        names = [name async for name in house.log.conversations()]
        if names:
            said = [e for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
            if len(said) >= words:
                return await house.settled()
        await asyncio.sleep(0.02)
    raise AssertionError("nothing arrived")


async def test_a_question_is_fetched_once_however_often_it_is_called_and_answered_once(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    platform.says(shopper, "在吗")

    assert await asyncio.gather(*(platform.calls() for _ in range(3))) == [200, 200, 200]

    assert [d.state for d in await heard(house)] == ["sent"]
    assert shopper.sees == ["好的"]
    assert shopper.state == 1  # kept with the API
    assert (await house.log.state(await house.conversation())).reach_left == 4 == shopper.left


async def test_pages_and_empty_pages_are_read_to_the_end_in_order(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    platform.page, platform.empty_pages = 2, 2
    for n in range(7):
        platform.says(shopper, f"第 {n} 句")

    await platform.calls()
    await heard(house, 7)

    said = [e.body for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
    assert said == [Text(f"第 {n} 句") for n in range(7)]
    assert {sync["open_kfid"] for sync in platform.syncs} == {KFID}


async def test_the_cursor_survives_the_reader(redis: Any, log: Log, tmp_path: Path) -> None:
    async with wecom(redis, log, tmp_path) as (platform, house):
        platform.says(platform.shopper(), "第一句")
        await platform.calls()
        await heard(house)
    kept = platform.messages
    async with wecom(redis, log, tmp_path) as (platform, house):
        platform.messages, platform._ids = list(kept), itertools.count(100)
        platform.says(platform.shopper(), "第二句")
        await platform.calls()
        await heard(house, 2)

        assert all(sync["cursor"] != "" for sync in platform.syncs)
        assert len([e for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]) == 2


@pytest.mark.parametrize("failure", ["done_and_break", -1, 42001])
async def test_what_nobody_answered_is_sent_again_under_its_msgid_and_arrives_once(
    both: Both, failure: Any
) -> None:
    platform, house = both
    shopper = platform.shopper()
    platform.fails = [failure, failure]
    platform.says(shopper, "在吗")
    await platform.calls()

    assert [d.state for d in await heard(house)] == ["sent"]
    assert shopper.sees == ["好的"]


async def test_a_session_in_the_wecom_app_is_explained_to_the_agent(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    shopper.state = 3
    platform.says(shopper, "在吗")
    await platform.calls()

    [delivered] = await heard(house)
    assert delivered.state == "failed"
    assert "95018" in delivered.reason
    assert "智能助手" in delivered.reason


async def test_a_message_that_failed_later_is_not_shown_as_sent(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    platform.says(shopper, "在吗")
    await platform.calls()
    [delivered] = await heard(house)
    assert delivered.state == "sent"

    platform.fails_later(shopper, delivered.keys[0], 10)
    await platform.calls()
    for _ in range(3000):
        last = [e.body for e in await house.events(Kind.DELIVERED)][-1]
        if isinstance(last, Delivered) and last.state == "failed":
            break
        await asyncio.sleep(0.02)

    assert isinstance(last, Delivered)
    assert (last.of, last.state) == (delivered.of, "failed")
    assert "拒收" in last.reason


async def test_who_enters_is_welcomed_with_his_code(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    platform.enters(shopper)
    await platform.calls()
    for _ in range(3000):
        if shopper.sees:
            break
        await asyncio.sleep(0.02)

    assert "小二" in shopper.sees[0]
    assert [d.state for d in await house.settled()] == ["sent"]
    platform.says(shopper, "在吗")
    await platform.calls()
    await heard(house)
    assert shopper.sees[1:] == ["好的"]


async def test_a_menu_is_pressed(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    offered = Choices(
        "您想问的是？",
        (
            Offer("1", "查物流", means=Means(intent="logistics_track")),
            Offer("2", "转人工", means=Means(human=True)),
        ),
    )
    house.bot.says = lambda _: (offered,)
    platform.says(shopper, "你好")
    await platform.calls()
    await heard(house)
    [message] = platform.taken.values()
    entry = message["msgmenu"]["list"][1]["click"]

    platform.says(shopper, entry["content"], menu_id=entry["id"])
    await platform.calls()
    await heard(house, 2)

    assert [e.body.reason for e in await house.events(Kind.HANDED_OFF)] == ["offered"]


async def test_a_picture_is_fetched_and_kept(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    platform.sends(shopper, "image", {"media_id": platform.pictures.add(JPEG)})
    await platform.calls()
    await heard(house)

    [body] = [e.body for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
    assert isinstance(body, Image)
    async with aiohttp.ClientSession() as session, session.get(house.url + body.url) as answer:
        assert (answer.status, await answer.read()) == (200, JPEG)


async def test_forged_and_stale_callbacks_are_refused_and_echostr_is_decrypted(both: Both) -> None:
    platform, _ = both
    body, query = platform.sealed(b"<xml><Event>kf_msg_or_event</Event></xml>")
    echo = platform.cipher.encrypt(b"1616140317555161061")
    now = str(int(time.time()))
    asked = {
        "msg_signature": platform.cipher.sign(now, "n", echo),
        "timestamp": now,
        "nonce": "n",
        "echostr": echo,
    }
    old = str(int(time.time()) - 7200)
    stale = asked | {"timestamp": old, "msg_signature": platform.cipher.sign(old, "n", echo)}
    async with aiohttp.ClientSession() as session:
        async with session.get(platform.ours, params=asked) as answer:
            assert (answer.status, await answer.text()) == (200, "1616140317555161061")
        async with session.get(platform.ours, params=stale) as answer:
            assert answer.status == 403
        for spoilt in ({"msg_signature": "0" * 40}, {"timestamp": old}, {"nonce": "other"}):
            async with session.post(platform.ours, params=query | spoilt, data=body) as answer:
                assert answer.status == 403
