"""Each adapter on a stage of its own: a fresh shop behind it, and two of its customers."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from merchant_system import PREFIX, MerchantSystem
from platform_contract import Stage
from vendure_tape import TAPES, Player, served

from actions.platforms.base import Platform, PlatformDown
from actions.platforms.client import Client, Limits
from actions.platforms.composed import ComposedPlatform
from actions.platforms.kuaidi100 import Kuaidi100, Kuaidi100Account
from actions.platforms.rest import RestPlatform, RestShop
from actions.platforms.vendure import VendurePlatform
from actions.platforms.vendure_session import VendureShop
from shop.app import make_app
from shop.moments import clock
from shop.seeding.fill import fill
from shop.settings import Settings
from shop.store import Store

API_KEY = "key-of-the-shop-in-tests"
SECRET = "secret-of-the-merchants-system"
LIMITS = Limits(connect_s=20, total_s=60, breaker_failures=1000)
HASTE = Limits(connect_s=0.3, total_s=0.3, breaker_failures=1000)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def closing(platform: Platform) -> AsyncIterator[None]:
    """Closes it, whatever came of it: what is left open is another test's failure."""
    try:
        yield
    finally:
        await platform.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "shop.db"
    store = Store(path)
    fill(store, clock(1)())
    store.close()
    return path


@pytest.fixture
async def shop_url(filled: Path, tmp_path: Path) -> AsyncIterator[str]:
    """The demo shop as it is when it opens."""
    shutil.copy(filled, tmp_path / "shop.db")
    settings = Settings(api_key=API_KEY, site_secret="secret-of-the-site-in-tests", data=tmp_path)
    async with serving(make_app(settings)) as url:
        yield url


_FITTING: list[int] = []
"""The customer who was found to have such orders: the shop is the same each time."""


async def on_stage(platform: Platform, facing: Callable[[str], object]) -> Stage:
    """The stage of a platform behind which the demo shop stands."""
    customer, waiting, delivered = "", [], ""
    for number in _FITTING or range(100001, 100200):
        customer = f"C{number}"
        orders = await platform.orders(customer, size=100)
        waiting = [
            o.number for o in orders if o.status == "paid" and o.after_sale == "none" and not o.exceptions
        ]
        delivered = next((o.number for o in orders if o.status == "signed" and not o.exceptions), "")
        if len(waiting) >= 2 and delivered and len(orders) >= 4:
            break
    _FITTING[:] = [int(customer[1:])]
    title = (await platform.order(customer, waiting[0])).items[0].name
    return Stage(platform, customer, "C100006", waiting[:2], delivered, title, facing)  # type: ignore[arg-type]


@pytest.fixture
async def demo(shop_url: str) -> AsyncIterator[Stage]:
    """Our client to the demo shop itself, which checks our signature with its own code."""
    platform = _rest(f"{shop_url}/api/v1", API_KEY)
    async with closing(platform):
        yield await on_stage(platform, _hasty(lambda url: _rest(url, API_KEY, HASTE)))


class Away:
    """A payment provider that never answers."""

    async def charge(self, payment: str) -> Any:
        raise PlatformDown("away")

    async def refund(self, wish: Any) -> Any:
        raise PlatformDown("away")

    async def refunded(self, payment: str, number: str) -> Any:
        raise PlatformDown("away")

    async def close(self) -> None: ...


def _composed(url: str, limits: Limits = LIMITS) -> ComposedPlatform:
    nowhere = Kuaidi100Account("c", "k", "http://127.0.0.1:9")
    return ComposedPlatform(
        _rest(url, API_KEY, limits),
        Kuaidi100(nowhere, Client("kuaidi100", HASTE)),
        {"微信支付": Away(), "支付宝": Away()},
    )


@pytest.fixture
async def composed(shop_url: str) -> AsyncIterator[Stage]:
    """The demo shop with parts that are all away: it bears out the contract without them."""
    platform = _composed(f"{shop_url}/api/v1")
    async with closing(platform):
        yield await on_stage(platform, _hasty(lambda url: _composed(url, HASTE)))


@pytest.fixture
async def rest(shop_url: str) -> AsyncIterator[Stage]:
    """Our client to a merchant's system that believes the published document and nothing else."""
    system = MerchantSystem(shop_url, API_KEY, "xiaoer", SECRET)
    async with serving(system.application()) as url:
        platform = _rest(f"{url}{PREFIX}", SECRET)
        async with closing(platform):
            yield await on_stage(platform, _hasty(lambda url: _rest(url, SECRET, HASTE)))
    assert system.heard
    assert system.complaints == []


@pytest.fixture
async def vendure(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Our client to what a real Vendure answered when this claim was put to it."""
    told = json.loads(
        (TAPES / f"{request.node.callspec.params['claim'].__name__}.json").read_text(encoding="utf-8")
    )
    player = Player(told["said"])
    async with served(player) as url:
        platform = _vendure(url)
        yield Stage(
            platform, told["customer"], told["stranger"], told["waiting"], told["delivered"], told["words"],
            _hasty(lambda url: _vendure(url, HASTE)),  # type: ignore[arg-type]
        )  # fmt: skip
        await platform.close()
    assert player.unknown == []


def _vendure(url: str, limits: Limits = LIMITS) -> VendurePlatform:
    return VendurePlatform(VendureShop(url, "user", "password"), Client("vendure", limits))


def _rest(url: str, secret: str, limits: Limits = LIMITS) -> RestPlatform:
    return RestPlatform(RestShop(url, "xiaoer", secret), Client("shop", limits))


def _hasty(make: Callable[[str], Platform]) -> Callable[[str], object]:
    @asynccontextmanager
    async def facing(url: str) -> AsyncIterator[Platform]:
        platform = make(url)
        try:
            yield platform
        finally:
            await platform.close()

    return facing


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Stage:
    """The stage of the adapter that the test is about."""
    found: Stage = request.getfixturevalue(request.param)
    return found
