"""Placing an order like an earlier one, and paying it. Pure: what is given in, an order out."""

import random

from msgspec.structs import replace

from shop import parts
from shop.errors import ConflictError
from shop.moments import Moment
from shop.people import Product
from shop.values import Due, Item, Order, Payment

PAY_HOURS = 0.5
DISPATCH_HOURS = 48.0
PACKING_HOURS = 8.0
FREE_FREIGHT_FEN = 9900
FREIGHT_FEN = 800


def same_goods(order: Order, catalogue: dict[str, Product]) -> tuple[list[Item], list[Item]]:
    """The order's goods at today's prices, and those that are not to be had any more."""
    there, gone = [], []
    for item in order.items:
        product = catalogue.get(item.product)
        spec = next((s for s in product.specs if s.spec == item.spec), None) if product else None
        if spec is None or spec.stock < item.quantity:
            gone.append(item)
        else:
            there.append(replace(item, price_fen=spec.price_fen))
    return there, gone


def order_again(order: Order, catalogue: dict[str, Product], moment: Moment) -> Order:
    """A new order of the same goods to the same place, not yet paid. Raises ConflictError when all are sold out."""
    there, _ = same_goods(order, catalogue)
    if not there:
        raise ConflictError("这些商品暂时都缺货了。", "out_of_stock")
    goods = sum(item.amount_fen for item in there)
    fresh = Order(
        number=f"{moment.now:%Y%m%d}{random.SystemRandom().randrange(10**10):010d}",
        customer=order.customer,
        created=moment.now,
        status="pending_payment",
        items=tuple(there),
        recipient=order.recipient,
        freight_fen=0 if goods >= FREE_FREIGHT_FEN else FREIGHT_FEN,
        pay_before=moment.after(PAY_HOURS),
    )
    return parts.schedule(fresh, Due(moment.after(PAY_HOURS), "expire"))


def pay(order: Order, method: str, moment: Moment) -> Order:
    """The order paid and to be dispatched. Raises ConflictError when there is nothing to pay."""
    if order.status != "pending_payment":
        raise ConflictError("这个订单不需要支付。", "not_open")
    payment = Payment(
        id=f"PM{order.number}{len(order.payments) + 1:02d}",
        method=method,
        amount_fen=order.amount_fen,
        state="succeeded",
        created=moment.now,
    )
    order = replace(
        parts.unschedule(order, "expire"),
        status="paid",
        payments=(*order.payments, payment),
        paid_at=moment.now,
        dispatch_before=moment.after(DISPATCH_HOURS),
        pay_before=None,
    )
    return parts.schedule(order, Due(moment.after(PACKING_HOURS), "dispatch"))
