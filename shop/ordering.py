"""What a customer changes about an order and its money. Pure: an order in, an order out."""

from typing import Annotated

import msgspec
from msgspec.structs import replace

from shop import parts, rules
from shop.errors import BadInputError, ConflictError, NotFoundError
from shop.moments import Moment
from shop.people import Product
from shop.values import Due, Item, Order, Refund


def insist(verdict: rules.Verdict) -> None:
    """Refuses with the rule's own words unless the verdict allows."""
    if not verdict.allowed:
        raise ConflictError(verdict.reason, verdict.code)


def the_item(order: Order, item_id: str) -> Item:
    """The item with that id, or as missing as another customer's."""
    found = next((item for item in order.items if item.id == item_id), None)
    if found is None:
        raise NotFoundError
    return found


def cancel(order: Order, reason: str, moment: Moment) -> tuple[Order, Refund | None]:
    """The cancelled order; what was paid is on its way back."""
    insist(rules.may_cancel(order))
    payment = parts.settled(order)
    order = parts.unschedule(parts.unschedule(order, "dispatch"), "expire")
    order = replace(order, status="cancelled", cancelled_at=moment.now, cancel_reason=reason or "买家取消")
    if payment is None:
        return order, None
    return parts.open_refund(order, moment, payment.amount_fen, "取消订单退款", payment=payment.id)


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be different; empty means as it was, except an empty remark, which clears it."""

    recipient: Annotated[str, msgspec.Meta(max_length=40)] = ""
    phone: Annotated[str, msgspec.Meta(pattern="^1[3-9][0-9]{9}$")] = ""
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    remark: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    item: str = ""
    spec: Annotated[str, msgspec.Meta(max_length=100)] = ""
    quantity: Annotated[int, msgspec.Meta(ge=0, le=99)] = 0


def modify(order: Order, changes: Changes, catalogue: dict[str, Product]) -> Order:
    """The order with the changes, while it is not dispatched."""
    if changes == Changes():
        raise BadInputError("请说明要修改什么：收货人、电话、地址、备注、规格或数量。")
    if bool(changes.item) != bool(changes.spec or changes.quantity):
        raise BadInputError("修改规格或数量需要同时给出商品和新规格或新数量。")
    insist(rules.may_modify(order))
    to = order.recipient
    to = replace(
        to,
        name=changes.recipient or to.name,
        phone=changes.phone or to.phone,
        address=changes.address or to.address,
    )
    order = replace(order, recipient=to, remark=order.remark if changes.remark is None else changes.remark)
    if changes.quantity:
        order = _with_quantity(order, changes, catalogue)
    return _with_spec(order, changes, catalogue) if changes.spec else order


def _with_quantity(order: Order, changes: Changes, catalogue: dict[str, Product]) -> Order:
    """More or fewer pieces while nothing is paid; what is paid for keeps its amount."""
    item = the_item(order, changes.item)
    if changes.quantity == item.quantity:
        raise ConflictError("数量没有变化。", "same_quantity")
    if order.paid_at is not None:
        raise ConflictError("订单已付款，改数量会影响金额，请取消后重新下单。", "already_paid")
    product = catalogue.get(item.product)
    stock = next((s.stock for s in product.specs if s.spec == item.spec), 0) if product else 0
    if stock < changes.quantity:
        raise ConflictError(f"库存不足，目前还有 {stock} 件。", "out_of_stock")
    items = tuple(replace(i, quantity=changes.quantity) if i.id == item.id else i for i in order.items)
    return replace(order, items=items)


def _with_spec(order: Order, changes: Changes, catalogue: dict[str, Product]) -> Order:
    item = the_item(order, changes.item)
    product = catalogue.get(item.product)
    wanted = next((s for s in product.specs if s.spec == changes.spec), None) if product else None
    if wanted is None:
        names = "、".join(s.spec for s in product.specs) if product else ""
        raise BadInputError(f"没有这个规格，可选：{names}。")
    if wanted.stock < item.quantity:
        raise ConflictError(f"规格「{wanted.spec}」库存不足。", "out_of_stock")
    if wanted.price_fen != item.price_fen:
        raise ConflictError("新规格价格不同，请取消后重新下单。", "price_differs")
    items = tuple(replace(i, spec=wanted.spec) if i.id == item.id else i for i in order.items)
    return replace(order, items=items)


def urge(order: Order, moment: Moment) -> Order:
    """The order marked as urgent; one that is overdue goes out with the next collection."""
    insist(rules.may_urge(order, moment))
    order = replace(order, urged_at=moment.now)
    if order.dispatch_before is not None and moment.now > order.dispatch_before:
        soon = moment.after(4)
        dispatches = tuple(d for d in order.due if d.does == "dispatch") or (Due(soon, "dispatch"),)
        order = parts.unschedule(order, "dispatch")
        return parts.schedule(order, *(replace(d, at=min(d.at, soon)) for d in dispatches))
    return order


def protect(order: Order, item_id: str, product: Product | None, moment: Moment) -> tuple[Order, Refund]:
    """The order with the price difference of an item on its way back."""
    item = the_item(order, item_id)
    insist(rules.may_protect(order, item, product, moment))
    price = rules.price_now(item, product) or 0
    amount = (item.price_fen - price) * item.quantity
    order = replace(order, protected=(*order.protected, item_id))
    return parts.open_refund(order, moment, amount, "价格保护退差价")


def refund_payment(order: Order, payment_id: str, moment: Moment) -> tuple[Order, Refund]:
    """The order with a charge that should not have been on its way back."""
    payment = next((p for p in order.payments if p.id == payment_id), None)
    if payment is None:
        raise NotFoundError
    if payment.refund is not None or payment.state == "refunded":
        raise ConflictError("这笔扣款已经在退款或已退款，无需重复申请。", "already_refunding")
    if payment.state != "succeeded" or (order.placed and not payment.duplicate):
        raise ConflictError("这笔支付不是重复扣款，也不是没有订单的扣款。", "not_duplicate")
    reason = "重复扣款退款" if order.placed else "扣款未生成订单退款"
    order, refund = parts.open_refund(order, moment, payment.amount_fen, reason, payment=payment_id)
    order = parts.with_refund(order, refund.id, route=parts.ROUTES[payment.method])
    return parts.with_payment(order, payment_id, refund=refund.id), refund
