"""Kuaidi100 by its document, and a shop that is put together from parts."""

import hashlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from platform_contract import Stage

from actions.platforms import base
from actions.platforms.capabilities import Capability
from actions.platforms.chosen import chosen_platform
from actions.platforms.client import Client, Limits
from actions.platforms.composed import ComposedPlatform
from actions.platforms.kuaidi100 import Kuaidi100, Kuaidi100Account
from actions.platforms.paying import Charge, GivenBack, Repayment
from actions.settings import BadSettingError, Settings

WAY = {
    "message": "ok", "nu": "SF1", "ischeck": "0", "com": "shunfeng", "status": "200", "state": "5",
    "data": [
        {"time": "2026-11-22 08:00:00", "ftime": "2026-11-22 08:00:00", "context": "快递员正在派送", "areaName": "杭州市"},
        {"time": "2026-11-21 20:00:00", "ftime": "2026-11-21 20:00:00", "context": "到达杭州转运中心"},
    ],
}  # fmt: skip


class Kuaidi100Server:
    """Checks the signature, and asks for a phone where 顺丰 does."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = WAY

    async def answer(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl((await request.read()).decode()))
        sign = hashlib.md5(f"{form['param']}the-keythe-customer".encode()).hexdigest().upper()
        asked = json.loads(form["param"])
        if sign != form["sign"]:
            return web.json_response({"result": False, "returnCode": "503", "message": "验证签名失败"})
        if asked["com"] == "shunfeng" and asked.get("phone") != "5678":
            return web.json_response({"result": False, "returnCode": "408", "message": "验证码错误"})
        return web.json_response(self.told)


class TillOf:
    """A provider in memory."""

    def __init__(self) -> None:
        self.charged: Charge | None = None
        self.asked: list[Repayment] = []
        self.down = False

    async def charge(self, payment: str) -> Charge:
        if self.down:
            raise base.PlatformDown("till")
        return self.charged or Charge(payment, "T1", "succeeded", 80400, None)

    async def refund(self, wish: Repayment) -> GivenBack:
        self.asked.append(wish)
        return GivenBack(wish.number, "processing", wish.amount_fen, "零钱", None)

    async def refunded(self, payment: str, number: str) -> GivenBack:
        return GivenBack(number, "arrived", 80400, "零钱", None)

    async def close(self) -> None: ...


@pytest.fixture
async def couriers() -> AsyncIterator[tuple[Kuaidi100Server, str]]:
    server = Kuaidi100Server()
    app = web.Application()
    app.router.add_post("/poll/query.do", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield server, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def tracker(url: str, key: str = "the-key") -> Kuaidi100:
    return Kuaidi100(
        Kuaidi100Account("the-customer", key, url), Client("kuaidi100", Limits(breaker_failures=99))
    )


async def test_kuaidi100_tells_the_way_newest_first_with_chinas_offset(couriers: Any) -> None:
    kuaidi100 = tracker(couriers[1])

    told = await kuaidi100.track("顺丰", "SF1", phone="13812345678")

    assert (told.state, told.state_text, told.troubled) == ("out_for_delivery", "派送中", False)
    assert [event.text for event in told.events] == ["快递员正在派送", "到达杭州转运中心"]
    assert told.events[0].time.isoformat() == "2026-11-22T08:00:00+08:00"
    with pytest.raises(base.NotFound):  # 顺丰 wants to know whose parcel it is
        await kuaidi100.track("顺丰", "SF1")
    await kuaidi100.close()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"result": False, "returnCode": "500", "message": "查询无结果"}, base.NotFound),
        ({"result": False, "returnCode": "501", "message": "服务器错误"}, base.PlatformDown),
        ({"result": False, "returnCode": "502", "message": "服务器繁忙"}, base.PlatformBusy),
        ({"result": False, "returnCode": "601", "message": "KEY已过期"}, base.PlatformDenied),
        (WAY | {"state": "99"}, base.PlatformGarbage),
        (WAY | {"data": [{"time": "gestern", "context": "x"}]}, base.PlatformGarbage),
    ],
)
async def test_kuaidi100s_codes_become_the_contracts_errors(couriers: Any, told: Any, error: Any) -> None:
    couriers[0].told = told
    kuaidi100 = tracker(couriers[1])

    with pytest.raises(error) as raised:
        await kuaidi100.track("中通", "78")

    assert type(raised.value) is error
    await kuaidi100.close()


async def test_a_wrong_key_of_kuaidi100_is_told_as_such(couriers: Any) -> None:
    kuaidi100 = tracker(couriers[1], "another-key")

    with pytest.raises(base.PlatformDenied):
        await kuaidi100.track("中通", "78")
    await kuaidi100.close()


async def test_a_parcel_on_its_way_is_tracked_by_the_couriers_word_and_by_the_shops_when_there_is_none(
    demo: Stage, couriers: Any
) -> None:
    shop, customer, number = await _on_its_way(demo)
    before = (await shop.shipments(customer, number))[0]
    kuaidi100 = tracker(couriers[1])
    composed = ComposedPlatform(shop, kuaidi100, {})

    couriers[0].told = WAY | {"state": "3"}
    after = (await composed.shipments(customer, number))[0]
    couriers[0].told = {"result": False, "returnCode": "501"}
    without = (await composed.shipments(customer, number))[0]
    await kuaidi100.close()

    if before.courier == "顺丰":  # the demo shop gives no phone
        assert after.events == before.events
    else:
        assert (after.state, after.events[0].text) == ("signed", "快递员正在派送")
        assert after.signed_at is not None
    assert without.events == before.events
    assert composed.capabilities == shop.capabilities


async def test_what_the_provider_charged_counts_and_its_silence_changes_nothing(demo: Stage) -> None:
    paid = (await demo.platform.payments(demo.customer, demo.waiting[0]))[0]
    till = TillOf()
    composed = ComposedPlatform(demo.platform, None, {paid.method: till})

    seen = (await composed.payments(demo.customer, demo.waiting[0]))[0]
    till.down = True
    silent = (await composed.payments(demo.customer, demo.waiting[0]))[0]

    assert (seen.trade, seen.state) == ("T1", "succeeded")
    assert silent == paid
    with pytest.raises(base.NotFound):
        await composed.order(demo.stranger, demo.waiting[0])


async def test_only_ones_own_double_charge_is_paid_back_by_the_provider_and_under_one_number(
    demo: Stage,
) -> None:
    class NoRefunds(ComposedPlatform):
        """The shop, without its own way to pay back."""

    shop = NoRefunds(demo.platform, None, {})
    shop.capabilities = demo.platform.capabilities - {Capability.REFUND_PAYMENT}
    customer, double = await _charged_twice(demo)
    till = TillOf()
    composed = ComposedPlatform(shop, None, {double.method: till})

    await composed.refund_payment(customer, double.id, "first-key")
    await composed.refund_payment(customer, double.id, "second-key")

    assert composed.offers(Capability.REFUND_PAYMENT)
    assert len({wish.number for wish in till.asked}) == 1
    with pytest.raises(base.NotFound):
        await composed.refund_payment(demo.stranger, double.id, "k")
    rightly = next(
        p for p in await demo.platform.payments(customer) if p.method == double.method and not p.duplicate
    )
    with pytest.raises(base.Refused):
        await composed.refund_payment(customer, rightly.id, "k")


async def test_the_settings_choose_the_platform_and_say_what_is_missing(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private, public, secret = tmp_path / "key.pem", tmp_path / "public.pem", tmp_path / "secret"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    secret.write_text("from-a-file\n")
    rest = {
        "XIAOER_PLATFORM": "rest", "XIAOER_SHOP_API_KEY_ID": "us", "XIAOER_SHOP_API_KEY_FILE": str(secret),
        "XIAOER_PLATFORM_CAPABILITIES": "orders, order",
    }  # fmt: skip
    pays = {
        "XIAOER_ALIPAY_APP_ID": "1", "XIAOER_ALIPAY_KEY_FILE": str(private),
        "XIAOER_ALIPAY_PUBLIC_KEY_FILE": str(public), "XIAOER_WECHATPAY_MERCHANT": "1",
        "XIAOER_WECHATPAY_SERIAL": "1", "XIAOER_WECHATPAY_KEY_FILE": str(private),
        "XIAOER_WECHATPAY_PUBLIC_KEY_FILE": str(public), "XIAOER_WECHATPAY_PUBLIC_KEY_ID": "1",
        "XIAOER_WECHATPAY_API_V3_KEY": "k" * 32,
    }  # fmt: skip
    vendure = {
        "XIAOER_PLATFORM": "vendure", "XIAOER_VENDURE_USER": "us", "XIAOER_VENDURE_PASSWORD": "x",
        "XIAOER_KUAIDI100_CUSTOMER": "c", "XIAOER_KUAIDI100_KEY": "k",
    }  # fmt: skip

    assert chosen_platform(Settings(), {}).name == "demo"
    assert chosen_platform(Settings(), rest).capabilities == {Capability.ORDERS, Capability.ORDER}
    assert isinstance(chosen_platform(Settings(), rest | pays), ComposedPlatform)
    assert chosen_platform(Settings(), vendure).name == "vendure"
    for wrong, name in (
        ({"XIAOER_PLATFORM": "taobao"}, "XIAOER_PLATFORM"),
        ({"XIAOER_PLATFORM": "rest"}, "XIAOER_SHOP_API_KEY_ID"),
        (rest | {"XIAOER_PLATFORM_CAPABILITIES": "fly"}, "XIAOER_PLATFORM_CAPABILITIES"),
        (rest | {"XIAOER_SHOP_API_KEY_FILE": "/nowhere"}, "XIAOER_SHOP_API_KEY_FILE"),
        (pays | {"XIAOER_ALIPAY_KEY_FILE": str(secret)}, "XIAOER_ALIPAY_KEY_FILE"),
        (pays | {"XIAOER_ALIPAY_PUBLIC_KEY_FILE": str(secret)}, "XIAOER_ALIPAY_PUBLIC_KEY_FILE"),
        (pays | {"XIAOER_WECHATPAY_API_V3_KEY": "short"}, "XIAOER_WECHATPAY_API_V3_KEY"),
    ):
        with pytest.raises(BadSettingError, match=name) as raised:
            chosen_platform(Settings(), wrong)
        assert "from-a-file" not in str(raised.value)


async def _on_its_way(demo: Stage) -> tuple[base.Platform, str, str]:
    for number in range(100001, 100100):
        for order in await demo.platform.orders(f"C{number}", size=100):
            if order.status == "shipped" and order.parcels == 1 and not order.exceptions:
                return demo.platform, f"C{number}", order.number
    raise AssertionError("nothing is on its way")


async def _charged_twice(demo: Stage) -> tuple[str, Any]:
    for number in range(100001, 100200):
        found = await demo.platform.payments(f"C{number}", problem="duplicate")
        rest = {
            payment.method for payment in await demo.platform.payments(f"C{number}") if not payment.duplicate
        }
        for payment in found:
            if payment.state == "succeeded" and payment.method in rest:
                return f"C{number}", payment
    raise AssertionError(f"nobody was charged twice at {time.time()}")
