"""What may be done with an order now, and why not. Pure; the numbers are the shop's rule book."""

from datetime import datetime, timedelta

import msgspec

from shop.moments import Moment
from shop.people import Customer, Level, Product
from shop.returning import OPEN_RETURNS
from shop.values import Item, Order, ReturnKind, ReturnReason
from shop.words import STATUS

FAULT_DAYS = 15
LEVEL_EXTRA_DAYS: dict[Level, int] = {"普通": 0, "银卡": 0, "金卡": 3, "钻石": 8}
PRICE_DAYS = 7
SELLER_FAULTS = {"quality", "wrong_goods", "damaged"}


class Verdict(msgspec.Struct, frozen=True):
    """Whether something is allowed; `code` names the rule, `reason` is for the customer."""

    allowed: bool
    code: str
    reason: str
    until: datetime | None = None


class Wish(msgspec.Struct, frozen=True):
    """What a customer wants for an item, and why."""

    kind: ReturnKind
    reason: ReturnReason


def no(code: str, reason: str) -> Verdict:
    """Not allowed."""
    return Verdict(allowed=False, code=code, reason=reason)


def yes(reason: str, until: datetime | None = None) -> Verdict:
    """Allowed."""
    return Verdict(allowed=True, code="ok", reason=reason, until=until)


def may_cancel(order: Order) -> Verdict:
    """Before dispatch an order can be cancelled."""
    if order.status == "cancelled":
        return no("already_cancelled", "订单已经取消，无需重复操作。")
    if order.status == "pending_payment":
        return yes("订单还没有支付，可以直接取消。")
    if order.status == "paid":
        return yes("订单还没有发货，可以取消，款项会原路退回。")
    return no("already_shipped", f"订单{STATUS[order.status]}，不能取消；如不需要，可以拒收或申请退货。")


def may_modify(order: Order) -> Verdict:
    """Before dispatch address, phone, specification and remark can be changed."""
    if order.status in {"pending_payment", "paid"}:
        return yes("订单还没有发货，可以修改收货信息、规格和备注。")
    if order.status == "cancelled":
        return no("not_open", "订单已经取消，不能修改。")
    return no("already_shipped", "订单已经发货，不能修改；可以申请更改派送时间或地址。")


def may_urge(order: Order, moment: Moment) -> Verdict:
    """What is paid and not dispatched can be urged."""
    if order.status != "paid":
        return no("not_waiting_for_dispatch", f"订单{STATUS[order.status]}，不需要催发货。")
    if order.dispatch_before is not None and moment.now > order.dispatch_before:
        return yes("订单已超过承诺的发货时间，可以催发货。")
    return yes("订单在承诺的发货时间内，可以催发货。", order.dispatch_before)


def may_invoice(order: Order) -> Verdict:
    """What was paid and not given back can have an invoice."""
    if order.paid_at is None or order.status in {"pending_payment", "cancelled"}:
        return no("not_paid", "订单未支付或已取消，不能开票。")
    if order.invoice is not None and order.invoice.state in {"issued", "pending"}:
        return no("already_issued", "这笔订单已经申请过发票，可以重新发送。")
    return yes("可以申请电子发票或增值税专用发票。")


def may_protect(order: Order, item: Item, product: Product | None, moment: Moment) -> Verdict:
    """Within days of payment, when the price is lower now, the difference can be claimed once."""
    if order.paid_at is None or order.status == "cancelled":
        return no("not_paid", "订单未支付或已取消，不能申请价保。")
    if item.id in order.protected:
        return no("already_claimed", "这件商品已经申请过价保。")
    until = order.paid_at + timedelta(days=PRICE_DAYS)
    if moment.now > until:
        return no("too_late", f"已超过付款后 {PRICE_DAYS} 天的价保期。")
    price = price_now(item, product)
    if price is None or price >= item.price_fen:
        return no("not_cheaper", "商品现价没有低于您的购买价。")
    return yes(f"现价比购买价低 {(item.price_fen - price) / 100:.2f} 元，可以申请价保。", until)


def price_now(item: Item, product: Product | None) -> int | None:
    """Today's price of the item's specification in fen; None when it is not sold any more."""
    specs = product.specs if product is not None else ()
    return next((spec.price_fen for spec in specs if spec.spec == item.spec), None)


def may_return(order: Order, item: Item, wish: Wish, customer: Customer, product: Product | None) -> Verdict:
    """Whether that wish is open for the item, apart from time, which `in_time` judges."""
    if any(r.item == item.id and r.state in OPEN_RETURNS for r in order.returns):
        return no("already_open", "这件商品已有进行中的售后申请。")
    if any(r.item == item.id and r.state == "done" for r in order.returns):
        return no("already_done", "这件商品已经办理过售后。")
    if order.status in {"pending_payment", "cancelled"}:
        return no("not_paid", "订单未支付或已取消，没有可以售后的商品。")
    if order.status == "paid":
        return no("not_shipped", "订单还没有发货，可以直接取消订单退款。")
    unsigned = order.status == "shipped"
    if unsigned and not (wish.kind == "refund_only" and wish.reason == "not_received"):
        return no("not_signed", "包裹还没有签收；没有收到货可以申请仅退款，或签收后再申请。")
    if wish.kind == "refund_only" and wish.reason in {"no_reason", "wrong_size"}:
        return no("needs_goods_back", "没有质量问题时需要寄回商品，请申请退货退款。")
    if wish.kind == "exchange" and wish.reason == "not_received":
        return no("not_received", "没有收到货请申请仅退款，或登记物流异常。")
    if product is not None and product.not_returnable_reason and wish.reason in {"no_reason", "wrong_size"}:
        return no("excluded", product.not_returnable_reason)
    if unsigned:
        return yes("包裹还没有签收，可以申请仅退款。")
    return yes(f"{customer.level}会员可以申请。")


def return_until(order: Order, wish: Wish, customer: Customer, product: Product | None) -> datetime | None:
    """Until when that wish is open; None while the parcel is not signed for."""
    if order.signed_at is None:
        return None
    days = (product.return_days if product is not None else 7) + LEVEL_EXTRA_DAYS[customer.level]
    if wish.reason in SELLER_FAULTS | {"not_received"}:
        days = max(days, FAULT_DAYS)
    return order.signed_at + timedelta(days=days)


def in_time(verdict: Verdict, until: datetime | None, moment: Moment) -> Verdict:
    """The verdict after looking at the calendar."""
    if not verdict.allowed or until is None:
        return verdict
    if moment.now > until:
        return no("too_late", f"已超过 {until:%Y年%m月%d日} 的售后期限，如有质量问题可以联系人工客服。")
    return yes(f"{until:%Y年%m月%d日 %H:%M} 前可以申请。", until)


def judge(
    order: Order, item: Item, wish: Wish, owner: tuple[Customer, Product | None], moment: Moment
) -> Verdict:
    """Whether that customer may have that wish for the item now."""
    customer, product = owner
    verdict = may_return(order, item, wish, customer, product)
    return in_time(verdict, return_until(order, wish, customer, product), moment)


def freight(reason: ReturnReason) -> str:
    """Who pays the way back."""
    return "seller" if reason in SELLER_FAULTS | {"not_received"} else "buyer"
