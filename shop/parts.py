"""Changing one part of an order: the order is a value, so each function gives a new one."""

from typing import Any

from msgspec.structs import replace

from shop.moments import Moment
from shop.values import (
    Case,
    Due,
    Order,
    Parcel,
    Payment,
    Refund,
    RefundState,
    Return,
    ReturnState,
    Step,
)
from shop.words import REFUND, RETURN

REFUND_HOURS = {"reviewing": 24.0, "processing": 48.0}
ROUTES = {
    "微信支付": "原路退回至微信零钱或付款银行卡",
    "支付宝": "原路退回至支付宝余额或付款银行卡",
    "银联云闪付": "原路退回至云闪付付款卡",
    "银行卡": "原路退回至付款银行卡",
    "数字人民币": "原路退回至数字人民币钱包",
    "货到付款": "退回至您登记的银行卡",
}


def schedule(order: Order, *dues: Due) -> Order:
    """The order with more things to come."""
    return replace(order, due=(*order.due, *dues))


def unschedule(order: Order, does: str, ref: str = "") -> Order:
    """The order without what was to come of that kind (and of that part, when named)."""
    return replace(order, due=tuple(due for due in order.due if due.does != does or (ref and due.ref != ref)))


def with_parcel(order: Order, number: str, **changes: Any) -> Order:
    """The order with its parcel changed."""
    return replace(
        order,
        parcels=tuple(replace(p, **changes) if p.tracking_number == number else p for p in order.parcels),
    )


def with_payment(order: Order, payment_id: str, **changes: Any) -> Order:
    """The order with its payment changed."""
    return replace(
        order, payments=tuple(replace(p, **changes) if p.id == payment_id else p for p in order.payments)
    )


def with_return(order: Order, return_id: str, **changes: Any) -> Order:
    """The order with its return changed."""
    return replace(
        order, returns=tuple(replace(r, **changes) if r.id == return_id else r for r in order.returns)
    )


def with_refund(order: Order, refund_id: str, **changes: Any) -> Order:
    """The order with its refund changed."""
    return replace(
        order, refunds=tuple(replace(r, **changes) if r.id == refund_id else r for r in order.refunds)
    )


def with_case(order: Order, case_id: str, **changes: Any) -> Order:
    """The order with its case changed."""
    return replace(order, cases=tuple(replace(c, **changes) if c.id == case_id else c for c in order.cases))


def the_parcel(order: Order, number: str) -> Parcel | None:
    """The parcel with that tracking number."""
    return next((p for p in order.parcels if p.tracking_number == number), None)


def the_return(order: Order, return_id: str) -> Return | None:
    """The return with that id."""
    return next((r for r in order.returns if r.id == return_id), None)


def the_refund(order: Order, refund_id: str) -> Refund | None:
    """The refund with that id."""
    return next((r for r in order.refunds if r.id == refund_id), None)


def the_case(order: Order, case_id: str) -> Case | None:
    """The case with that id."""
    return next((c for c in order.cases if c.id == case_id), None)


def settled(order: Order) -> Payment | None:
    """The payment that paid for the order."""
    return next(
        (p for p in order.payments if p.state != "failed" and not p.duplicate and p.state != "pending"), None
    )


def is_paid_back(order: Order) -> bool:
    """Whether all that was paid for the order has arrived back at the customer, in one refund or several."""
    payment = settled(order)
    if payment is None:
        return False
    arrived = [r for r in order.refunds if r.state == "arrived" and r.payment in {None, payment.id}]
    return sum(refund.amount_fen for refund in arrived) >= payment.amount_fen


def move_return(order: Order, return_id: str, state: ReturnState, moment: Moment, text: str = "") -> Order:
    """The order with its return one step further."""
    found = the_return(order, return_id)
    if found is None:
        return order
    step = Step(state, text or RETURN[state], moment.now)
    return with_return(order, return_id, state=state, steps=(*found.steps, step))


def move_refund(order: Order, refund_id: str, state: RefundState, moment: Moment, text: str = "") -> Order:
    """The order with its refund one step further, and the next step on the way."""
    found = the_refund(order, refund_id)
    if found is None:
        return order
    step = Step(state, text or REFUND[state], moment.now)
    order = with_refund(order, refund_id, state=state, steps=(*found.steps, step))
    if state == "processing":
        due = moment.after(REFUND_HOURS["processing"])
        order = with_refund(order, refund_id, expected=due)
        return schedule(order, Due(due, "refund", refund_id, "arrived"))
    if state == "arrived":
        order = with_refund(order, refund_id, arrived_at=moment.now, expected=None)
        if found.payment is not None:
            order = with_payment(order, found.payment, state="refunded")
        if found.return_id is not None:
            order = move_return(order, found.return_id, "done", moment, "退款已到账，退货完成")
    return order


def open_refund(
    order: Order, moment: Moment, amount_fen: int, reason: str, **links: Any
) -> tuple[Order, Refund]:
    """The order with a new refund under review, and that refund; `links` are payment or return_id."""
    payment = settled(order)
    method = payment.method if payment is not None else "银行卡"
    due = moment.after(REFUND_HOURS["reviewing"])
    refund = Refund(
        id=f"RF{order.number}{len(order.refunds) + 1:02d}",
        reason=reason,
        amount_fen=amount_fen,
        state="reviewing",
        route=ROUTES[method],
        created=moment.now,
        steps=(Step("reviewing", REFUND["reviewing"], moment.now),),
        expected=moment.after(REFUND_HOURS["reviewing"] + REFUND_HOURS["processing"]),
        **links,
    )
    order = replace(order, refunds=(*order.refunds, refund))
    return schedule(order, Due(due, "refund", refund.id, "processing")), refund
