"""A return's way: review, goods back, check, then the money or new goods."""

from collections.abc import Callable

from shop import parts
from shop.moments import Moment
from shop.values import Due, Order, Return

REVIEW_HOURS = 24.0
GOODS_BACK_HOURS = 48.0
CHECK_HOURS = 24.0
NEW_GOODS_HOURS = 36.0
WAIT_FOR_GOODS_HOURS = 168.0
OPEN_RETURNS = {"reviewing", "awaiting_goods", "goods_on_way", "checking", "refunding", "exchanging"}


def happen_to_return(order: Order, due: Due, moment: Moment) -> Order:
    """The order after what was due for its return `due.ref`."""
    found = parts.the_return(order, due.ref)
    if found is None or found.state not in OPEN_RETURNS:
        return order
    return HAPPENS[due.state](order, found, moment)


def _approve(order: Order, found: Return, moment: Moment) -> Order:
    if found.kind == "refund_only":
        return start_return_refund(order, found.id, moment)
    order = parts.move_return(order, found.id, "awaiting_goods", moment, "审核通过，请寄回商品")
    return parts.schedule(order, Due(moment.after(WAIT_FOR_GOODS_HOURS), "return", found.id, "withdrawn"))


def _lapse(order: Order, found: Return, moment: Moment) -> Order:
    if found.state != "awaiting_goods":
        return order
    return parts.move_return(order, found.id, "withdrawn", moment, "超过七天未寄回商品，申请自动关闭")


def _check(order: Order, found: Return, moment: Moment) -> Order:
    order = parts.move_return(order, found.id, "checking", moment, "仓库已收到商品，正在验货")
    return parts.schedule(order, Due(moment.after(CHECK_HOURS), "return", found.id, "checked"))


def _checked(order: Order, found: Return, moment: Moment) -> Order:
    if found.kind == "return":
        return start_return_refund(order, found.id, moment)
    order = parts.move_return(order, found.id, "exchanging", moment, "验货通过，新商品已寄出")
    return parts.schedule(order, Due(moment.after(NEW_GOODS_HOURS), "return", found.id, "done"))


def _finish(order: Order, found: Return, moment: Moment) -> Order:
    return parts.move_return(order, found.id, "done", moment, "新商品已签收，换货完成")


HAPPENS: dict[str, Callable[[Order, Return, Moment], Order]] = {
    "awaiting_goods": _approve,
    "withdrawn": _lapse,
    "checking": _check,
    "checked": _checked,
    "done": _finish,
}


def start_return_refund(order: Order, return_id: str, moment: Moment) -> Order:
    """The order with the money of its return on the way back."""
    found = parts.the_return(order, return_id)
    if found is None:
        return order
    payment = parts.settled(order)
    whole_amount = payment is not None and found.amount_fen >= payment.amount_fen
    order, refund = parts.open_refund(
        order,
        moment,
        found.amount_fen,
        "退货退款" if found.kind == "return" else "仅退款",
        return_id=return_id,
        payment=payment.id if payment is not None and whole_amount else None,
    )
    order = parts.with_return(order, return_id, refund=refund.id)
    return parts.move_return(order, return_id, "refunding", moment, "已同意退款，等待退款到账")
