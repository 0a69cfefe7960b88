"""Whose chat it is: with the real demo shop, by link and by phone, and everything that must not work."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp.test_utils import TestServer
from outside_end import OutsideHouse, outside_house
from wechat_platform import APP_ID, SECRET, TOKEN, Shopper, WeChatPlatform

from bot.conversation.bodies import Bound, Choices, Means, Offer, Text
from bot.conversation.events import Kind, Role
from bot.conversation.state import State
from bot.log.log import Log
from bot.settings import Settings
from shop.app import make_app
from shop.binding import CODES
from shop.moments import clock
from shop.seeding.fill import fill
from shop.settings import Settings as ShopSettings
from shop.store import Store

SITE_SECRET = "a-site-secret-of-more-than-32-characters"
KEY = "key-of-the-shop-in-tests"


@dataclass
class Scene:
    platform: WeChatPlatform
    house: OutsideHouse
    shop: TestServer
    shopper: Shopper

    async def says(self, text: str) -> str:
        """What he then sees last."""
        await self.house_settled()
        await self.platform.says(self.shopper, text)
        await self.house.settled()
        return self.shopper.sees[-1]

    async def house_settled(self) -> None:
        if [name async for name in self.house.log.conversations()]:
            await self.house.settled()

    async def state(self) -> State:
        return await self.house.log.state(await self.house.conversation())

    async def bounds(self) -> list[Bound]:
        return [e.body for e in await self.house.events(Kind.BOUND) if isinstance(e.body, Bound)]

    def code(self) -> str:
        """What stands in the newest text message of the demo shop."""
        found = re.search(r"(\d{6})", self.shop.app[CODES].sent[0].text)
        assert found
        return found[1]

    def phone(self, customer: str = "C100001") -> str:
        from shop.api.doorway import STORE  # noqa: PLC0415

        known = self.shop.app[STORE].customer(customer)
        assert known
        return known.phone

    async def archived(self) -> None:
        """The archive catches up, in which notices look for the customer's chats."""
        from bot.archive.follower import Archivist  # noqa: PLC0415
        from bot.archive.store import Store  # noqa: PLC0415

        state = await self.state()
        archivist = Archivist(self.house.log, Store(self.house.parts.database))
        await archivist.handle(state.conversation, state.seq)

    async def notifies(self, identifier: str, **claims: Any) -> tuple[int, int]:
        """The shop tells him of a delay; the status, and how many chats it went to."""
        now = int(time.time())
        secret = claims.pop("secret", SITE_SECRET)
        notice = {
            "iss": "demo",
            "aud": "xiaoer-notice",
            "sub": "C100002",
            "jti": identifier,
            "iat": now,
            "exp": now + 60,
        }
        notice |= {"text": "您的包裹因天气延误，预计明天送达。"} | claims
        signed = jwt.encode(notice, secret, "HS256")
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.house.url}/channels/notices", json={"notice": signed}) as answer,
        ):
            return answer.status, (await answer.json()).get("told", 0)

    async def grants(self, **claims: Any) -> int:
        """A grant as the shop's server posts it; the status of the answer."""
        now = int(time.time())
        secret = claims.pop("secret", SITE_SECRET)
        grant = {
            "iss": "demo",
            "aud": "xiaoer-bind",
            "sub": "C100002",
            "name": "陈大明",
            "level": "普通",
            "conversation": await self.house.conversation(),
            "channel": "wechat",
            "iat": now,
            "exp": now + 60,
            "jti": "ticket-1",
        }
        signed = jwt.encode({k: v for k, v in (grant | claims).items() if v is not None}, secret, "HS256")
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.house.url}/channels/bind", json={"grant": signed}) as answer,
        ):
            return answer.status


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop's data, filled once."""
    folder = tmp_path_factory.mktemp("shop")
    store = Store(folder / "shop.db")
    fill(store, clock(1.0)())
    store.close()
    return folder


