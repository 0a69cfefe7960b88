"""`xiaoer platform check` tells the merchant what works, and nothing that is nobody else's business."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest
from platform_contract import WAYS_TO_FAIL, Stage, misbehaving

from actions.platforms.base import Platform
from actions.platforms.capabilities import EVERYTHING, Capability
from actions.platforms.check import examine, main, report


async def test_a_shop_that_works_is_said_to_work_without_naming_anybody(demo: Stage) -> None:
    found = await examine(demo.platform, demo.customer)
    told = report(demo.platform, found)

    assert all(finding.well for finding in found), told
    assert {"orders", "order", "shipments", "refunds", "someone else's order"} <= {
        each.what for each in found
    }
    assert all(f"yes  {capability.value} " in told for capability in EVERYTHING)
    order = await demo.platform.order(demo.customer, demo.waiting[0])
    for secret in (
        demo.customer,
        *demo.waiting,
        order.recipient.phone,
        order.recipient.name,
        order.title,
        "key-of",
    ):
        assert secret not in told


async def test_each_failure_is_named_with_what_to_do(demo: Stage) -> None:
    for way, error in WAYS_TO_FAIL.items():
        async with misbehaving(way) as (url, _), demo.facing(url) as platform:
            found = await examine(platform, demo.customer)

        assert [finding.well for finding in found] == [False]
        assert error.__name__ in found[0].told
        assert found[0].mend


async def test_a_customer_whom_the_shop_does_not_know_and_one_without_orders_are_told_apart(
    demo: Stage,
) -> None:
    unknown = await examine(demo.platform, "C999999")
    empty = await examine(demo.platform, "C100006")

    assert "does not know this customer" in unknown[0].mend
    assert "no orders" in empty[1].told
    assert all(finding.well for finding in await examine(demo.platform, ""))


async def test_parts_that_are_away_are_named_though_the_customer_would_not_notice(composed: Stage) -> None:
    found = {finding.what: finding for finding in await examine(composed.platform, composed.customer)}

    assert found["shipments"].well
    assert not found["kuaidi100"].well
    away = [name for name in ("微信支付", "支付宝") if name in found]
    assert away
    assert all("PlatformDown" in found[name].told for name in away)


async def test_a_shop_that_shows_anothers_order_is_found_out(demo: Stage) -> None:
    class Careless(Platform):
        name = "careless"
        capabilities = frozenset({Capability.ORDERS, Capability.ORDER})

        async def orders(self, *asked: Any, **options: Any) -> Any:
            return await demo.platform.orders(demo.customer)

        async def order(self, *asked: Any) -> Any:
            return await demo.platform.order(demo.customer, demo.waiting[0])

    found = await examine(Careless(), "whoever")

    assert (found[-1].what, found[-1].told, found[-1].well) == ("someone else's order", "was shown", False)


async def test_the_command_tells_the_merchant(demo: Stage, shop_url: str) -> None:
    env = os.environ | {"XIAOER_SHOP_URL": shop_url, "XIAOER_SHOP_API_KEY": "key-of-the-shop-in-tests"}
    command = [sys.executable, "-m", "bot.cli", "platform", "check", "--customer", demo.customer]

    done = await asyncio.to_thread(
        subprocess.run, command, env=env, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ order: read" in done.stdout
    for secret in (demo.customer, "key-of-the-shop-in-tests", "Traceback"):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        ({"XIAOER_SHOP_API_KEY": "a-wrong-key"}, 1, "PlatformDenied"),
        ({"XIAOER_SHOP_URL": "http://127.0.0.1:9"}, 1, "PlatformDown"),
        ({"XIAOER_PLATFORM": "taobao"}, 2, "XIAOER_PLATFORM must be one of"),
        ({"XIAOER_PLATFORM": "rest"}, 2, "XIAOER_SHOP_API_KEY_ID is missing"),
    ],
)
async def test_its_status_and_its_words_tell_what_is_wrong(
    shop_url: str, settings: dict[str, str], status: int, words: str, surroundings: Any
) -> None:
    monkeypatch, capsys = surroundings
    for name, value in ({"XIAOER_SHOP_URL": shop_url} | settings).items():
        monkeypatch.setenv(name, value)

    assert await asyncio.to_thread(main, ["--customer", "C100001"]) == status

    told = "".join(capsys.readouterr())
    assert words in told
    for secret in ("C100001", "a-wrong-key", "Traceback"):
        assert secret not in told


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return monkeypatch, capsys
