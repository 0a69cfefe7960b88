"""Puts the shop together: database, clock, API, storefront."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from shop.api.doorway import CLOCK, DOORKEEPER, SETTINGS, STORE, speak_plainly
from shop.api.routes import add_api
from shop.api.signature import Doorkeeper
from shop.binding import add_binding
from shop.checkout import add_checkout
from shop.hooks import Teller
from shop.moments import Moment, clock
from shop.seeding.fill import fill
from shop.settings import Settings
from shop.store import Store
from shop.storefront import add_storefront, show_nothing

LARGEST_BODY = 64 * 1024
KEY_ID = "xiaoer"
log = logging.getLogger("shop")


def make_app(settings: Settings, tell: Callable[[], Moment] | None = None) -> web.Application:
    """The shop as an aiohttp application; `tell` replaces its clock in tests."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[speak_plainly])
    app[SETTINGS] = settings
    app[DOORKEEPER] = Doorkeeper(KEY_ID, settings.api_key)
    app[CLOCK] = tell or clock(settings.speed)
    app[STORE] = Store(settings.data / "shop.db")
    if settings.fresh:
        app[STORE].forget()
    fill(app[STORE], app[CLOCK]())
    add_api(app)
    add_storefront(app)
    add_checkout(app)
    add_binding(app)
    app.router.add_get("/{rest:(?!api/).*}", show_nothing)
    app.cleanup_ctx.append(_time_moves)
    return app


async def _time_moves(app: web.Application) -> AsyncIterator[None]:
    """Keeps orders up to the clock while the shop is open and tells the news; closes the database after."""
    teller = Teller(app[SETTINGS], app[STORE], app[CLOCK])
    app[STORE].watch = teller.note
    tasks = [
        asyncio.create_task(_keep_time(app), name="shop time"),
        asyncio.create_task(teller.run(app[SETTINGS].tick_s), name="shop news"),
    ]
    yield
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    app[STORE].close()


async def _keep_time(app: web.Application) -> None:
    while True:
        behind = 0
        try:
            behind = app[STORE].catch_up(app[CLOCK]())
        except Exception:
            log.exception("time stood still for one tick")
        await asyncio.sleep(0 if behind else app[SETTINGS].tick_s)
