"""What an order of Vendure means in the contract's words. Pure.

Vendure's amounts are in the currency's smallest unit, fen for CNY; another currency is refused.
"""

from datetime import datetime
from typing import Literal

from actions.platforms import values
from actions.platforms.base import PlatformGarbage
from actions.platforms.vendure_told import Address, Fulfilled, Refunded, Sale, here

WORDS: dict[values.OrderStatus, tuple[str, values.Tone]] = {
    "pending_payment": ("待支付", "warn"),
    "paid": ("已支付，待发货", "info"),
    "shipped": ("运输中", "info"),
    "signed": ("已签收", "good"),
    "completed": ("已完成", "good"),
    "cancelled": ("已取消", "warn"),
}
ParcelState = Literal["collected", "in_transit", "signed", "returned"]
PARCEL: dict[str, tuple[ParcelState, str]] = {
    "Pending": ("collected", "已打包"),
    "Shipped": ("in_transit", "运输中"),
    "Delivered": ("signed", "已签收"),
    "Cancelled": ("returned", "发货已撤销"),
}
RefundState = Literal["reviewing", "processing", "arrived", "failed"]
REFUND: dict[str, tuple[RefundState, str]] = {
    "Pending": ("processing", "退款处理中"),
    "Settled": ("arrived", "已退款"),
    "Failed": ("failed", "退款失败"),
}
PAYMENT: dict[str, Literal["pending", "succeeded", "failed"]] = {
    "Created": "pending",
    "Authorized": "pending",
    "Settled": "succeeded",
    "Declined": "failed",
    "Error": "failed",
    "Cancelled": "failed",
}


def read_order(sale: Sale, now: datetime) -> values.Order:
    """The order with its items, amounts and masked recipient. Raises PlatformGarbage unless it is in CNY."""
    if sale.currency_code != "CNY":
        raise PlatformGarbage(f"an order in {sale.currency_code}")
    text, tone = WORDS[sale.status]
    items = tuple(
        values.Item(
            id=line.id,
            product_id=line.product_variant.product.id,
            name=line.product_variant.product.name,
            spec=line.product_variant.name.removeprefix(line.product_variant.product.name).strip(),
            quantity=line.quantity,
            price_fen=line.unit_price_with_tax,
            amount_fen=line.discounted_line_price_with_tax,
            image=line.featured_asset.preview if line.featured_asset else "",
            after_sale="none",
        )
        for line in sale.lines
    )
    refunds = [each for paid in sale.payments or () for each in paid.refunds]
    settled = [paid for paid in sale.payments or () if PAYMENT.get(paid.state) == "succeeded"]
    goods = sum(item.price_fen * item.quantity for item in items)
    more = f" 等{len(items)}件" if len(items) > 1 else ""
    return values.Order(
        number=sale.code,
        title=f"{items[0].name}{more}" if items else sale.code,
        image=items[0].image if items else "",
        status=sale.status,
        status_text=text,
        tone=tone,
        exceptions=(),
        exception_texts=(),
        after_sale=_after_sale(refunds),
        amount_fen=sale.total_with_tax,
        parcels=len(parcels(sale)),
        created=here(sale.order_placed_at or sale.created_at),
        items=items,
        goods_fen=goods,
        freight_fen=sale.shipping_with_tax,
        discount_fen=max(goods + sale.shipping_with_tax - sale.total_with_tax, 0),
        paid_fen=sum(paid.amount for paid in settled),
        refunded_fen=sum(each.total for each in refunds if each.state == "Settled"),
        recipient=_masked(sale.shipping_address or Address()),
        pay_before=None,
        paid_at=here(settled[0].created_at) if settled else None,
        dispatch_before=None,
        dispatched_at=sale.when("Shipped") or sale.when("PartiallyShipped"),
        signed_at=sale.when("Delivered"),
        cancelled_at=sale.when("Cancelled"),
        cancel_reason="",
        urged_at=None,
        next=None,
        can=("cancel", "urge")[: {"paid": 2, "pending_payment": 1}.get(sale.status, 0)],
        as_of=now,
    )


