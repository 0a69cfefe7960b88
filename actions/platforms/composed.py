"""A shop with other people's parts: tracking from the couriers' side, charges and refunds from the provider's.

What the shop says decides who owns what; the parts only make its answers better. A part that fails leaves the
shop's own answer as it is.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from actions.platforms import values
from actions.platforms.base import NotFound, Platform, PlatformError, Refused, Unsupported
from actions.platforms.capabilities import Capability
from actions.platforms.kuaidi100 import Kuaidi100, Tracked
from actions.platforms.paying import GivenBack, Provider, Repayment

C = Capability
T = TypeVar("T")
log = logging.getLogger(__name__)
REFUND_WORDS = {"processing": "退款处理中", "arrived": "已退款到账", "failed": "退款失败"}
PASSED_ON = frozenset(C) - {C.SHIPMENTS, C.SHIPMENT, C.PAYMENTS, C.REFUNDS, C.REFUND_PAYMENT}


class ComposedPlatform(Platform):
    """`providers` by what the shop calls a payment's method, such as 微信支付."""

    def __init__(self, shop: Platform, tracking: Kuaidi100 | None, providers: Mapping[str, Provider]) -> None:
        self._shop = shop
        self._tracking = tracking
        self._providers = providers
        self.name = shop.name
        pays_back = {C.REFUND_PAYMENT} if providers and shop.offers(C.PAYMENTS) else set()
        self.capabilities = shop.capabilities | pays_back
        for capability in PASSED_ON:
            if hasattr(shop, capability.value):  # the shop's own method, with its own types
                setattr(self, capability.value, getattr(shop, capability.value))

    async def shipments(self, customer: str, number: str) -> tuple[values.Shipment, ...]:
        return tuple([await self._tracked(each) for each in await self._shop.shipments(customer, number)])

    async def shipment(self, customer: str, tracking_number: str) -> values.Shipment:
        return await self._tracked(await self._shop.shipment(customer, tracking_number))

    async def payments(
        self, customer: str, number: str = "", problem: str = ""
    ) -> tuple[values.Payment, ...]:
        """The shop's payments as the provider sees them: what it charged counts, not what the shop believes."""
        found = [await self._charged(each) for each in await self._shop.payments(customer, number, problem)]
        return tuple(found)

    async def refunds(self, customer: str, number: str = "") -> tuple[values.Refund, ...]:
        found = await self._shop.refunds(customer, number)
        if not self._providers or not any(each.state == "processing" for each in found):
            return found
        paid = {each.order: each for each in await self._shop.payments(customer, number)}
        return tuple([await self._followed(each, paid.get(each.order)) for each in found])

    async def refund_payment(self, customer: str, payment: str, key: str) -> values.Done:
        """By the shop where it can; else by the provider, and only what was charged twice or for nothing."""
        if self._shop.offers(C.REFUND_PAYMENT):
            return await self._shop.refund_payment(customer, payment, key)
        if not self.offers(C.REFUND_PAYMENT):
            raise Unsupported(C.REFUND_PAYMENT)
        found = next((each for each in await self._shop.payments(customer) if each.id == payment), None)
        if found is None:
            raise NotFound("payment")
        provider = self._providers.get(found.method)
        if provider is None or not (found.duplicate or found.without_order):
            raise Refused("not_duplicate", "这笔支付不是重复扣款，也不是没有订单的扣款，请联系人工客服。")
        # Not from the key: two confirmations of the same charge must not pay it back twice.
        refund_number = "xr" + hashlib.sha256(found.id.encode()).hexdigest()[:30]
        charge = await provider.charge(found.id)
        told = await provider.refund(
            Repayment(found.id, refund_number, charge.amount_fen, charge.amount_fen, "重复扣款退款")
        )
        if told.state == "failed":
            raise Refused("refund_failed", "支付渠道没有退款成功，请联系人工客服。")
        return values.Done("已提交退款，款项将原路退回。", refund=_refund(found, told))

    async def parts(self, customer: str, number: str) -> Mapping[str, Callable[[], Awaitable[object]]]:
        """What asks each part about this order, by the part's name: to find out whether it answers at all."""
        asks: dict[str, Callable[[], Awaitable[object]]] = {}
        if self._tracking is not None:
            for parcel in await self._shop.shipments(customer, number):
                asks[self._tracking.name] = partial(
                    self._tracking.track, parcel.courier, parcel.tracking_number, parcel.phone
                )
        for payment in await self._shop.payments(customer, number) if self._providers else ():
            if payment.method in self._providers:
                asks[payment.method] = partial(self._providers[payment.method].charge, payment.id)
        return asks

    async def close(self) -> None:
        await self._shop.close()
        for part in (self._tracking, *self._providers.values()):
            if part is not None:
                await part.close()

    async def _tracked(self, shipment: values.Shipment) -> values.Shipment:
        if self._tracking is None or not shipment.tracking_number or shipment.state == "signed":
            return shipment
        asked = self._tracking.track(shipment.courier, shipment.tracking_number, shipment.phone)
        told = await _or_none("tracking", asked)
        return _with_way(shipment, told) if told is not None else shipment

    async def _charged(self, payment: values.Payment) -> values.Payment:
        provider = self._providers.get(payment.method)
        if provider is None or payment.state == "refunded":
            return payment
        told = await _or_none("charge", provider.charge(payment.id))
        if told is None:
            return payment
        if told.state == "succeeded" and payment.state in {"failed", "pending"}:
            # Charged, and the shop has not noticed: an orphan until it does.
            return replace(
                payment, state="succeeded", without_order=payment.state == "failed", trade=told.trade,
                failure_text="", advice="支付渠道已扣款，订单还没有更新；可以转人工核实处理。",
            )  # fmt: skip
        return replace(payment, state=told.state, trade=told.trade)

    async def _followed(self, refund: values.Refund, paid: values.Payment | None) -> values.Refund:
        provider = self._providers.get(paid.method) if paid is not None else None
        if provider is None or paid is None or refund.state != "processing":
            return refund
        told = await _or_none("refund", provider.refunded(paid.id, refund.id))
        if told is None or told.state == "processing":
            return refund
        return replace(
            refund, state=told.state, state_text=REFUND_WORDS[told.state], route=told.route or refund.route,
            arrived_at=told.arrived_at, expected=None,
        )  # fmt: skip


def _with_way(shipment: values.Shipment, told: Tracked) -> values.Shipment:
    signed = next((event.time for event in told.events), None) if told.state == "signed" else None
    return replace(
        shipment,
        state=told.state,
        state_text=told.state_text,
        events=told.events or shipment.events,
        signed_at=signed,
        expected=None if told.state in {"signed", "returned"} else shipment.expected,
    )


def _refund(payment: values.Payment, told: GivenBack) -> values.Refund:
    at = told.arrived_at or payment.created
    text = REFUND_WORDS[told.state]
    return values.Refund(
        id=told.number,
        order=payment.order,
        reason="重复扣款退款",
        amount_fen=told.amount_fen,
        state=told.state,
        state_text=text,
        route=told.route or "原路退回",
        failure="",
        created=at,
        expected=None,
        arrived_at=told.arrived_at,
        steps=(values.Step(told.state, text, at, done=True),),
        method=payment.method,
    )


async def _or_none(what: str, asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except PlatformError as error:
        log.info("%s left out: %s", what, type(error).__name__)
        return None
