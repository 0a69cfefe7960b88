"""A real Vendure shop, driven from the product to the refund; every claim of the contract, and its tape."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from platform_contract import CLAIMS, Stage
from vendure_shop import ADMIN, FOLDER, PASSWORD, Merchant, Vendure
from vendure_tape import TAPES, Recorder, served

from actions.platforms.base import NotFound, Platform
from actions.platforms.client import Client, Limits
from actions.platforms.vendure import VendurePlatform
from actions.platforms.vendure_session import VendureShop

pytestmark = pytest.mark.vendure


@pytest.fixture(scope="module")
def vendure(unused_tcp_port_factory: Callable[[], int]) -> Iterator[Vendure]:
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("Vendure is not installed: `make vendure` does it")
    shop = Vendure(int(os.environ.get("VENDURE_PORT", "0")) or unused_tcp_port_factory())
    shop.start()
    yield shop
    shop.stop()


class Town:
    """The merchant with two customers."""

    merchant: Merchant
    lin: str
    wang: str
    serial = 0

    async def settle(self, merchant: Merchant) -> "Town":
        Town.serial += 1
        self.merchant, self.email = merchant, f"lin{Town.serial}@example.com"
        self.lin = await merchant.customer("林小雨", self.email)
        self.wang = await merchant.customer("王磊", f"wang{Town.serial}@example.com")
        self.variants = await merchant.variants()
        return self


@pytest.fixture
async def town(vendure: Vendure) -> AsyncIterator[Town]:
    async with aiohttp.ClientSession() as session:
        merchant = Merchant(vendure.url, session)
        await merchant.sign_in()
        await merchant.opens()
        yield await Town().settle(merchant)


def adapter(url: str, total_s: float = 20) -> VendurePlatform:
    limits = Limits(total_s=total_s, breaker_failures=1000)
    return VendurePlatform(VendureShop(url, ADMIN, PASSWORD), Client("vendure", limits))


@asynccontextmanager
async def facing(url: str) -> AsyncIterator[Platform]:
    platform = adapter(url, 0.3)
    yield platform
    await platform.close()


async def test_an_order_from_the_product_to_the_partial_refund(vendure: Vendure, town: Town) -> None:
    shop, merchant = adapter(vendure.admin_api), town.merchant

    product = (await shop.products("羽绒服"))[0]
    assert (product.price_fen, [spec.spec for spec in product.specs]) == (39900, ["M", "L"])

    number = await merchant.order(town.email, {town.variants["DJ-M"]: 2}, paid=False)
    assert (await shop.order(town.lin, number)).status == "pending_payment"

    number = await merchant.order(town.email, {town.variants["DJ-M"]: 2})
    order = await shop.order(town.lin, number)
    assert (order.status, order.amount_fen, order.paid_fen) == ("paid", 80400, 80400)
    assert (await shop.payments(town.lin, number))[0].state == "succeeded"

    await merchant.ships(number, "顺丰", "SF1234567890")
    parcel = (await shop.shipments(town.lin, number))[0]
    assert (parcel.courier, parcel.tracking_number, parcel.state) == ("顺丰", "SF1234567890", "in_transit")
    assert (await shop.order(town.lin, number)).status == "shipped"

    await merchant.delivers(number)
    order = await shop.order(town.lin, number)
    assert order.status == "signed"
    assert order.signed_at is not None

    await merchant.refunds(number, pieces=1)
    refund = (await shop.refunds(town.lin, number))[0]
    assert (refund.amount_fen, refund.state, refund.reason) == (39900, "arrived", "质量问题")
    assert (await shop.order(town.lin, number)).refunded_fen == 39900
    assert (await shop.payments(town.lin, number))[0].state == "succeeded"

    with pytest.raises(NotFound):
        await shop.order(town.wang, number)
    await shop.close()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
async def test_contract(vendure: Vendure, town: Town, claim: Callable[[Stage], Awaitable[None]]) -> None:
    merchant, cup, jacket = town.merchant, town.variants["CUP"], town.variants["DJ-L"]
    delivered = await merchant.order(town.email, {cup: 3})
    await merchant.ships(delivered, "中通", f"78{Town.serial:012d}")
    await merchant.delivers(delivered)
    waiting = [await merchant.order(town.email, {cup: 1, jacket: 2}) for _ in range(2)]
    recorder = Recorder(vendure.admin_api)
    async with served(recorder) as url:
        platform = adapter(url)
        stage = Stage(platform, town.lin, town.wang, waiting, delivered, "陶瓷杯", facing)
        await claim(stage)
        await platform.close()
    if os.environ.get("RECORD"):
        _keep(claim.__name__, stage, recorder.said)


def _keep(name: str, stage: Stage, said: list[dict[str, Any]]) -> None:
    kept = {
        "vendure": "3.7.3", "customer": stage.customer, "stranger": stage.stranger,
        "waiting": stage.waiting, "delivered": stage.delivered, "words": stage.words, "said": said,
    }  # fmt: skip
    TAPES.mkdir(parents=True, exist_ok=True)
    (TAPES / f"{name}.json").write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
