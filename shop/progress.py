"""What happens to an order by itself as time goes by. Pure: a restart, or a read, catches up."""

from collections.abc import Callable

from msgspec.structs import replace

from shop import parts
from shop.journey import COURIERS, PROMISED_HOURS, last_leg, route, tracking_number
from shop.moments import Moment
from shop.returning import OPEN_RETURNS, happen_to_return
from shop.values import Due, Order, Parcel, Step, TrackingEvent
from shop.words import CASE

COMPLETE_HOURS = 240.0
MOST_STEPS = 1000
RESULTS = {
    "stalled": "已联系快递公司催件，包裹恢复运输。",
    "delayed": "已联系快递公司优先派送，并为您登记延误补偿优惠券。",
    "lost": "已与快递公司确认包裹丢失，为您全额退款。",
    "damaged": "已核实破损，您可以选择换新或退货退款，运费由我们承担。",
    "not_received": "已与快递员核实：包裹放在小区代收点，快递员将与您电话联系并送货上门。",
}


def advance(order: Order, moment: Moment) -> Order:
    """The order as it is at `moment`: everything that was due has happened, each at its own time."""
    for _ in range(MOST_STEPS):
        due = min(order.due, key=lambda d: d.at, default=None)
        if due is None or due.at > moment.now:
            break
        at = order.due.index(due)
        order = replace(order, due=order.due[:at] + order.due[at + 1 :])
        order = HAPPENS[due.does](order, due, moment.at(due.at))
    return order


def _expire(order: Order, _: Due, moment: Moment) -> Order:
    if order.status != "pending_payment":
        return order
    return replace(
        order, status="cancelled", cancelled_at=moment.now, cancel_reason="超时未支付，订单自动关闭，没有扣款"
    )


def _dispatch(order: Order, due: Due, moment: Moment) -> Order:
    """`ref` names the items of this parcel (all when empty), `text` the courier."""
    if order.status not in {"paid", "shipped"}:
        return order
    items = tuple(due.ref.split(",")) if due.ref else tuple(item.id for item in order.items)
    courier = due.text or COURIERS[int(order.number[-2:]) % len(COURIERS)]
    number = tracking_number(courier, f"{order.number}/{len(order.parcels)}")
    parcel = Parcel(
        tracking_number=number,
        courier=courier,
        items=items,
        state="collected",
        shipped_at=moment.now,
        expected=moment.after(PROMISED_HOURS),
    )
    order = replace(
        order,
        status="shipped",
        dispatched_at=order.dispatched_at or moment.now,
        parcels=(*order.parcels, parcel),
    )
    watch = Due(parcel.expected, "late", number)
    return parts.schedule(order, *route(moment, courier, number, order.recipient.city), watch)


def _track(order: Order, due: Due, moment: Moment) -> Order:
    parcel = parts.the_parcel(order, due.ref)
    if parcel is None or parcel.state in {"signed", "lost", "returned"}:
        return order
    changes: dict[str, object] = {
        "state": due.state,
        "events": (*parcel.events, TrackingEvent(moment.now, due.text, due.place, due.state)),
    }
    if due.state == "lost":
        changes["trouble"] = "lost"
    if due.state == "signed":
        changes |= {"signed_at": moment.now, "signed_by": parcel.signed_by or "本人"}
    order = parts.with_parcel(order, due.ref, **changes)
    everything = {item for p in order.parcels if p.state == "signed" for item in p.items}
    if due.state == "signed" and order.status == "shipped" and everything >= {i.id for i in order.items}:
        order = replace(order, status="signed", signed_at=moment.now)
        order = parts.schedule(order, Due(moment.after(COMPLETE_HOURS), "complete"))
    return order


def _complete(order: Order, _: Due, moment: Moment) -> Order:
    if order.status != "signed":
        return order
    if any(r.state in OPEN_RETURNS for r in order.returns):
        return parts.schedule(order, Due(moment.after(COMPLETE_HOURS / 4), "complete"))
    return replace(order, status="completed", completed_at=moment.now)


def _refund(order: Order, due: Due, moment: Moment) -> Order:
    if due.state == "arrived":
        return parts.move_refund(order, due.ref, "arrived", moment)
    return parts.move_refund(order, due.ref, "processing", moment, "审核通过，退款处理中")


def _invoice(order: Order, _: Due, moment: Moment) -> Order:
    if order.invoice is None or order.invoice.state != "pending":
        return order
    return replace(
        order,
        invoice=replace(
            order.invoice, state="issued", issued_at=moment.now, sent_at=moment.now, expected=None
        ),
    )


def _case(order: Order, due: Due, moment: Moment) -> Order:
    found = parts.the_case(order, due.ref)
    if found is None or found.state == "closed":
        return order
    if due.state == "investigating":
        step = Step("investigating", "已联系快递公司核查", moment.now)
        order = parts.with_case(order, due.ref, state="investigating", steps=(*found.steps, step))
        return parts.schedule(order, Due(moment.after(20), "case", due.ref, "proposed"))
    if due.state == "closed":
        step = Step("closed", CASE["closed"], moment.now)
        order = parts.with_case(order, due.ref, state="closed", steps=(*found.steps, step))
        parcel = parts.the_parcel(order, found.tracking_number)
        if found.kind == "not_received" and parcel is not None and parcel.trouble == "not_received":
            order = parts.with_parcel(order, parcel.tracking_number, trouble=None)
        return order
    result = RESULTS[found.kind]
    steps = (*found.steps, Step("proposed", result, moment.now))
    order = parts.with_case(order, due.ref, state="proposed", result=result, steps=steps)
    order = parts.schedule(order, Due(moment.after(48), "case", due.ref, "closed"))
    parcel = parts.the_parcel(order, found.tracking_number)
    if parcel is None:
        return order
    if found.kind in {"stalled", "delayed"} and parcel.state not in {"signed", "lost"}:
        order = parts.unschedule(order, "track", parcel.tracking_number)
        leg = last_leg(moment, parcel.courier, parcel.tracking_number, order.recipient.city)
        return parts.schedule(order, *leg)
    if found.kind == "lost" and not order.refunds:
        order = parts.with_parcel(order, parcel.tracking_number, state="lost", trouble="lost")
        order = parts.unschedule(order, "track", parcel.tracking_number)
        amount = sum(item.amount_fen for item in order.items if item.id in parcel.items)
        order, _ = parts.open_refund(order, moment, min(amount, order.amount_fen), "包裹丢失全额退款")
    return order


def _late(order: Order, due: Due, moment: Moment) -> Order:
    """The promised day came: a parcel that has a later one by now is watched for longer."""
    parcel = parts.the_parcel(order, due.ref)
    if parcel is None or parcel.state in {"signed", "lost", "returned"} or parcel.expected <= moment.now:
        return order
    return parts.schedule(order, replace(due, at=parcel.expected))


HAPPENS: dict[str, Callable[[Order, Due, Moment], Order]] = {
    "expire": _expire,
    "dispatch": _dispatch,
    "track": _track,
    "complete": _complete,
    "refund": _refund,
    "return": happen_to_return,
    "invoice": _invoice,
    "case": _case,
    "late": _late,
}
