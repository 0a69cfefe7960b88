"""The shop's news survive a restart and a customer service that is away, and nobody hears old ones."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from shop.hooks import Teller, happenings
from shop.moments import Moment
from shop.progress import advance
from shop.settings import Settings
from shop.store import Store
from shop.values import Order


class Service:
    """A customer service that is away as often as it was told."""

    def __init__(self) -> None:
        self.away = 0
        self.heard: list[Any] = []

    async def answer(self, request: web.Request) -> web.Response:
        if self.away:
            self.away -= 1
            return web.Response(status=503)
        self.heard.append(msgspec.json.decode(await request.read()))
        return web.json_response({"told": 1})


def soonest(store: Store, clock: Any, what: str) -> Order:
    orders = [order for n in range(100001, 100300) for order in store.orders(f"C{n}", clock())]
    return min(
        (order for order in orders if order.placed and any(due.does == what for due in order.due)),
        key=lambda order: min(due.at for due in order.due if due.does == what),
    )


async def test_news_are_told_after_a_restart_and_once(settings: Settings, clock: Any) -> None:
    service = Service()
    app = web.Application()
    app.router.add_post("/hooks/shop/demo", service.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        known = msgspec.structs.replace(settings, gateway_url=str(server.make_url("")).rstrip("/"))
        store = Store(Path(settings.data) / "shop.db")
        store.watch = Teller(known, store, clock).note
        order = soonest(store, clock, "dispatch")
        clock.now = min(due.at for due in order.due if due.does == "dispatch")
        while store.catch_up(clock()):
            pass
        store.close()

        store = Store(Path(settings.data) / "shop.db")
        teller = Teller(known, store, clock)
        service.away = 1
        async with aiohttp.ClientSession() as session:
            assert (await teller._tell_some(session))[1] is False
            while (await teller._tell_some(session))[0]:
                pass
        teller.note(order, store.order(order.customer, order.number, clock()) or order)
        left = store.news(20)
        store.close()

    mine = [told for told in service.heard if told["order"] == order.number]
    assert [told["type"] for told in mine] == ["shipped"]
    assert mine[0]["customer"] == order.customer
    assert mine[0]["notify"] is True
    assert left == []


def test_a_parcel_that_is_not_there_on_the_promised_day_is_news_once_and_old_news_are_none(
    settings: Settings, clock: Any
) -> None:
    store = Store(Path(settings.data) / "shop.db")
    order = soonest(store, clock, "dispatch")
    store.close()
    out = advance(order, Moment(min(due.at for due in order.due if due.does == "dispatch")))
    stuck = msgspec.structs.replace(out, due=tuple(due for due in out.due if due.does == "late"))
    day = stuck.parcels[0].expected

    late = advance(stuck, Moment(day))
    later = advance(late, Moment(day + timedelta(hours=2)))

    assert [told.type for told in happenings(order, out, clock().now)] == ["shipped"]
    assert [told.type for told in happenings(stuck, late, day)] == ["delayed"]
    assert happenings(late, later, day + timedelta(hours=2)) == []
    assert happenings(order, out, day + timedelta(days=3)) == []
