"""Every life that an order can have: each state and exception of the service norms."""

from collections.abc import Callable

from msgspec.structs import replace

from shop import parts
from shop.invoicing import Ask, request_invoice
from shop.logistics import Report, open_case
from shop.ordering import cancel, refund_payment
from shop.people import Customer
from shop.progress import advance
from shop.seeding.maker import Maker
from shop.values import Due, Failure, Order, ReturnKind, ReturnReason

Life = Callable[[Maker, Customer], Order]
RETURN: tuple[ReturnKind, ReturnReason] = ("return", "no_reason")
EXCHANGE: tuple[ReturnKind, ReturnReason] = ("exchange", "wrong_size")
REFUND_ONLY: tuple[ReturnKind, ReturnReason] = ("refund_only", "quality")
PARCEL_LOST = "快递公司确认包裹在运输途中丢失，正在处理赔付"


def failed(reason: Failure) -> Life:
    """A payment that failed for that reason a few minutes ago."""
    return lambda make, who: make.try_to_pay(make.place(who, make.rng.uniform(0.1, 0.3)), reason)


def closed_after_failures(make: Maker, who: Customer) -> Order:
    """Three failures, then closed so that nothing is charged."""
    order = make.place(who, make.rng.uniform(30, 600))
    for minutes, reason in ((2, "network"), (6, "insufficient_balance"), (9, "insufficient_balance")):
        order = make.try_to_pay(order, reason, minutes)  # type: ignore[arg-type]
    return order


def duplicate(make: Maker, who: Customer) -> Order:
    """Charged twice, nobody has asked for it back."""
    return make.try_to_pay(make.sent(who, make.rng.uniform(20, 200)), minutes=4)


def duplicate_refunding(make: Maker, who: Customer) -> Order:
    """Charged twice, the second charge on its way back."""
    order = make.try_to_pay(make.sent(who, make.rng.uniform(60, 90)), minutes=4)
    return refund_payment(order, order.payments[-1].id, make.ago(make.rng.uniform(3, 50)))[0]


def stray(make: Maker, who: Customer) -> Order:
    """Charged, but there is no order."""
    order = make.try_to_pay(make.place(who, make.rng.uniform(2, 72)))
    return replace(order, placed=False, dispatch_before=None)


def waiting(make: Maker, who: Customer) -> Order:
    """Paid and in time."""
    return make.send(make.paid(who, make.rng.uniform(0.5, 20)), after=44)


def overdue(make: Maker, who: Customer) -> Order:
    """Paid, and not dispatched as promised."""
    return make.paid(who, make.rng.uniform(55, 120))


def moving(make: Maker, who: Customer) -> Order:
    """On its way."""
    return make.sent(who, make.rng.uniform(9, 35))


def arriving(make: Maker, who: Customer) -> Order:
    """With the courier at the door, or at a pickup point."""
    order = advance(make.sent(who, 38.5), make.now)
    if make.rng.random() < 0.5:
        return order
    number = order.parcels[0].tracking_number
    text = "快件已到自提点，请凭取件码领取"
    due = Due(make.ago(1).now, "track", number, "awaiting_pickup", text, order.recipient.city)
    return parts.schedule(order, due)


def stalled(make: Maker, who: Customer) -> Order:
    """No news for days."""
    return make.cut(make.sent(who, make.rng.uniform(90, 140)), 3)


def stalled_with_case(make: Maker, who: Customer) -> Order:
    """No news for days, and the desk looks into it."""
    return open_case(stalled(make, who), Report("stalled"), make.ago(3))[0]


def delayed(make: Maker, who: Customer) -> Order:
    """Moving, but later than promised."""
    order = make.cut(make.sent(who, make.rng.uniform(90, 100)), 4)
    parcel = order.parcels[0]
    city = order.recipient.city
    track = (
        Due(
            make.ago(10).now,
            "track",
            parcel.tracking_number,
            "in_transit",
            f"【{city}】受天气影响，运输延误",
            city,
        ),
        Due(
            make.now.after(9),
            "track",
            parcel.tracking_number,
            "out_for_delivery",
            f"【{city}】快递员正在派送",
            city,
        ),
        Due(
            make.now.after(14),
            "track",
            parcel.tracking_number,
            "signed",
            f"【{city}】快件已签收，签收人：本人",
            city,
        ),
    )
    return parts.schedule(order, *track)


def lost(make: Maker, who: Customer) -> Order:
    """The courier has lost it."""
    order = make.cut(make.sent(who, make.rng.uniform(150, 220)), 4)
    number = order.parcels[0].tracking_number
    at = make.ago(make.rng.uniform(4, 20)).now
    return parts.schedule(order, Due(at, "track", number, "lost", PARCEL_LOST, "杭州"))


def _signed(make: Maker, who: Customer, since: float) -> Order:
    """Signed for about `since` hours ago."""
    return advance(make.sent(who, since + 42), make.now)


def damaged(make: Maker, who: Customer) -> Order:
    """Arrived broken."""
    order = _signed(make, who, make.rng.uniform(4, 60))
    return open_case(order, Report("damaged", "", "外箱压扁，里面碎了"), make.ago(2))[0]


