"""The seed has every state of the service norms; time moves on, also while the shop is closed."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from aiohttp.test_utils import TestClient, TestServer

from shop import values
from shop.app import make_app
from shop.command import main
from shop.errors import SettingsError
from shop.looks import after_sale, troubles
from shop.moments import Moment, whole
from shop.progress import advance
from shop.seeding.fill import fill
from shop.settings import Settings, read_settings
from shop.store import Store
from shop.values import Order

START = whole(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
CUSTOMERS = tuple(f"C{100001 + n}" for n in range(300))


def every_order(path: Path, moment: Moment) -> list[Order]:
    store = Store(path)
    orders = [order for who in CUSTOMERS for order in store.orders(who, moment)]
    store.close()
    return orders


@pytest.fixture(scope="module")
def orders(seeded: Path) -> list[Order]:
    return every_order(seeded, Moment(START))


def test_the_seed_shows_every_state_and_exception(orders: list[Order]) -> None:
    now = Moment(START)
    assert len(orders) == 2000
    assert {o.status for o in orders} == set(get_args(values.Status))
    assert {t for o in orders for t in troubles(o, now)} == set(get_args(values.Trouble))
    assert {after_sale(o) for o in orders} == set(get_args(values.AfterSale))
    assert {r.state for o in orders for r in o.returns} == set(get_args(values.ReturnState))
    assert {r.state for o in orders for r in o.refunds} == set(get_args(values.RefundState))
    assert {p.failure for o in orders for p in o.payments} >= set(get_args(values.Failure))
    assert {o.invoice.state for o in orders if o.invoice} == set(get_args(values.InvoiceState))
    assert {p.courier for o in orders for p in o.parcels} == set(get_args(values.Courier))
    assert any(not o.placed for o in orders)
    assert any(len(o.parcels) > 1 for o in orders)
    assert any(o.status == "cancelled" and not o.refunds for o in orders)


def test_each_of_the_120_products_has_an_id_of_its_own(seeded: Path) -> None:
    store = Store(seeded)
    goods = store.catalogue
    store.close()
    assert len(goods) == len({p.name for p in goods.values()}) == 120
    assert len({p.category for p in goods.values()}) >= 8


def test_order_numbers_are_eighteen_digits_that_start_with_the_day(orders: list[Order]) -> None:
    assert len({o.number for o in orders}) == len(orders)
    assert all(len(o.number) == 18 and o.number.startswith(f"{o.created:%Y%m%d}") for o in orders)


def test_the_same_day_seeds_the_same_shop_quickly_and_only_once(tmp_path: Path, orders: list[Order]) -> None:
    store = Store(tmp_path / "shop.db")
    began = time.perf_counter()
    assert fill(store, Moment(START))
    assert time.perf_counter() - began < 60
    assert not fill(store, Moment(START))
    store.close()
    assert every_order(tmp_path / "shop.db", Moment(START)) == orders


def test_catching_up_at_once_or_step_by_step_ends_the_same(orders: list[Order]) -> None:
    end = START + timedelta(days=20)
    for order in orders[::7]:
        stepped = order
        for hours in range(0, 20 * 24, 5):
            stepped = advance(stepped, Moment(START + timedelta(hours=hours)))
        assert advance(stepped, Moment(end)) == advance(order, Moment(end))


async def test_a_parcel_has_news_without_anybody_asking(shopper: Any, settings: Settings) -> None:
    store = Store(settings.data / "shop.db")
    due = "SELECT count(*) FROM orders WHERE next_at <= ?"
    shopper.clock.turn(days=3)
    for _ in range(1200):
        (left,) = store._db.execute(due, (int(shopper.clock.now.timestamp()),)).fetchone()
        if not left:
            break
        await asyncio.sleep(0.05)
    store.close()
    assert left == 0


async def test_a_restart_catches_up_with_what_happened_meanwhile(settings: Settings, clock: Any) -> None:
    headers = {"Authorization": f"Bearer {settings.api_key}"}
    path = "/api/v1/customers/C100001/orders?status=shipped"
    async with TestClient(TestServer(make_app(settings, clock))) as client:
        assert (await (await client.get(path, headers=headers)).json())["total"] == 2
    clock.turn(days=4)
    async with TestClient(TestServer(make_app(settings, clock))) as client:
        assert (await (await client.get(path, headers=headers)).json())["total"] == 0


def test_a_faster_shop_brings_the_future_nearer(tmp_path: Path) -> None:
    store = Store(tmp_path / "fast.db")
    fill(store, Moment(START, 60))
    soon = Moment(START + timedelta(hours=1), 60)
    assert not [o for o in store.orders("C100001", soon) if o.status == "shipped"]
    store.close()


def test_the_shop_does_not_start_without_its_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XIAOER_SHOP_API_KEY", raising=False)
    assert main(["--data", str(tmp_path)]) == 2
    assert "XIAOER_SHOP_API_KEY" in capsys.readouterr().err
    secrets = {"XIAOER_SHOP_API_KEY": "k" * 20, "XIAOER_SITE_SECRET": "s" * 20}
    with pytest.raises(SettingsError):
        read_settings(["--gateway-url", "javascript:alert(1)"], secrets)
