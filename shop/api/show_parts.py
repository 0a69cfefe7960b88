"""Returns, refunds, invoices, people and goods as the API says them."""

from datetime import timedelta

from shop import looks, parts, rules
from shop.api.show_orders import Shown, coming, masked_address, masked_name, masked_phone, steps
from shop.moments import Moment
from shop.people import Coupon, Customer, Product
from shop.values import Item, Order, Refund, Return
from shop.words import INVOICE, REFUND, RETURN, RETURN_ADDRESS, RETURN_KIND, RETURN_REASON, WARRANTY_MONTHS

WAYS: dict[str, tuple[str, ...]] = {
    "return": ("reviewing", "awaiting_goods", "goods_on_way", "checking", "refunding", "done"),
    "exchange": ("reviewing", "awaiting_goods", "goods_on_way", "checking", "exchanging", "done"),
    "refund_only": ("reviewing", "refunding", "done"),
}
POINTS_DAYS = 365
EXPIRING_DAYS = 30


def _item(order: Order, item_id: str) -> Item:
    return next(item for item in order.items if item.id == item_id)


def returned(order: Order, found: Return) -> Shown:
    """One return or exchange with the steps done and to come."""
    item = _item(order, found.item)
    way = WAYS[found.kind]
    left = way[way.index(found.state) + 1 :] if found.state in way else ()
    return {
        "id": found.id,
        "order": order.number,
        "item": item.id,
        "name": item.name,
        "spec": item.spec,
        "image": item.image,
        "quantity": found.quantity,
        "kind": found.kind,
        "kind_text": RETURN_KIND[found.kind],
        "reason": found.reason,
        "reason_text": RETURN_REASON[found.reason],
        "description": found.description,
        "state": found.state,
        "state_text": RETURN[found.state],
        "reject_reason": found.reject_reason,
        "amount_fen": found.amount_fen,
        "freight": rules.freight(found.reason),
        "courier": found.courier,
        "tracking_number": found.tracking_number,
        "new_spec": found.new_spec,
        "pickup": found.pickup,
        "return_address": RETURN_ADDRESS if found.state == "awaiting_goods" else "",
        "refund": found.refund,
        "created": found.created,
        "next": coming(looks.next_of_return(order, found)),
        "steps": steps(found.steps, tuple((state, RETURN[state]) for state in left)),  # type: ignore[index]
    }


def refund(order: Order, found: Refund) -> Shown:
    """One refund: how it goes back, and when it is expected."""
    way = ("reviewing", "processing", "arrived")
    left = way[way.index(found.state) + 1 :] if found.state in way else ()
    return {
        "id": found.id,
        "order": order.number if order.placed else None,
        "return": found.return_id,
        "payment": found.payment,
        "reason": found.reason,
        "amount_fen": found.amount_fen,
        "state": found.state,
        "state_text": REFUND[found.state],
        "route": found.route,
        "method": next((name for name, route in parts.ROUTES.items() if route == found.route), ""),
        "failure": found.failure,
        "created": found.created,
        "expected": found.expected,
        "arrived_at": found.arrived_at,
        "coupons": order.coupons_back,
        "steps": steps(found.steps, tuple((state, REFUND[state]) for state in left)),  # type: ignore[index]
    }


def invoice(order: Order) -> Shown:
    """The invoice of an order, or that there is none."""
    found = order.invoice
    state = found.state if found is not None else "none"
    shown: Shown = {"order": order.number, "state": state, "state_text": INVOICE[state]}
    if found is None:
        texts = dict.fromkeys(("title", "tax_number", "email", "failure"), "")
        times = dict.fromkeys(("id", "kind", "requested", "expected", "issued_at", "sent_at"))
        return shown | texts | times | {"amount_fen": order.amount_fen}
    return shown | {
        "id": found.id,
        "kind": found.kind,
        "title": found.title,
        "tax_number": found.tax_number,  # public, and its owner has to check every digit
        "email": masked_email(found.email),
        "amount_fen": found.amount_fen,
        "failure": found.failure,
        "requested": found.requested,
        "expected": found.expected,
        "issued_at": found.issued_at,
        "sent_at": found.sent_at,
    }