def not_received(make: Maker, who: Customer) -> Order:
    """Signed for, but not by the customer."""
    order = _signed(make, who, make.rng.uniform(6, 30))
    number = order.parcels[0].tracking_number
    return parts.with_parcel(order, number, trouble="not_received", signed_by="代收点")


def split(make: Maker, who: Customer) -> Order:
    """Two parcels, by two couriers."""
    order = make.paid(who, make.rng.uniform(20, 45), kinds=2)
    order = make.send(order, 6, "中通", "I1")
    return make.send(order, 16, "京东物流", "I2")


def signed(make: Maker, who: Customer) -> Order:
    """Arrived, within the days of return."""
    return _signed(make, who, make.rng.uniform(2, 150))


def completed(make: Maker, who: Customer) -> Order:
    """Long done."""
    return _signed(make, who, make.rng.uniform(300, 6000))


def cancelled(before: float | None) -> Life:
    """Cancelled so many hours ago after payment (None: before payment)."""

    def live(make: Maker, who: Customer) -> Order:
        if before is None:
            return cancel(make.place(who, 40), "不想要了", make.ago(39.8))[0]
        return cancel(make.paid(who, before + 5), "拍错了", make.ago(before))[0]

    return live


def expired(make: Maker, who: Customer) -> Order:
    """Never paid."""
    return make.place(who, make.rng.uniform(24, 2000))


def refund_failed(make: Maker, who: Customer) -> Order:
    """The money could not be given back."""
    order = advance(cancelled(60)(make, who), make.ago(10))
    refund = order.refunds[0].id
    order = parts.unschedule(order, "refund")
    order = parts.move_refund(order, refund, "failed", make.ago(9), "收款账户异常，退款被银行退回")
    return parts.with_refund(order, refund, failure="收款账户异常，请提供其他收款方式", expected=None)


def in_return(wish: tuple[ReturnKind, ReturnReason], hours: float, back: float | None = None) -> Life:
    """A return applied for `hours` ago, the goods sent back `back` hours ago."""
    return lambda make, who: make.returned(make.sent(who, hours + 60), hours, wish, back)


def rejected(make: Maker, who: Customer) -> Order:
    """The application was refused."""
    order = in_return(RETURN, 20)(make, who)
    found = order.returns[0].id
    order = parts.unschedule(order, "return")
    order = parts.move_return(order, found, "rejected", make.ago(5), "审核未通过：商品已拆封使用")
    return parts.with_return(order, found, reject_reason="商品已拆封使用，影响二次销售")


def withdrawn(make: Maker, who: Customer) -> Order:
    """Applied for, then never sent back."""
    return in_return(RETURN, 230)(make, who)


def invoiced(hours: float, state: str = "") -> Life:
    """An invoice asked for `hours` ago; with state "failed" it could not be made."""

    def live(make: Maker, who: Customer) -> Order:
        order = _signed(make, who, hours + make.rng.uniform(5, 80))
        ask = (
            Ask("electronic", who.name)
            if state
            else Ask("special", "杭州拾光贸易有限公司", "91330100MA2B1C3D4E")
        )
        order = request_invoice(order, ask, who.email, make.ago(hours))
        if state != "failed" or order.invoice is None:
            return order
        order = parts.unschedule(order, "invoice")
        failure = "发票抬头与税号不一致，请核对后重新申请"
        return replace(order, invoice=replace(order.invoice, state="failed", failure=failure, expected=None))  # type: ignore[type-var]

    return live


LIVES: tuple[tuple[int, Life], ...] = (
    (20, lambda make, who: make.place(who, make.rng.uniform(0.02, 0.3))),
    *(
        (8, failed(reason))
        for reason in ("wrong_details", "insufficient_balance", "network", "channel_fault")
    ),
    (20, closed_after_failures),
    (20, duplicate),
    (10, duplicate_refunding),
    (20, stray),
    (90, waiting),
    (40, overdue),
    (160, moving),
    (40, arriving),
    (25, stalled),
    (10, stalled_with_case),
    (30, delayed),
    (20, lost),
    (25, damaged),
    (25, not_received),
    (60, split),
    (250, signed),
    (600, completed),
    (40, cancelled(None)),
    (30, cancelled(5)),
    (30, cancelled(40)),
    (40, cancelled(100)),
    (40, expired),
    (15, refund_failed),
    (20, in_return(RETURN, 3)),
    (20, in_return(RETURN, 30)),
    (15, in_return(RETURN, 60, 20)),
    (15, in_return(RETURN, 100, 60)),
    (15, in_return(RETURN, 110, 80)),
    (15, in_return(RETURN, 150, 110)),
    (30, in_return(RETURN, 300, 200)),
    (15, rejected),
    (10, withdrawn),
    (10, in_return(EXCHANGE, 4)),
    (8, in_return(EXCHANGE, 31)),
    (8, in_return(EXCHANGE, 62, 22)),
    (8, in_return(EXCHANGE, 120, 85)),
    (12, in_return(EXCHANGE, 200, 150)),
    (10, in_return(REFUND_ONLY, 6)),
    (10, in_return(REFUND_ONLY, 40)),
    (15, invoiced(4)),
    (30, invoiced(100)),
    (10, invoiced(10, "failed")),
)