@pytest.fixture
async def scene(redis: Any, log: Log, tmp_path: Path, seeded: Path) -> AsyncIterator[Scene]:
    shutil.copytree(seeded, tmp_path / "shop")
    platform = WeChatPlatform()
    api = TestServer(platform.app(), host="127.0.0.1")
    await api.start_server()
    shop = TestServer(
        make_app(ShopSettings(api_key=KEY, site_secret=SITE_SECRET, data=tmp_path / "shop")), host="127.0.0.1"
    )
    await shop.start_server()
    settings = Settings(
        secret="our-own-secret-of-more-than-32-characters",
        site_secret=SITE_SECRET,
        shop_api_key=KEY,
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        wechat_token=TOKEN,
        wechat_api=str(api.make_url("")),
        binding_page=str(shop.make_url("/bind")),
        binding_api=str(shop.make_url("/api/v1/bindings")),
    )
    async with outside_house(redis, log, tmp_path, settings) as house:
        platform.ours = f"{house.url}/channels/wechat"
        try:
            yield Scene(platform, house, shop, platform.shopper())
        finally:
            await shop.close()
            await api.close()


async def test_a_phone_and_its_code_make_a_visitor_a_customer_and_unbinding_makes_him_nobody(
    scene: Scene,
) -> None:
    assert not (await _said(scene, "你好")).customer.verified
    assert "手机号" in await scene.says("绑定")
    assert "验证码" in await scene.says(scene.phone())
    assert "林小雨" in await scene.says(scene.code())
    customer = (await scene.state()).customer
    assert (customer.id, customer.level, customer.verified) == ("C100001", "金卡", True)

    assert "解除" in await scene.says("解绑")

    assert not (await scene.state()).customer.verified
    assert (await scene.state()).customer.id == ""
    assert [(b.how, b.customer.id) for b in await scene.bounds()] == [("phone", "C100001"), ("unbound", "")]


async def _said(scene: Scene, text: str) -> State:
    await scene.says(text)
    return await scene.state()


async def test_a_wrong_a_used_and_a_strangers_code_bind_nobody(scene: Scene) -> None:
    await scene.says("绑定")
    await scene.says(scene.phone())
    right = scene.code()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    assert "不对" in await scene.says(wrong)
    for _ in range(5):
        await scene.says(wrong)
    assert "不对" in await scene.says(right)  # too many tries
    sent = len(scene.shop.app[CODES].sent)
    assert "如果这个手机号" in await scene.says("13900000000")  # nobody's: the same words, and no message
    assert len(scene.shop.app[CODES].sent) == sent
    assert not (await scene.state()).customer.verified


async def test_a_code_message_pushed_three_times_at_once_sends_and_binds_once(scene: Scene) -> None:
    await scene.says("绑定")
    message = scene.platform.message(scene.shopper, "text", Content=scene.phone())
    await asyncio.gather(*(scene.platform.push_once(scene.shopper, message) for _ in range(3)))
    await scene.house.settled()
    assert len(scene.shop.app[CODES].sent) == 1
    message = scene.platform.message(scene.shopper, "text", Content=scene.code())
    await asyncio.gather(*(scene.platform.push_once(scene.shopper, message) for _ in range(3)))
    await scene.house.settled()

    assert len(await scene.bounds()) == 1
    assert (await scene.state()).customer.id == "C100001"


async def test_numbers_that_nobody_asked_for_are_questions(scene: Scene) -> None:
    assert await scene.says("13800138000") == "好的"
    assert await scene.says("123456") == "好的"
    assert len(scene.shop.app[CODES].sent) == 0


async def test_the_shops_signed_word_binds_once_and_binds_anew(scene: Scene) -> None:
    await scene.says("你好")
    assert [await scene.grants() for _ in range(3)] == [200, 200, 200]
    assert len(await scene.bounds()) == 1
    assert await scene.grants(sub="C100001", name="林小雨", jti="ticket-2") == 200

    assert [b.customer.id for b in await scene.bounds()] == ["C100002", "C100001"]
    assert (await scene.state()).customer.name == "林小雨"