def parcels(sale: Sale) -> list[Fulfilled]:
    """Its fulfilments that a customer would call parcels."""
    return [each for each in sale.fulfillments or () if each.state in PARCEL]


def read_shipments(sale: Sale, now: datetime) -> tuple[values.Shipment, ...]:
    """Every parcel with what Vendure knows of its way: packed, shipped, delivered."""
    found = parcels(sale)
    names = {line.id: line.product_variant.name for line in sale.lines}
    shipments = []
    for number, parcel in enumerate(found, 1):
        state, text = PARCEL[parcel.state]
        events = tuple(
            values.TrackingEvent(
                here(each.created_at), PARCEL[each.data["to"]][1], "", PARCEL[each.data["to"]][0]
            )
            for each in reversed(sale.history.items)
            if each.type == "ORDER_FULFILLMENT_TRANSITION"
            and str(each.data.get("fulfillmentId")) == parcel.id
            and each.data.get("to") in PARCEL
        )
        shipments.append(
            values.Shipment(
                order=sale.code,
                courier=parcel.method,
                tracking_number=parcel.tracking_code or "",
                courier_phone="",
                state=state,
                state_text=text,
                exception=None,
                exception_text="",
                items=tuple(f"{names.get(p.order_line_id, '')} ×{p.quantity}" for p in parcel.lines),
                parcel=number,
                parcels=len(found),
                expected=None,
                signed_at=events[0].time if state == "signed" and events else None,
                signed_by="",
                delivery_note="",
                events=events,
                as_of=now,
                phone=((sale.shipping_address or Address()).phone_number or "")[-4:],
            )
        )
    return tuple(shipments)


def read_payments(sale: Sale) -> tuple[values.Payment, ...]:
    """Its payments, newest first; one that went back whole is refunded."""
    return tuple(
        values.Payment(
            id=paid.id,
            order=sale.code,
            method=paid.method,
            amount_fen=paid.amount,
            state="refunded" if paid.refunds and paid.left <= 0 else PAYMENT.get(paid.state, "pending"),
            failure_text="支付没有成功" if PAYMENT.get(paid.state) == "failed" else "",
            advice="没有扣款，可以重新支付。" if PAYMENT.get(paid.state) == "failed" else "",
            duplicate=False,
            without_order=False,
            refund=paid.refunds[-1].id if paid.refunds else None,
            created=here(paid.created_at),
            trade=paid.transaction_id or "",
        )
        for paid in reversed(sale.payments or ())
    )


def read_refunds(sale: Sale) -> tuple[values.Refund, ...]:
    """The refunds of all its payments, newest first."""
    found = []
    for paid in sale.payments or ():
        for each in paid.refunds:
            state, text = REFUND.get(each.state, ("processing", "退款处理中"))
            arrived = here(each.updated_at) if state == "arrived" else None
            created = here(each.created_at)
            found.append(
                values.Refund(
                    id=each.id,
                    order=sale.code,
                    reason=each.reason or "",
                    amount_fen=each.total,
                    state=state,
                    state_text=text,
                    route=f"原路退回（{paid.method}）",
                    failure="退款没有成功" if state == "failed" else "",
                    created=created,
                    expected=None,
                    arrived_at=arrived,
                    steps=(values.Step(state, text, arrived or created, done=True),),
                    method=paid.method,
                )
            )
    return tuple(sorted(found, key=lambda refund: refund.created, reverse=True))


def _after_sale(refunds: list[Refunded]) -> str:
    if any(each.state == "Pending" for each in refunds):
        return "refunding"
    return "refunded" if any(each.state == "Settled" for each in refunds) else "none"


def _masked(address: Address) -> values.Recipient:
    return values.Recipient(
        name=f"{(address.full_name or '')[:1]}**",
        phone=masked_phone(address.phone_number or ""),
        address=f"{address.province or ''}{address.city or ''}****",
    )


def masked_phone(phone: str) -> str:
    """138****5678; what is too short to keep a secret is hidden whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"
