"""Orders, payments and parcels as the API says them; personal data is masked here."""

from shop import looks, rules
from shop.moments import Moment
from shop.people import Customer, Product
from shop.values import Case, Order, Parcel, Payment, Step
from shop.words import (
    AFTER_SALE,
    CASE,
    CASE_KIND,
    COURIER_PHONE,
    FAILURE,
    PARCEL,
    STATUS,
    TONE,
    TROUBLE,
    Tone,
)

Shown = dict[str, object]


def masked_phone(phone: str) -> str:
    """138****5678."""
    return f"{phone[:3]}****{phone[-4:]}"


def masked_name(name: str) -> str:
    """林**: the family name only."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def masked_address(address: str) -> str:
    """Province, city, district; the rest stays with the courier."""
    for mark in ("街道", "区", "县", "市"):
        if mark in address:
            return address[: address.index(mark) + len(mark)] + "****"
    return address[:6] + "****"


def tone(order: Order, found: tuple[str, ...]) -> Tone:
    """How the state looks: what is wrong is red or amber, whatever the status."""
    if found:
        return "bad" if set(found) - {"delayed", "dispatch_overdue"} else "warn"
    return TONE[order.status]


def status_text(order: Order) -> str:
    """The status in words, with 派送中 and 待取件 told apart and the after-sale after it."""
    text = STATUS[order.status]
    states = {p.state for p in order.parcels}
    if order.status == "shipped" and "out_for_delivery" in states:
        text = "派送中"
    elif order.status == "shipped" and "awaiting_pickup" in states:
        text = "待取件"
    after = AFTER_SALE[looks.after_sale(order)]
    return f"{text}，{after}" if after else text


def summary(order: Order, moment: Moment) -> Shown:
    """An order in a list."""
    found = looks.troubles(order, moment)
    more = f" 等{len(order.items)}件" if len(order.items) > 1 else ""
    return {
        "number": order.number,
        "title": f"{order.items[0].name}{more}",
        "image": order.items[0].image,
        "status": order.status,
        "status_text": status_text(order),
        "tone": tone(order, found),
        "exceptions": found,
        "exception_texts": [TROUBLE[trouble] for trouble in found],
        "after_sale": looks.after_sale(order),
        "amount_fen": order.amount_fen,
        "items_count": sum(item.quantity for item in order.items),
        "parcels": len(order.parcels),
        "created": order.created,
    }


def detail(order: Order, customer: Customer, catalogue: dict[str, Product], moment: Moment) -> Shown:
    """An order with everything but its parcels, payments and after-sales."""
    to = order.recipient
    paid = sum(p.amount_fen for p in order.payments if p.state in {"succeeded", "refunded"})
    return summary(order, moment) | {
        "items": [
            {
                "id": item.id,
                "product_id": item.product,
                "name": item.name,
                "spec": item.spec,
                "quantity": item.quantity,
                "price_fen": item.price_fen,
                "amount_fen": item.amount_fen,
                "image": item.image,
                "after_sale": looks.after_sale(order, item.id),
            }
            for item in order.items
        ],
        "goods_fen": order.goods_fen,
        "freight_fen": order.freight_fen,
        "discount_fen": order.discount_fen,
        "paid_fen": paid,
        "refunded_fen": sum(r.amount_fen for r in order.refunds if r.state == "arrived"),
        "recipient": {
            "name": masked_name(to.name),
            "phone": masked_phone(to.phone),
            "address": masked_address(to.address),
        },
        "remark": order.remark,
        "pay_before": order.pay_before if order.status == "pending_payment" else None,
        "paid_at": order.paid_at,
        "dispatch_before": order.dispatch_before if order.status == "paid" else None,
        "dispatched_at": order.dispatched_at,
        "signed_at": order.signed_at,
        "completed_at": order.completed_at,
        "cancelled_at": order.cancelled_at,
        "cancel_reason": order.cancel_reason,
        "urged_at": order.urged_at,
        "url": f"/orders/{order.number}",
        "again_url": f"/orders/{order.number}/again",
        "next": coming(looks.next_step(order, moment)),
        "can": possible(order, customer, catalogue, moment),
        "as_of": moment.now,
    }


def coming(step: tuple[str, object] | None) -> Shown | None:
    """What comes next, and when."""
    return {"text": step[0], "expected": step[1]} if step is not None else None


def possible(order: Order, customer: Customer, catalogue: dict[str, Product], moment: Moment) -> list[str]:
    """Everything that the customer may do with the order now."""
    wishes = (
        rules.Wish("return", "no_reason"),
        rules.Wish("return", "quality"),
        rules.Wish("refund_only", "not_received"),
    )
    verdicts = {
        "cancel": rules.may_cancel(order).allowed,
        "modify": rules.may_modify(order).allowed,
        "urge": rules.may_urge(order, moment).allowed,
        "return": any(
            rules.judge(order, item, wish, (customer, catalogue.get(item.product)), moment).allowed
            for item in order.items
            for wish in wishes
        ),
        "case": bool(order.parcels),
        "invoice": rules.may_invoice(order).allowed,
        "price_protection": any(
            rules.may_protect(order, item, catalogue.get(item.product), moment).allowed
            for item in order.items
        ),
        "delivery": any(p.state in {"collected", "in_transit", "out_for_delivery"} for p in order.parcels),
    }
    return [name for name, allowed in verdicts.items() if allowed]


def payment(order: Order, found: Payment) -> Shown:
    """One attempt to pay."""
    text, advice = FAILURE[found.failure] if found.failure else ("", "")
    if found.duplicate and found.state == "succeeded":
        advice = "已申请退款，请等待到账。" if found.refund else "这笔是重复扣款，可以申请退款。"
    if not order.placed and found.state == "succeeded" and not found.refund:
        advice = "扣款后没有生成订单，可以申请退款。"
    return {
        "id": found.id,
        "order": order.number if order.placed else None,
        "method": found.method,
        "amount_fen": found.amount_fen,
        "state": found.state,
        "failure": found.failure,
        "failure_text": text,
        "advice": advice,
        "duplicate": found.duplicate,
        "without_order": not order.placed,
        "refund": found.refund,
        "created": found.created,
    }


def shipment(order: Order, found: Parcel, moment: Moment) -> Shown:
    """One parcel with its tracking, newest first."""
    trouble = looks.parcel_trouble(order, found, moment)
    names = {item.id: f"{item.name} {item.spec} ×{item.quantity}" for item in order.items}
    return {
        "order": order.number,
        "courier": found.courier,
        "tracking_number": found.tracking_number,
        "courier_phone": COURIER_PHONE[found.courier],
        "state": found.state,
        "state_text": PARCEL[found.state],
        "exception": trouble,
        "exception_text": TROUBLE[trouble] if trouble else "",
        "items": [names[item] for item in found.items],
        "parcel": order.parcels.index(found) + 1,
        "parcels": len(order.parcels),
        "shipped_at": found.shipped_at,
        "expected": None if found.state in {"signed", "lost", "returned"} else found.expected,
        "signed_at": found.signed_at,
        "signed_by": found.signed_by,
        "delivery_note": found.delivery_note,
        "events": [
            {"time": e.time, "text": e.text, "place": e.place, "state": e.state}
            for e in reversed(found.events)
        ],
        "as_of": moment.now,
    }


def case(order: Order, found: Case) -> Shown:
    """One logistics case."""
    return {
        "id": found.id,
        "order": order.number,
        "tracking_number": found.tracking_number,
        "kind": found.kind,
        "kind_text": CASE_KIND[found.kind],
        "state": found.state,
        "state_text": CASE[found.state],
        "result": found.result,
        "feedback_before": found.feedback_before,
        "created": found.created,
        "steps": [{"time": step.time, "text": step.text} for step in reversed(found.steps)],
    }


def steps(done: tuple[Step, ...], to_come: tuple[tuple[str, str], ...] = ()) -> list[Shown]:
    """Steps newest first: those to come on top, not done and without a time."""
    later: list[Shown] = [
        {"key": key, "text": text, "time": None, "done": False} for key, text in reversed(to_come)
    ]
    past: list[Shown] = [{"key": s.key, "text": s.text, "time": s.time, "done": True} for s in reversed(done)]
    return later + past