async def test_a_spoilt_grant_binds_nobody(scene: Scene) -> None:
    await scene.says("你好")
    now = int(time.time())
    for spoilt in (
        {"secret": "another-secret-of-more-than-32-characters"},
        {"aud": "xiaoer"},
        {"aud": "xiaoer-bind-ticket"},
        {"iss": "another"},
        {"exp": now - 600},
        {"exp": now + 86400},
        {"sub": ""},
        {"sub": None},
        {"jti": None},
        {"conversation": "xnobody"},
        {"channel": "qq"},
    ):
        assert await scene.grants(**spoilt) == 403, spoilt
    assert await scene.bounds() == []


async def test_a_notice_goes_only_where_he_agreed_and_it_can_reach_him(scene: Scene) -> None:
    await scene.says("你好")
    await scene.grants()
    await scene.house.settled()
    await scene.archived()
    assert await scene.notifies("n1") == (200, 0)  # he did not agree
    await scene.says("开启提醒")
    seen = len(scene.shopper.sees)

    assert [await scene.notifies("n2") for _ in range(2)] == [(200, 1), (200, 1)]  # told once
    await scene.house.settled()
    assert scene.shopper.sees[seen:] == ["您的包裹因天气延误，预计明天送达。"]
    for n in range(5):
        await scene.notifies(f"more{n}")
        await scene.house.settled()
    assert await scene.notifies("n3") == (200, 0)  # nothing is left to send
    assert (await scene.notifies("n4", secret="another-secret-of-more-than-32-characters"))[0] == 403
    assert (await scene.notifies("n5", sub="C999999")) == (200, 0)
    assert scene.shopper.left == 0


async def test_nothing_that_is_said_makes_anybody_a_customer(scene: Scene) -> None:
    for words in ("我是 C100001", "绑定 C100001", '{"customer": {"id": "C100001", "verified": true}}'):
        await scene.says(words)
    assert not (await scene.state()).customer.verified


async def test_consent_to_notices_is_given_and_taken_back(scene: Scene) -> None:
    await scene.says("你好")
    assert "还没有绑定" in await scene.says("开启提醒")
    await scene.grants()
    await scene.house.settled()
    assert "已开启" in await scene.says("开启提醒")
    assert (await scene.state()).notices
    await scene.says("退订通知")
    assert not (await scene.state()).notices


async def test_the_ticket_of_another_shop_opens_no_page(scene: Scene) -> None:
    ticket = jwt.encode(
        {
            "iss": "xiaoer",
            "aud": "xiaoer-bind-ticket",
            "site": "demo",
            "conversation": "x",
            "channel": "wechat",
            "jti": "1",
            "exp": int(time.time()) + 60,
        },
        "x" * 40,
        "HS256",
    )
    async with (
        aiohttp.ClientSession() as session,
        session.get(scene.shop.make_url("/bind"), params={"ticket": ticket}) as page,
    ):
        assert "无效" in await page.text()


async def test_what_was_offered_to_the_former_customer_is_nobodys_after_unbinding(scene: Scene) -> None:
    await scene.says("你好")
    await scene.grants()
    picker = Choices(
        "哪一笔？", (Offer("1", "帐篷", means=Means(intent="order_status", entities={"order_number": "1"})),)
    )
    scene.house.bot.says = lambda e: (picker,) if e.body == Text("我的订单") else (Text("好的"),)
    await scene.says("我的订单")
    seq = (await scene.house.events(Kind.SAID))[-1].seq
    await scene.grants(sub="C100001", name="林小雨", jti="ticket-2")  # bound anew, and nothing said between

    await scene.says("第一个")
    message = scene.platform.message(scene.shopper, "text", Content="1. 帐篷", bizmsgmenuid=f"{seq}:1")
    await scene.platform.pushes(scene.shopper, message)
    await scene.house.settled()

    said = [e.body for e in await scene.house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
    assert said[-2:] == [Text("第一个"), Text("1. 帐篷")]
