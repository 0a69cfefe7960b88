"""The claims that every platform adapter must bear out; `test_contract.py` runs them on each of them."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
import pytest
from aiohttp import web

from actions.platforms import base
from actions.platforms.base import NotFound, Platform, Refused, Unsupported
from actions.platforms.capabilities import CHANGES, EVERYTHING, OF_DELIVERY, OF_MODIFY, VARIANTS, Capability
from actions.platforms.client import MAX_ANSWER

C = Capability
NOBODYS = "999911110000222233"


class Stage(msgspec.Struct):
    """A platform with two customers: one with orders waiting for dispatch (two) and delivered, and a stranger.

    `facing(url)` is the same adapter talking to whatever listens at that address, in haste.
    """

    platform: Platform
    customer: str
    stranger: str
    waiting: list[str]
    delivered: str
    words: str
    facing: Callable[[str], AbstractAsyncContextManager[Platform]]


def asks(
    platform: Platform, customer: str, order: str, key: str = "k"
) -> dict[Capability, Callable[[], Any]]:
    """Every method of the contract, ready to be called about an order."""
    p, c, n = platform, customer, order
    wish = base.ReturnWish("1", "return", "quality")
    return {
        C.PRODUCTS: lambda: p.products("杯"), C.PRODUCT: lambda: p.product("nothing-like-it"),
        C.MEMBER: lambda: p.member(c), C.COUPONS: lambda: p.coupons(c), C.POINTS: lambda: p.points(c),
        C.ORDERS: lambda: p.orders(c), C.ORDER: lambda: p.order(c, n), C.PAYMENTS: lambda: p.payments(c, n),
        C.SHIPMENTS: lambda: p.shipments(c, n), C.SHIPMENT: lambda: p.shipment(c, n),
        C.CASES: lambda: p.cases(c, n), C.ELIGIBILITY: lambda: p.eligibility(c, n),
        C.RETURNS: lambda: p.returns(c, n), C.REFUNDS: lambda: p.refunds(c, n), C.INVOICE: lambda: p.invoice(c, n),
        C.TICKETS: lambda: p.tickets(c, n), C.CANCEL: lambda: p.cancel(c, n, key), C.URGE: lambda: p.urge(c, n, key),
        C.MODIFY: lambda: p.modify(c, n, base.OrderChange(remark="轻放"), key),
        C.PROTECT_PRICE: lambda: p.protect_price(c, n, "1", key),
        C.REFUND_PAYMENT: lambda: p.refund_payment(c, n, key),
        C.CHANGE_DELIVERY: lambda: p.change_delivery(c, n, base.DeliveryChange("pickup_point"), key),
        C.OPEN_CASE: lambda: p.open_case(c, (n, n), "stalled", key),
        C.APPLY_RETURN: lambda: p.apply_return(c, n, wish, key),
        C.WITHDRAW_RETURN: lambda: p.withdraw_return(c, n, key),
        C.SEND_BACK: lambda: p.send_back(c, n, base.SendBack("顺丰", "SF1234567890"), key),
        C.BOOK_PICKUP: lambda: p.book_pickup(c, n, base.Pickup("2026-12-01"), key),
        C.ADD_PHOTOS: lambda: p.add_photos(c, n, ("/media/a.jpg",), key),
        C.REQUEST_INVOICE: lambda: p.request_invoice(c, n, base.InvoiceWish("electronic", "个人"), key),
        C.RESEND_INVOICE: lambda: p.resend_invoice(c, n, key),
        C.OPEN_TICKET: lambda: p.open_ticket(c, base.TicketWish("other", "想问问", order=n), key),
    }  # fmt: skip


ABOUT_AN_ORDER = (
    C.ORDER, C.SHIPMENTS, C.ELIGIBILITY, C.INVOICE, C.CANCEL, C.URGE, C.MODIFY, C.PROTECT_PRICE, C.OPEN_CASE,
    C.APPLY_RETURN, C.REQUEST_INVOICE, C.RESEND_INVOICE,
)  # fmt: skip
ABOUT_A_PART = (
    C.SHIPMENT, C.REFUND_PAYMENT, C.CHANGE_DELIVERY, C.WITHDRAW_RETURN, C.SEND_BACK, C.BOOK_PICKUP,
    C.ADD_PHOTOS,
)  # fmt: skip


async def orders_come_newest_first_in_pages_that_neither_overlap_nor_end_in_an_error(stage: Stage) -> None:
    everything = await stage.platform.orders(stage.customer, size=100)
    pages = [await stage.platform.orders(stage.customer, size=2, page=n) for n in (1, 2)]
    beyond = await stage.platform.orders(stage.customer, size=100, page=50)

    numbers = [order.number for order in everything]
    assert len(numbers) == len(set(numbers)) >= 3
    assert [order.number for page in pages for order in page] == numbers[:4]
    assert beyond == ()
    created = [order.created for order in everything]
    assert created == sorted(created, reverse=True)


async def an_order_is_found_by_words_of_its_goods(stage: Stage) -> None:
    found = await stage.platform.orders(stage.customer, stage.words)
    none = await stage.platform.orders(stage.customer, "没有人买过的东西")

    assert found
    assert all(stage.words in order.title or order.title.endswith("件") for order in found)
    assert none == ()


async def an_order_adds_up_in_fen_and_its_times_carry_their_offset(stage: Stage) -> None:
    for number in (*stage.waiting, stage.delivered):
        order = await stage.platform.order(stage.customer, number)

        assert order.number == number
        assert order.goods_fen == sum(item.price_fen * item.quantity for item in order.items)
        assert order.amount_fen == order.goods_fen + order.freight_fen - order.discount_fen > 0
        assert order.paid_fen >= order.amount_fen
        for time in _times(order):
            assert time.utcoffset() is not None


async def a_delivered_order_has_its_parcel_and_its_way_newest_first(stage: Stage) -> None:
    order = await stage.platform.order(stage.customer, stage.delivered)
    shipments = await stage.platform.shipments(stage.customer, stage.delivered)

    assert order.status in {"signed", "completed"}
    assert order.signed_at is not None
    assert shipments
    for shipment in shipments:
        assert shipment.state == "signed"
        assert shipment.tracking_number
        times = [event.time for event in shipment.events]
        assert times == sorted(times, reverse=True)
        assert await stage.platform.shipment(stage.customer, shipment.tracking_number)


async def what_names_a_person_is_masked(stage: Stage) -> None:
    order = await stage.platform.order(stage.customer, stage.waiting[0])
    told = msgspec.json.encode(order).decode()
    if stage.platform.offers(C.MEMBER):
        told += msgspec.json.encode(await stage.platform.member(stage.customer)).decode()

    assert "*" in order.recipient.phone
    assert not re.search(r"1[3-9][0-9]{9}(?![0-9])", told.replace(order.number, ""))


async def anothers_order_looks_exactly_like_one_that_does_not_exist(stage: Stage) -> None:
    platform = stage.platform
    for capability in (*ABOUT_AN_ORDER, *ABOUT_A_PART):
        if not platform.offers(capability):
            continue
        told = [
            await _refusal(asks(platform, customer, number, f"foreign-{capability}-{n}")[capability])
            for n, (customer, number) in enumerate(
                (
                    (stage.stranger, stage.delivered),
                    (stage.stranger, stage.waiting[0]),
                    (stage.stranger, NOBODYS),
                    (stage.customer, NOBODYS),
                )
            )
        ]

        assert set(told) == {told[0]}, capability
        assert told[0][0] is NotFound, capability
    assert (await platform.order(stage.customer, stage.waiting[0])).status == "paid"


async def lists_about_anothers_order_hold_nothing(stage: Stage) -> None:
    for capability in (C.PAYMENTS, C.CASES, C.RETURNS, C.REFUNDS, C.TICKETS):
        if stage.platform.offers(capability):
            for number in (stage.delivered, NOBODYS):
                try:
                    assert await asks(stage.platform, stage.stranger, number)[capability]() == ()
                except NotFound:
                    continue


async def what_can_be_no_number_is_not_found_and_never_another_path(stage: Stage) -> None:
    for number in (
        "",
        "..",
        "../..",
        "a/b",
        "?x=1",
        "#",
        "%2e%2e",
        "' or 1=1",
        "一二三",
        "9" * 200,
        "\n",
        "\x00",
    ):
        with pytest.raises(NotFound):
            await stage.platform.order(stage.customer, number)
    for customer in ("", "..", "C1/../C2", "*"):
        with pytest.raises(NotFound):
            await stage.platform.orders(customer)


async def what_is_not_declared_is_refused_as_such_and_what_is_declared_is_there(stage: Stage) -> None:
    platform = stage.platform
    calls = asks(platform, stage.customer, NOBODYS, "honest")

    assert set(calls) | VARIANTS == EVERYTHING
    for capability, call in calls.items():
        refusal = await _refusal(call)
        assert (refusal[0] is Unsupported) != platform.offers(capability), capability
    for field, capability in OF_MODIFY.items():
        change = base.OrderChange(**{field: 2 if field == "quantity" else "x"})  # type: ignore[arg-type]
        refusal = await _refusal(lambda change=change: platform.modify(stage.customer, NOBODYS, change, "v"))  # type: ignore[misc]
        assert (refusal[0] is Unsupported) != platform.offers(C.MODIFY, capability), capability
    for option, capability in OF_DELIVERY.items():
        wish = base.DeliveryChange(option, "2026-12-01", "x")
        refusal = await _refusal(
            lambda wish=wish: platform.change_delivery(stage.customer, NOBODYS, wish, "v")  # type: ignore[misc]
        )
        assert (refusal[0] is Unsupported) != platform.offers(C.CHANGE_DELIVERY, capability), capability


async def the_same_key_cancels_once_and_gives_the_money_back_once(stage: Stage) -> None:
    number = stage.waiting[0]
    paid = (await stage.platform.order(stage.customer, number)).paid_fen

    told = await asyncio.gather(*(stage.platform.cancel(stage.customer, number, "once") for _ in range(4)))
    again = await stage.platform.cancel(stage.customer, number, "once")

    refunds = [
        each for each in await stage.platform.refunds(stage.customer, number) if each.state != "failed"
    ]
    assert sum(refund.amount_fen for refund in refunds) == paid
    assert len(refunds) == 1
    for done in (*told, again):
        assert done.order is not None
        assert done.order.status == "cancelled"
        assert done.refund is not None
        assert done.refund.id == refunds[0].id


async def a_key_that_meant_something_else_does_nothing(stage: Stage) -> None:
    number = stage.waiting[1]
    await stage.platform.urge(stage.customer, number, "for-urging")

    with pytest.raises(base.KeyReused) as error:
        await stage.platform.cancel(stage.customer, number, "for-urging")

    assert error.value.code == "key_reused"
    assert (await stage.platform.order(stage.customer, number)).status == "paid"


async def what_was_delivered_is_not_cancelled_and_the_reason_is_told_in_chinese(stage: Stage) -> None:
    with pytest.raises(Refused) as error:
        await stage.platform.cancel(stage.customer, stage.delivered, "too-late")

    assert re.search(r"[\u4e00-\u9fff]", error.value.message)
    assert (await stage.platform.order(stage.customer, stage.delivered)).status in {"signed", "completed"}
    assert not (await stage.platform.eligibility(stage.customer, stage.delivered)).cancel.allowed


WAYS_TO_FAIL = {
    "500": base.PlatformDown,
    "closed": base.PlatformDown,
    "429": base.PlatformBusy,
    "slow": base.PlatformSlow,
    "drips": base.PlatformSlow,
    "html": base.PlatformGarbage,
    "shape": base.PlatformGarbage,
    "not utf-8": base.PlatformGarbage,
    "huge": base.PlatformGarbage,
    "elsewhere": base.PlatformGarbage,
    "403": base.PlatformDenied,
}


async def a_shop_that_misbehaves_is_told_by_the_contracts_errors(stage: Stage) -> None:
    for way, error in WAYS_TO_FAIL.items():
        async with misbehaving(way) as (url, heard), stage.facing(url) as platform:
            for capability in (C.ORDERS, C.CANCEL):
                heard.clear()
                refusal = await _refusal(asks(platform, stage.customer, stage.waiting[0])[capability])
                assert refusal[0] is error, (way, capability, refusal)
                # aiohttp itself repeats a read once when a kept connection turns out to be closed.
                assert len(heard) <= (6 if heard[0].startswith("GET") else 3), (way, capability)
                if way == "429":
                    assert len(heard) == 1


async def our_logs_name_nobody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await stage.platform.order(stage.customer, stage.waiting[0])
        for way in ("500", "shape", "403"):
            async with misbehaving(way) as (url, _), stage.facing(url) as platform:
                await _refusal(asks(platform, stage.customer, stage.waiting[0])[C.ORDER])

    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("actions"))
    assert ours
    for told in (stage.waiting[0], f"/{stage.customer}", '"customer"'):
        assert told not in ours


CLAIMS: tuple[Callable[[Stage], Awaitable[None]], ...] = (
    orders_come_newest_first_in_pages_that_neither_overlap_nor_end_in_an_error,
    an_order_is_found_by_words_of_its_goods,
    an_order_adds_up_in_fen_and_its_times_carry_their_offset,
    a_delivered_order_has_its_parcel_and_its_way_newest_first,
    what_names_a_person_is_masked,
    anothers_order_looks_exactly_like_one_that_does_not_exist,
    lists_about_anothers_order_hold_nothing,
    what_can_be_no_number_is_not_found_and_never_another_path,
    what_is_not_declared_is_refused_as_such_and_what_is_declared_is_there,
    the_same_key_cancels_once_and_gives_the_money_back_once,
    a_key_that_meant_something_else_does_nothing,
    what_was_delivered_is_not_cancelled_and_the_reason_is_told_in_chinese,
    a_shop_that_misbehaves_is_told_by_the_contracts_errors,
)


async def _refusal(call: Callable[[], Awaitable[Any]]) -> tuple[type | None, str]:
    try:
        await call()
    except base.PlatformError as error:
        return type(error), "" if isinstance(error, Unsupported) else str(error)
    return None, ""


def _times(value: Any) -> list[datetime]:
    if isinstance(value, datetime):
        return [value]
    if isinstance(value, tuple):
        return [time for each in value for time in _times(each)]
    if isinstance(value, msgspec.Struct):
        return [time for field in value.__struct_fields__ for time in _times(getattr(value, field))]
    return []


@asynccontextmanager
async def misbehaving(way: str) -> AsyncIterator[tuple[str, list[str]]]:
    """The address of a server that answers everything that way, and what it heard."""
    heard: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        heard.append(f"{request.method} {request.path}")
        match way:
            case "slow":
                await asyncio.sleep(3)
            case "drips":
                drip = web.StreamResponse()
                await drip.prepare(request)
                for _ in range(20):
                    await drip.write(b" ")
                    await asyncio.sleep(0.1)
                return drip
            case "closed":
                assert request.transport is not None
                request.transport.abort()
            case "429":
                return web.json_response({}, status=429, headers={"Retry-After": "30"})
            case "html":
                return web.Response(text="<h1>bad gateway</h1>", content_type="text/html")
            case "shape":
                return web.json_response(
                    {"items": [{"number": 7}], "data": {"customer": {"orders": 7}, "login": 7}}
                )
            case "not utf-8":
                return web.Response(body=b"\xff\xfe{", content_type="application/json")
            case "huge":
                return web.Response(body=b" " * (MAX_ANSWER + 1))
            case "elsewhere":
                raise web.HTTPFound("/other")
            case "403":
                return web.json_response({"error": {"code": "forbidden", "message": ""}}, status=403)
        return web.json_response({"error": {"code": "broken", "message": "坏了"}}, status=500)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", heard
    finally:
        await runner.cleanup()


assert set(asks(Platform(), "", "")) >= CHANGES - VARIANTS
