"""The shop's own news: to the customer who wants to hear it, once, however often the shop tells it."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from gateway_end import SITE_SECRET, Gateway, Widget, identity

from bot.channels.shop_hooks import ShopHooks
from bot.conversation.bodies import Bound, Customer, Text
from bot.conversation.commands import CustomerIsBound
from bot.log.log import Log
from bot.settings import Site
from shop.api.doorway import STORE
from shop.app import make_app
from shop.moments import CHINA, Moment, whole
from shop.settings import Settings
from shop.store import Store

EVENT = {
    "id": "shipped:202611010000000001:SF1", "type": "shipped", "customer": "c1", "order": "202611010000000001",
    "title": "羽绒服", "notify": True, "courier": "顺丰", "tracking_number": "SF1",
}  # fmt: skip


class Door:
    """A gateway's door for the shop's news, and the conversations of outside channels that it knows of."""

    def __init__(self, gateway: Gateway, log: Log, session: aiohttp.ClientSession) -> None:
        self.elsewhere: list[str] = []
        self.thrice = ""
        self.third = asyncio.Event()
        self._session = session

        async def bound(site: str, customer: str) -> list[str]:
            return self.elsewhere

        @web.middleware
        async def again(request: web.Request, handler: Any) -> web.StreamResponse:
            answer = await handler(request)
            if self.thrice and self.thrice in await request.text():
                await handler(request)
                answer = await handler(request)
                self.third.set()
            return answer

        app = web.Application(middlewares=[again])
        hooks = ShopHooks(log, gateway.channel.identities, {"demo": Site(SITE_SECRET, ())}, bound)
        app.add_routes(hooks.routes())
        self.server = TestServer(app, host="127.0.0.1")

    async def told(self, event: Any, secret: str = SITE_SECRET, **changed: Any) -> tuple[int, Any]:
        """The answer to an event; `changed` spoils what is sent after it was signed."""
        body = json.dumps(event).encode()
        at, nonce = changed.get("at", str(int(time.time()))), "n" * 32
        lines = ["v1", "POST", "/hooks/shop/demo", at, nonce, "", hashlib.sha256(body).hexdigest()]
        mark = hmac.new(secret.encode(), "\n".join(lines).encode(), "sha256").hexdigest()
        headers = {
            "X-Xiaoer-Timestamp": at, "X-Xiaoer-Nonce": nonce, "X-Xiaoer-Signature": changed.get("mark", f"v1={mark}"),
        }  # fmt: skip
        url = self.server.make_url(f"/hooks/shop/{changed.get('site', 'demo')}")
        async with self._session.post(url, data=changed.get("body", body), headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def door(gateway: Gateway, log: Log) -> AsyncIterator[Door]:
    found = Door(gateway, log, gateway.session)
    await found.server.start_server()
    yield found
    await found.server.close()


async def arrives(gateway: Gateway, customer: str = "c1", lang: str = "zh-CN") -> Widget:
    widget = await gateway.widget()
    await widget.hello(identity=identity(customer), lang=lang)
    await widget.says("你好", f"hello-{customer}")
    await widget.hears("ev")
    return widget


@asynccontextmanager
async def open_shop(tmp_path: Path, url: str, now: list[datetime]) -> AsyncIterator[Any]:
    settings = Settings(
        api_key="key-of-the-shop-in-tests",
        site_secret=SITE_SECRET,
        data=tmp_path,
        gateway_url=url,
        tick_s=0.05,
    )
    app = make_app(settings, lambda: Moment(now[0]))
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    try:
        yield app
    finally:
        await server.close()


async def test_shopper_hears_once_that_the_parcel_is_on_its_way_though_the_shop_says_it_three_times(
    gateway: Gateway, door: Door, tmp_path: Path
) -> None:
    now = [whole(datetime.now(CHINA))]
    async with open_shop(tmp_path, str(door.server.make_url("")).rstrip("/"), now) as shop:
        customer, order, goes_out = _waiting(shop[STORE], now[0])
        # The news of two thousand other orders would come first.
        shop[STORE]._db.execute("DELETE FROM orders WHERE number != ?", (order,))
        door.thrice = f"shipped:{order}"
        widget = await arrives(gateway, customer)

        now[0] = goes_out + timedelta(seconds=1)

        told: list[Any] = []
        while not any(order in said["body"]["text"] for said in told):
            told.append((await widget.hears("ev"))["ev"])
        async with asyncio.timeout(60):
            await door.third.wait()
        await widget.says("收到", "thanks")
        while (frame := await widget.hears("ev")).get("cid") != "thanks":
            told.append(frame["ev"])

    about = [said for said in told if order in said["body"]["text"]]
    assert [said["from"]["role"] for said in about] == ["bot"]
    assert "已发货" in about[0]["body"]["text"]
    assert about[0]["body"]["choices"] == [{"id": "1", "label": "查看物流"}]


async def test_who_does_not_want_to_hear_is_left_in_peace_and_who_was_never_here_too(
    gateway: Gateway, door: Door
) -> None:
    widget = await arrives(gateway)

    assert await door.told(EVENT | {"notify": False}) == (200, {"told": 0})
    assert await door.told(EVENT | {"customer": "c2"}) == (200, {"told": 0})
    assert await door.told(EVENT) == (200, {"told": 1})

    assert "已发货" in (await widget.hears("ev"))["ev"]["body"]["text"]


async def test_each_kind_of_news_has_its_words_in_the_shoppers_language(gateway: Gateway, door: Door) -> None:
    widget = await arrives(gateway, lang="en")
    expected = {
        "shipped": "on its way with 顺丰 SF1",
        "delayed": "late. It should arrive on 11月30日 now",
        "delivered": "was delivered",
        "refunded": "¥12.90",
    }
    for kind, words in expected.items():
        event = EVENT | {"id": kind, "type": kind, "expected": "11月30日", "amount_fen": 1290}
        assert await door.told(event) == (200, {"told": 1})
        assert words in (await widget.hears("ev"))["ev"]["body"]["text"]


async def test_a_forged_or_stale_word_is_refused(gateway: Gateway, door: Door) -> None:
    await arrives(gateway)
    other = json.dumps(EVENT | {"customer": "c2"}).encode()
    stale = str(int(time.time()) - 301)

    for answer in (
        await door.told(EVENT, secret="another-secret-of-more-than-32-characters"),
        await door.told(EVENT, body=other),
        await door.told(EVENT, at=stale),
        await door.told(EVENT, at="²"),
        await door.told(EVENT, mark=""),
        await door.told(EVENT, mark="v1=ü"),
        await door.told(EVENT, site="nowhere"),
    ):
        assert answer == (401, {"error": {"code": "denied"}})
    for nonsense in ({}, [], EVENT | {"type": "hacked"}, EVENT | {"id": "a b"}, EVENT | {"amount_fen": -1}):
        assert (await door.told(nonsense))[0] == 400


async def test_in_an_outside_channel_only_who_asked_for_notices_hears(
    gateway: Gateway, door: Door, log: Log
) -> None:
    lin = Customer("c1", "林小雨", "金卡", verified=True)
    for conversation, notices in (
        ("wechat:asked", True),
        ("wechat:silent", False),
        ("wechat:anothers", True),
    ):
        who = Customer("c9", "王磊", "", verified=True) if conversation == "wechat:anothers" else lin
        bound = CustomerIsBound(
            f"b-{conversation}", "wechat", "demo", Bound(who, "link", notices), (Text("绑定成功"),)
        )
        await log.commit(conversation, bound)
        door.elsewhere.append(conversation)

    assert await door.told(EVENT) == (200, {"told": 1})

    assert (await log.last_events("wechat:asked"))[-1].id == f"shop:{EVENT['id']}"
    for quiet in ("wechat:silent", "wechat:anothers"):
        assert all(not event.id.startswith("shop:") for event in await log.last_events(quiet))


def _waiting(store: Store, now: datetime) -> tuple[str, str, datetime]:
    """A customer with an order, and when that goes out: the soonest of all that goes out whole."""
    people = (f"C{number}" for number in range(100001, 100200))
    orders = [order for person in people for order in store.orders(person, Moment(now))]
    soon, order = min(
        ((due.at, order) for order in orders if order.placed for due in order.due if due.does == "dispatch"),
        key=lambda pair: pair[0],
    )
    return order.customer, order.number, soon