def masked_email(email: str) -> str:
    """u***@example.com."""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}" if host else ""


def verdict(found: rules.Verdict) -> Shown:
    """Whether something is allowed, and why not."""
    return {"allowed": found.allowed, "code": found.code, "reason": found.reason, "until": found.until}


def eligibility(order: Order, customer: Customer, catalogue: dict[str, Product], moment: Moment) -> Shown:
    """What may still be done with an order and each of its items."""
    return {
        "order": order.number,
        "cancel": verdict(rules.may_cancel(order)),
        "modify": verdict(rules.may_modify(order)),
        "urge": verdict(rules.may_urge(order, moment)),
        "invoice": verdict(rules.may_invoice(order)),
        "items": [
            _of_item(order, item, (customer, catalogue.get(item.product)), moment) for item in order.items
        ],
        "as_of": moment.now,
    }


def _of_item(order: Order, item: Item, owner: tuple[Customer, Product | None], moment: Moment) -> Shown:
    only = rules.Wish("refund_only", "quality" if order.signed_at else "not_received")
    back = rules.judge(order, item, rules.Wish("return", "no_reason"), owner, moment)
    return {
        "item": item.id,
        "name": item.name,
        "return": verdict(back),
        "exchange": verdict(rules.judge(order, item, rules.Wish("exchange", "wrong_size"), owner, moment)),
        "refund_only": verdict(rules.judge(order, item, only, owner, moment)),
        "freight": rules.freight("no_reason" if back.allowed else "quality"),
        "price_protection": verdict(rules.may_protect(order, item, owner[1], moment)),
    }


def customer(found: Customer) -> Shown:
    """The profile, masked."""
    return {
        "id": found.id,
        "name": masked_name(found.name),
        "phone": masked_phone(found.phone),
        "email": masked_email(found.email),
        "level": found.level,
        "points": found.balance,
        "address": masked_address(found.address),
        "registered": found.registered,
        "vip": found.level == "钻石",
        "notify": found.notify,
    }


def coupon(found: Coupon, moment: Moment) -> Shown:
    """One coupon."""
    state = "expired" if moment.now > found.valid_until else "usable"
    return {
        "id": found.id,
        "name": found.name,
        "kind": found.kind,
        "state": "used" if found.used_on else state,
        "amount_off_fen": found.amount_off_fen,
        "discount_percent": found.discount_percent,
        "minimum_fen": found.minimum_fen,
        "scope": found.scope,
        "level": found.level,
        "valid_from": found.valid_from,
        "valid_until": found.valid_until,
        "stackable": False,
        "used_on": found.used_on,
    }


def points(found: Customer, moment: Moment) -> Shown:
    """Points: what is there, what ends within 30 days, the latest changes."""
    soon = moment.now - timedelta(days=POINTS_DAYS - EXPIRING_DAYS)
    valid = [c for c in found.points if c.time > moment.now - timedelta(days=POINTS_DAYS)]
    ending = [change for change in valid if change.time <= soon]
    first = min((change.time for change in ending), default=None)
    return {
        "balance": sum(change.points for change in valid),
        "expiring": sum(change.points for change in ending),
        "expiring_at": first + timedelta(days=POINTS_DAYS) if first is not None else None,
        "changes": [{"time": c.time, "points": c.points, "text": c.text} for c in reversed(found.points)],
    }


def product(found: Product) -> Shown:
    """One product."""
    return {
        "id": found.id,
        "name": found.name,
        "category": found.category,
        "brand": found.brand,
        "model": found.model,
        "origin": found.origin,
        "material": found.material,
        "weight_g": found.weight_g,
        "image": found.image,
        "price_fen": found.price_fen,
        "specs": [{"spec": s.spec, "price_fen": s.price_fen, "stock": s.stock} for s in found.specs],
        "stock": found.stock,
        "rating": found.rating,
        "sold": found.sold,
        "return_days": found.return_days,
        "warranty_months": WARRANTY_MONTHS.get(found.category, 0),
        "url": f"/#{found.id}",
        "returnable": not found.not_returnable_reason,
        "not_returnable_reason": found.not_returnable_reason,
        "description": found.description,
    }
