"""What an order looks like from outside: its troubles, its after-sale state, what comes next."""

from datetime import datetime, timedelta

from shop.moments import Moment
from shop.returning import OPEN_RETURNS
from shop.values import AfterSale, Order, Parcel, ParcelTrouble, Return, Trouble
from shop.words import RETURN

STALLED = timedelta(hours=48)


def parcel_trouble(order: Order, parcel: Parcel, moment: Moment) -> ParcelTrouble | None:
    """What is wrong with a parcel: as reported, or seen from its events and the promised day."""
    if parcel.trouble in {"lost", "damaged", "not_received"}:
        return parcel.trouble
    if parcel.state in {"signed", "lost", "returned"}:
        return None
    moving = any(due.does == "track" and due.ref == parcel.tracking_number for due in order.due)
    if not moving and parcel.events and moment.now - parcel.events[-1].time > STALLED:
        return "stalled"
    return "delayed" if moment.now > parcel.expected else None


def troubles(order: Order, moment: Moment) -> tuple[Trouble, ...]:
    """Everything that is wrong with an order now, without doubles."""
    found: list[Trouble] = []
    real = [p for p in order.payments if p.state != "pending"]
    if real and real[-1].state == "failed" and order.paid_at is None:
        found.append("payment_failed")
    if any(p.duplicate and p.state != "refunded" for p in order.payments):
        found.append("duplicate_charge")
    if order.status == "paid" and order.dispatch_before is not None and moment.now > order.dispatch_before:
        found.append("dispatch_overdue")
    for parcel in order.parcels:
        trouble = parcel_trouble(order, parcel, moment)
        if trouble is not None and trouble not in found:
            found.append(trouble)
    return tuple(found)


def after_sale(order: Order, item: str = "") -> AfterSale:
    """Where the after-sale of an order (or of one item) stands; what is open comes first."""
    returns = [r for r in order.returns if not item or r.item == item]
    refunds = [r for r in order.refunds if not item or r.return_id in {x.id for x in returns}]
    if not returns and not refunds:
        return "none"
    sending = [r for r in returns if r.state in OPEN_RETURNS and r.state != "refunding"]
    if sending:
        return "exchanging" if sending[-1].kind == "exchange" else "returning"
    for state, look in (("reviewing", "refunding"), ("processing", "refunding"), ("failed", "refund_failed")):
        if any(r.state == state for r in refunds):
            return "refund_failed" if look == "refund_failed" else "refunding"
    if refunds:
        return "refunded"
    return "exchanged" if any(r.kind == "exchange" and r.state == "done" for r in returns) else "none"


def next_step(order: Order, moment: Moment) -> tuple[str, datetime | None] | None:
    """What comes next for an order, and when; None when nothing does."""
    if order.status == "pending_payment":
        return "请在截止时间前完成支付，超时订单将自动关闭", order.pay_before
    if order.status == "paid":
        if "dispatch_overdue" in troubles(order, moment):
            return "已超过承诺的发货时间，可以催发货或取消订单", None
        return "仓库正在备货，预计在此之前发货", order.dispatch_before
    if order.status == "shipped":
        waiting = [p.expected for p in order.parcels if p.state not in {"signed", "lost", "returned"}]
        return "包裹正在路上", max(waiting, default=None)
    if order.status == "signed":
        done = next((due.at for due in order.due if due.does == "complete"), None)
        return "如无问题，订单将自动完成", done
    return None


def next_of_return(order: Order, found: Return) -> tuple[str, datetime | None] | None:
    """What comes next for a return, and when."""
    if found.state not in OPEN_RETURNS:
        return None
    due = min((d.at for d in order.due if d.does == "return" and d.ref == found.id), default=None)
    refund = next((r for r in order.refunds if r.id == found.refund), None)
    texts = {
        "reviewing": "等待商家审核",
        "awaiting_goods": "请在此之前寄回商品并填写快递单号",
        "goods_on_way": "等待仓库收到商品",
        "checking": "仓库验货后为您退款或换新",
        "refunding": "退款预计到账",
        "exchanging": "等待签收新商品",
    }
    when = refund.expected if found.state == "refunding" and refund is not None else due
    return texts.get(found.state, RETURN[found.state]), when
