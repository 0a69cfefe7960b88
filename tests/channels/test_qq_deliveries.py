"""What became of answers on QQ stands in the log: sent, failed with the reason, or unknown; never sent when not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from gateway_end import SECRET as OUR_SECRET, SITE_SECRET
from napcat import NapCat
from outside_end import OutsideHouse, outside_house
from qq_platform import APP_ID, SECRET, QQPlatform, Trouble

from bot.conversation.bodies import Card, CardShown, Choice, Choices, Means, Offer, Text
from bot.conversation.events import Event, Kind, Role
from bot.log.log import Log
from bot.settings import Settings

TOKEN = "a-bridge-token-of-some-length"


@pytest.fixture
async def platform() -> AsyncIterator[QQPlatform]:
    platform = QQPlatform()
    await platform.start()
    yield platform
    await platform.stop()


@pytest.fixture
async def house(redis: Any, log: Log, tmp_path: Path, platform: QQPlatform) -> AsyncIterator[OutsideHouse]:
    settings = Settings(
        secret=OUR_SECRET,
        site_secret=SITE_SECRET,
        public_url="https://kf.example.com",
        qq_app_id=APP_ID,
        qq_secret=SECRET,
        qq_api=platform.url,
        onebot_token=TOKEN,
    )
    async with outside_house(redis, log, tmp_path, settings) as house:
        yield house


async def tells(house: OutsideHouse, platform: QQPlatform, body: bytes) -> None:
    address = f"{house.url}/channels/qq"
    answers = await asyncio.gather(*(platform.tells(house.parts.session, address, body) for _ in range(3)))
    assert [status for status, _ in answers] == [200] * 3


async def test_each_push_of_three_is_one_message_with_one_answer(
    house: OutsideHouse, platform: QQPlatform
) -> None:
    await tells(house, platform, platform.hears("U1", "在吗"))
    (delivered,) = await house.settled()
    assert delivered.state == "sent"
    assert delivered.cost == 1
    assert platform.texts() == ["好的"]


async def test_an_answer_of_which_nothing_was_heard_is_told_again_and_shown_once(
    house: OutsideHouse, platform: QQPlatform
) -> None:
    platform.troubles += [Trouble(cut=True), Trouble(code=22009)]
    await tells(house, platform, platform.hears("U1", "在吗"))
    (delivered,) = await house.settled()
    assert delivered.state == "sent"
    assert platform.texts() == ["好的"]


async def test_after_five_answers_nothing_is_shown_as_sent_until_the_customer_writes_again(
    house: OutsideHouse, platform: QQPlatform
) -> None:
    house.bot.hands_off = "asked"
    await tells(house, platform, platform.hears("U1", "转人工"))
    await house.settled()
    await house.agent_claims()
    for number in range(6):
        await house.agent_says(f"第{number}句", f"a{number}")
        await house.settled()
    *_, last = await house.settled()
    assert last.state == "failed"
    assert "额度" in last.reason
    assert len(platform.texts()) == 5
    await tells(house, platform, platform.hears("U1", "还在吗"))
    await house.agent_says("在的", "b1")
    *_, last = await house.settled()
    assert last.state == "sent"
    assert "在的" in platform.texts()[-1]


async def test_a_refusal_stands_in_the_log_in_words_that_help(
    house: OutsideHouse, platform: QQPlatform
) -> None:
    platform.troubles.append(Trouble(code=40054013))
    await tells(house, platform, platform.hears("U1", "在吗"))
    (delivered,) = await house.settled()
    assert delivered.state == "failed"
    assert "关闭了" in delivered.reason
    assert platform.texts() == []


async def test_in_a_group_the_bot_s_order_card_becomes_a_word(
    house: OutsideHouse, platform: QQPlatform
) -> None:
    def order(_: Event) -> tuple[CardShown]:
        return (CardShown(Card("order", "订单 202611220001")),)

    house.bot.says = order
    await tells(house, platform, platform.hears("M1", "我的订单", group="G1"))
    await house.settled()
    assert len(platform.texts("G1")) == 1
    assert "私聊" in platform.texts("G1")[0]
    assert "202611220001" not in platform.texts("G1")[0]


async def test_the_second_one_is_understood_on_qq(house: OutsideHouse, platform: QQPlatform) -> None:
    offers = (
        Offer("x", "查物流", means=Means("logistics_track")),
        Offer("y", "查订单", means=Means("order_status")),
    )
    house.bot.says = lambda event: (
        (Text("好的"),) if isinstance(event.body, Choice) else (Choices("您想问的是？", offers),)
    )
    await tells(house, platform, platform.hears("U1", "东西呢"))
    await house.settled()
    assert platform.texts() == ["您想问的是？\n1. 查物流\n2. 查订单"]
    await tells(house, platform, platform.hears("U1", "第二个"))
    await house.settled()
    pressed = [e.body for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER][-1]
    assert isinstance(pressed, Choice)
    assert (pressed.choice, pressed.label) == ("y", "查订单")


async def bridged(house: OutsideHouse, session: aiohttp.ClientSession) -> NapCat:
    bridge = NapCat(10001, TOKEN)
    await bridge.connect(session, house.url.replace("http:", "ws:") + "/channels/onebot/ws")
    return bridge


async def test_an_answer_that_a_bridge_never_confirms_is_unknown_and_not_repeated(
    house: OutsideHouse,
) -> None:
    async with aiohttp.ClientSession() as session:
        bridge = await bridged(house, session)
        bridge.cut_after_doing = True
        await bridge.tells(bridge.hears(20002, "在吗"))
        await until_said(house)
        (delivered,) = await house.settled()
        assert delivered.state == "unknown"
        assert bridge.texts() == ["好的"]
        await bridge.leave()


async def test_an_answer_that_a_bridge_confirms_is_sent_and_costs_nothing(house: OutsideHouse) -> None:
    async with aiohttp.ClientSession() as session:
        bridge = await bridged(house, session)
        await bridge.tells(bridge.hears(20002, "在吗"))
        await until_said(house)
        await house.settled()
        (delivered,) = await house.settled()
        assert delivered.state == "sent"
        assert delivered.cost == 0
        await bridge.leave()


async def until_said(house: OutsideHouse) -> None:
    for _ in range(3000):
        if [name async for name in house.log.conversations()]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nothing was said")
