"""A shop that is down, slow or talks nonsense: a polite word, a human, and nothing invented."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from actions.action import ShopAction
from actions.asked import Asked
from actions.platforms.base import (
    NotFound,
    PlatformDenied,
    PlatformDown,
    PlatformError,
    PlatformGarbage,
    PlatformSlow,
)
from actions.platforms.demo import MAX_ANSWER, DemoPlatform
from actions.reply import Reply
from actions.settings import BadSettingError, Settings, read_settings

NUMBER = "202611010000000001"
IDENTITY = "C100001"


class BadShop:
    """Answers every call as it was told to, and counts them."""

    def __init__(self) -> None:
        self.how = "500"
        self.calls: list[str] = []
        self.keys: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path}")
        self.keys.append(request.headers.get("Idempotency-Key", ""))
        match self.how:
            case "slow":
                await asyncio.sleep(5)
            case "closed":
                assert request.transport is not None
                request.transport.abort()
            case "html":
                return web.Response(text="<h1>502</h1>", content_type="text/html")
            case "shape":
                return web.json_response({"items": [{"number": 7}], "page": 1})
            case "huge":
                return web.Response(body=b" " * (MAX_ANSWER + 1))
            case "denied":
                return web.json_response({"error": {"code": "unauthorized", "message": ""}}, status=401)
            case "bare 404":
                return web.Response(status=404, text="nothing here")
            case "recovers" if len(self.calls) > 1:
                return web.json_response({"items": [], "page": 1, "size": 20, "total": 0})
        return web.json_response({"error": {"code": "broken", "message": "坏了"}}, status=500)


@asynccontextmanager
async def serving(shop: BadShop, **settings: Any) -> AsyncIterator[DemoPlatform]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", shop.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    platform = DemoPlatform(Settings(shop_url=url, shop_api_key="k", total_s=0.4, **settings))
    try:
        yield platform
    finally:
        await platform.close()
        await asyncio.sleep(0.01)  # a connection that is accepted after the end would stay open
        await runner.cleanup()


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("500", PlatformDown),
        ("closed", PlatformDown),
        ("slow", PlatformSlow),
        ("html", PlatformGarbage),
        ("shape", PlatformGarbage),
        ("huge", PlatformGarbage),
        ("denied", PlatformDenied),
        ("bare 404", PlatformGarbage),
    ],
)
async def test_customer_is_told_honestly_and_given_a_human(
    how: str, error: type[PlatformError], demo: Any
) -> None:
    shop = BadShop()
    shop.how = how
    async with serving(shop) as platform:
        with pytest.raises(error):
            await platform.orders(IDENTITY)
        for intent in ("order_status", "logistics_track", "refund_progress", "payment_deducted", "coupon"):
            answer = await demo.Shopper(demo.executor_for(platform), IDENTITY).asks(intent)

            assert "抱歉" in answer.text, intent
            assert answer.handed_off == "platform_failed", intent
            assert not answer.cards, intent


async def test_a_shop_that_is_not_there_gives_a_human(demo: Any) -> None:
    platform = DemoPlatform(Settings(shop_url="http://127.0.0.1:9", shop_api_key="k"))

    answer = await demo.Shopper(demo.executor_for(platform), IDENTITY).asks("order_status")

    assert answer.handed_off == "platform_failed"
    await platform.close()


async def test_a_turn_ends_in_time_even_when_every_call_is_slow(demo: Any) -> None:
    shop = BadShop()
    shop.how = "slow"
    async with serving(shop, connect_s=3.0) as platform:
        began = time.monotonic()
        shopper = demo.Shopper(demo.executor_for(platform, turn_s=0.2), IDENTITY)

        answer = await shopper.asks("order_status")

    assert time.monotonic() - began < 4  # each call takes five
    assert answer.handed_off == "platform_failed"


async def test_one_hiccup_is_not_noticed(demo: Any) -> None:
    shop = BadShop()
    shop.how = "recovers"
    async with serving(shop) as platform:
        answer = await demo.Shopper(demo.executor_for(platform), IDENTITY).asks("order_status")

    assert "还没有订单" in answer.text
    assert len(shop.calls) > 1


async def test_a_shop_that_keeps_failing_is_left_to_rest(demo: Any) -> None:
    shop = BadShop()
    async with serving(shop, breaker_failures=2, breaker_rest_s=60) as platform:
        for _ in range(2):
            with pytest.raises(PlatformDown):
                await platform.orders(IDENTITY)
        called = len(shop.calls)

        answer = await demo.Shopper(demo.executor_for(platform), IDENTITY).asks("order_status")

    assert len(shop.calls) == called
    assert answer.handed_off == "platform_failed"


async def test_missing_orders_do_not_make_the_shop_look_broken(demo: Any, platform: Any) -> None:
    for _ in range(8):
        with pytest.raises(NotFound):
            await platform.order(demo.LIN, NUMBER)

    assert await platform.orders(demo.LIN)


async def test_a_change_is_retried_under_one_key_and_its_outcome_left_open(demo: Any) -> None:
    class Orderly(BadShop):
        async def answer(self, request: web.Request) -> web.StreamResponse:
            if request.method == "GET":
                return web.json_response(order)
            return await super().answer(request)

    order = await _some_order(demo)
    shop = Orderly()
    async with serving(shop) as platform:
        shopper = demo.Shopper(demo.executor_for(platform), demo.LIN)

        answer = await shopper.asks("order_cancel", order_number=order["number"], confirm="k" * 64)

    assert len(shop.calls) == 3
    assert set(shop.keys) == {"k" * 64}
    assert "不能确定" in answer.text
    assert answer.handed_off == "platform_failed"


async def test_an_action_that_breaks_gives_a_human_and_logs_nothing_personal(
    demo: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class ActionBroken(ShopAction):
        called = "action_broken_in_a_test"

        async def answer(self, asked: Asked, reply: Reply) -> None:
            reply.say("一半", "half")
            raise ValueError(asked.text)

    executor = demo.executor_for(None)
    executor.register_action(ActionBroken())
    with caplog.at_level(logging.DEBUG):
        answer = await demo.Shopper(executor, "").asks("x", "我的手机 13912345678", "action_broken_in_a_test")

    assert answer.handed_off == "action_failed"
    assert "一半" not in answer.text
    assert "ValueError" in caplog.text
    assert "13912345678" not in caplog.text


async def test_a_malformed_call_is_an_anonymous_one(demo: Any) -> None:
    shopper = demo.Shopper(demo.executor_for(None), "")

    for latest in ({}, {"metadata": {"customer": "C100001"}}, {"entities": 7}, {"intent": None}):
        answer = await shopper.sends("action_order_status", latest)

        assert "登录" in answer.text


def test_a_bad_setting_says_which_and_what_it_should_be() -> None:
    with pytest.raises(BadSettingError, match="XIAOER_SHOP_URL"):
        read_settings({"XIAOER_SHOP_URL": "shop"})
    with pytest.raises(BadSettingError, match="XIAOER_SHOP_TOTAL_SECONDS"):
        read_settings({"XIAOER_SHOP_TOTAL_SECONDS": "soon"})
    assert read_settings({"XIAOER_SHOP_TOTAL_SECONDS": "2"}).total_s == 2


async def _some_order(demo: Any) -> dict[str, Any]:
    when = "2026-11-01T10:00:00+08:00"
    never = dict.fromkeys(
        ("pay_before", "dispatch_before", "dispatched_at", "signed_at", "cancelled_at", "urged_at", "next")
    )
    numbers = dict.fromkeys(
        ("amount_fen", "goods_fen", "freight_fen", "discount_fen", "paid_fen", "refunded_fen", "parcels"), 0
    )
    lists: dict[str, Any] = {name: [] for name in ("exceptions", "exception_texts", "items", "can")}
    return {
        **never, **numbers, **lists,
        "number": NUMBER, "title": "杯子", "image": "", "status": "paid", "status_text": "待发货", "tone": "info",
        "after_sale": "none", "created": when, "paid_at": when, "cancel_reason": "", "as_of": when,
        "recipient": {"name": "林*", "phone": "139****5678", "address": "杭州"},
    }  # fmt: skip
