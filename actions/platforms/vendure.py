"""Vendure 3 by its Admin API (GraphQL). It knows no ownership and no keys: both are ours to keep.

An order is only ever looked for among the orders of its customer. What we change is first written down in
the order's own private notes under its key, so that it is done once, also by the process after a crash.
"""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from weakref import WeakValueDictionary

from msgspec.structs import replace

from actions.platforms import base, values, vendure_queries as queries
from actions.platforms.base import (
    KeyReused,
    NotFound,
    Platform,
    Refused,
)
from actions.platforms.capabilities import Capability
from actions.platforms.client import Client
from actions.platforms.vendure_people import Good, Person, read_member, read_product
from actions.platforms.vendure_reading import read_order, read_payments, read_refunds, read_shipments
from actions.platforms.vendure_session import VendureSession, VendureShop, within
from actions.platforms.vendure_told import CHINA, STATUS, Happened, Outcome, Sale

C = Capability
CUSTOMER = re.compile(r"[A-Za-z0-9-]{1,64}")
CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_ORDERS = 100
PLACED = sorted(STATUS)
TOO_LATE = "订单已经发货，不能取消；如不需要，可以拒收或联系人工客服退货。"


class VendurePlatform(Platform):
    """Vendure has no returns, cases, coupons of a customer, invoices or tickets: none is declared."""

    name = "vendure"
    capabilities = frozenset(
        {
            C.PRODUCTS, C.PRODUCT, C.MEMBER, C.ORDERS, C.ORDER, C.PAYMENTS, C.SHIPMENTS, C.SHIPMENT,
            C.ELIGIBILITY, C.REFUNDS, C.CANCEL, C.URGE, C.MODIFY, C.MODIFY_REMARK,
        }
    )  # fmt: skip

    def __init__(self, shop: VendureShop, client: Client) -> None:
        self._session = VendureSession(shop, client)
        self._shop = shop
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def products(self, words: str, size: int = 5) -> tuple[values.Product, ...]:
        told = await self._session.ask("products", queries.PRODUCTS, {"words": words[:100], "take": size})
        return tuple(read_product(each) for each in within(told, tuple[Good, ...], "products", "items"))

    async def product(self, product_id: str) -> values.Product:
        told = await self._session.ask("product", queries.PRODUCT, {"id": _checked(CUSTOMER, product_id)})
        good = within(told, Good | None, "product")
        if good is None:
            raise NotFound("product")
        return read_product(good)

    async def member(self, customer: str) -> values.Member:
        told = await self._session.ask("member", queries.MEMBER, {"id": _checked(CUSTOMER, customer)})
        person = within(told, Person | None, "customer")
        if person is None:
            raise NotFound("customer")
        return read_member(person)

    async def orders(
        self, customer: str, words: str = "", size: int = 20, page: int = 1
    ) -> tuple[values.OrderSummary, ...]:
        words = words.strip().lower()
        if words:  # Vendure can't look into the names of an order's goods
            found = [
                order
                for order in (read_order(sale, _now()) for sale in await self._sales(customer, MOST_ORDERS))
                if words in order.number.lower() or any(words in item.name.lower() for item in order.items)
            ]
            return tuple(found[(page - 1) * size : page * size])
        sales = await self._sales(customer, size, (page - 1) * size)
        return tuple(read_order(sale, _now()) for sale in sales)

    async def order(self, customer: str, number: str) -> values.Order:
        return self._read(await self._sale(customer, number))

    def _read(self, sale: Sale) -> values.Order:
        order, code = read_order(sale, _now()), quote(sale.code, safe="")
        url, again_url = (
            page.replace("{code}", code) for page in (self._shop.order_page, self._shop.again_page)
        )
        return replace(order, url=url, again_url=again_url)

    async def payments(
        self, customer: str, number: str = "", problem: str = ""
    ) -> tuple[values.Payment, ...]:
        found = [each for sale in await self._some(customer, number) for each in read_payments(sale)]
        return tuple(each for each in found if not problem or each.state == problem)

    async def shipments(self, customer: str, number: str) -> tuple[values.Shipment, ...]:
        return read_shipments(await self._sale(customer, number), _now())

    async def shipment(self, customer: str, tracking_number: str) -> values.Shipment:
        for sale in await self._sales(customer, MOST_ORDERS):
            for parcel in read_shipments(sale, _now()):
                if parcel.tracking_number == tracking_number and tracking_number:
                    return parcel
        raise NotFound("shipment")

    async def eligibility(self, customer: str, number: str) -> values.Eligibility:
        sale = await self._sale(customer, number)
        not_here = values.Verdict(
            allowed=False, code="not_offered", reason="这里不能自助办理，请联系人工客服。", until=None
        )
        early = sale.status in {"pending_payment", "paid"}
        cancel = values.Verdict(
            allowed=early, code="ok" if early else "already_shipped",
            reason="订单还没有发货，可以取消。" if early else TOO_LATE, until=None,
        )  # fmt: skip
        waiting = sale.status == "paid"
        urge = values.Verdict(
            allowed=waiting, code="ok" if waiting else "not_waiting_for_dispatch",
            reason="订单等待发货，可以催发货。" if waiting else "订单不在待发货状态。", until=None,
        )  # fmt: skip
        items = tuple(
            values.ItemEligibility(
                item=line.id, name=line.product_variant.name, send_back=not_here, exchange=not_here,
                refund_only=not_here, freight="buyer", price_protection=not_here,
            )
            for line in sale.lines
        )  # fmt: skip
        modify = cancel if early else not_here
        return values.Eligibility(sale.code, cancel, modify, urge, not_here, items)

    async def refunds(self, customer: str, number: str = "") -> tuple[values.Refund, ...]:
        sales = await self._some(customer, number)
        return tuple(each for sale in sales for each in read_refunds(sale))

    async def cancel(self, customer: str, number: str, key: str, reason: str = "") -> values.Done:
        async with self._alone(number):
            sale = await self._sale(customer, number)
            if not _noted(sale, "cancel", key, reason):
                # Vendure would cancel even what was delivered.
                if sale.status not in {"pending_payment", "paid"}:
                    code = "already_cancelled" if sale.status == "cancelled" else "already_shipped"
                    raise Refused(code, "订单已经取消。" if sale.status == "cancelled" else TOO_LATE)
                await self._note(sale, "cancel", key, (reason, f"顾客通过客服取消订单。{reason}"))
            if sale.status != "cancelled":
                asked = {"orderId": sale.id, "reason": reason or "顾客取消", "cancelShipping": True}
                await self._change("cancel", queries.CANCEL, {"input": asked}, "cancelOrder", "Order")
            refund = await self._give_back(sale)
        sale = await self._sale(customer, number)
        told = f"订单已取消，{refund / 100:.2f} 元将原路退回。" if refund else "订单已取消。"
        given = read_refunds(sale)
        return values.Done(told, order=self._read(sale), refund=given[0] if given else None)

    async def urge(self, customer: str, number: str, key: str) -> values.Done:
        async with self._alone(number):
            sale = await self._sale(customer, number)
            if not _noted(sale, "urge", key, ""):
                if sale.status != "paid":
                    raise Refused("not_waiting_for_dispatch", "订单不在待发货状态，不需要催发货。")
                await self._note(sale, "urge", key, ("", "顾客催发货。"))
        return values.Done("已通知商家尽快发货。", order=self._read(sale))

    async def modify(self, customer: str, number: str, change: base.OrderChange, key: str) -> values.Done:
        self.insist_on_change(change)
        async with self._alone(number):
            sale = await self._sale(customer, number)
            if not _noted(sale, "remark", key, change.remark):
                if sale.status not in {"pending_payment", "paid"}:
                    raise Refused("already_shipped", "订单已经发货，不能修改备注。")
                await self._note(sale, "remark", key, (change.remark, f"顾客备注：{change.remark}"))
        return values.Done("备注已转给商家。", order=self._read(sale))

    async def close(self) -> None:
        await self._session.close()

    def _alone(self, number: str) -> asyncio.Lock:
        lock = self._busy.get(number)
        if lock is None:
            lock = self._busy[number] = asyncio.Lock()
        return lock

    async def _some(self, customer: str, number: str) -> Sequence[Sale]:
        if number:
            return [await self._sale(customer, number)]
        return await self._sales(customer, MOST_ORDERS)

    async def _sale(self, customer: str, number: str) -> Sale:
        asked = {"code": {"eq": _checked(CODE, number)}}
        found = await self._sales(customer, 1, 0, asked)
        if not found:
            raise NotFound("order")
        return found[0]

    async def _sales(
        self, customer: str, take: int, skip: int = 0, which: dict[str, Any] | None = None
    ) -> tuple[Sale, ...]:
        options = {
            "take": take,
            "skip": skip,
            # Some databases keep whole seconds: then the id tells which was first.
            "sort": {"createdAt": "DESC", "id": "DESC"},
            "filter": {"state": {"in": PLACED}} | (which or {}),
        }
        told = await self._session.ask(
            "orders", queries.ORDERS, {"id": _checked(CUSTOMER, customer), "options": options}
        )
        if within(told, dict[str, Any] | None, "customer") is None:
            raise NotFound("customer")
        sales: tuple[Sale, ...] = within(told, tuple[Sale, ...], "customer", "orders", "items")
        return sales

    async def _give_back(self, sale: Sale) -> int:
        """Has what is left of each payment go back; how much that was."""
        given = 0
        for paid in sale.payments or ():
            if paid.state == "Settled" and paid.left > 0:
                asked = {
                    "paymentId": paid.id, "amount": paid.left, "lines": [], "shipping": 0, "adjustment": 0,
                    "reason": "取消订单退款",
                }  # fmt: skip
                await self._change("refund", queries.REFUND, {"input": asked}, "refundOrder", "Refund")
                given += paid.left
        return given

    async def _note(self, sale: Sale, verb: str, key: str, told: tuple[str, str]) -> None:
        content, words = told
        note = f"{words}\n[xiaoer {verb} {key} {_digest(content)}]"
        asked = {"id": sale.id, "note": note, "isPublic": False}
        await self._change("note", queries.NOTE, {"input": asked}, "addNoteToOrder", "Order")

    async def _change(self, what: str, query: str, variables: dict[str, Any], field: str, kind: str) -> None:
        told = within(await self._session.ask(what, query, variables, again=False), Outcome, field)
        if told.kind != kind:
            raise Refused(told.errorCode.lower(), "商城没有受理这次操作，请联系人工客服。")


def _noted(sale: Sale, verb: str, key: str, content: str) -> bool:
    """Whether this was written down under its key before. Raises KeyReused when something else was."""
    for each in sale.history.items:
        told = _mark(each)
        if told and told[1] == key:
            if told != (verb, key, _digest(content)):
                raise KeyReused
            return True
    return False


def _mark(happened: Happened) -> tuple[str, ...]:
    note = str(happened.data.get("note", "")) if happened.type == "ORDER_NOTE" else ""
    found = re.search(r"\[xiaoer (\w+) (\S+) (\w+)\]$", note)
    return found.groups() if found else ()


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _checked(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise NotFound("id")
    return text


def _now() -> datetime:
    return datetime.now(CHINA)
