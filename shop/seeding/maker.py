"""Makes orders by living them: each is placed in the past and moved on by the shop's own rules."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from shop import parts
from shop.aftersale import Application, SendBack, open_return, send_back
from shop.journey import COURIERS, tracking_number
from shop.moments import Moment, whole
from shop.people import Customer, Product
from shop.progress import advance
from shop.values import Due, Failure, Item, Order, Payment, Recipient, ReturnKind, ReturnReason

PAY_HOURS = 0.5
DISPATCH_HOURS = 48.0
METHODS = ("微信支付", "支付宝", "银联云闪付", "银行卡", "数字人民币")
FREE_FREIGHT_FEN = 9900


class Maker:
    """Places orders for one customer after the other; `hours` always means hours before now."""

    def __init__(self, rng: random.Random, products: Sequence[Product], moment: Moment) -> None:
        self.rng = rng
        self.products = products
        self.now = Moment(moment.now)
        self.speed = moment.speed
        self._numbers: set[str] = set()

    def ago(self, hours: float) -> Moment:
        """That many hours before now."""
        return Moment(self.now.now - timedelta(hours=hours))

    def place(self, customer: Customer, hours: float, names: Sequence[str] = (), kinds: int = 0) -> Order:
        """A new order, not yet paid."""
        at = self.ago(hours)
        if names:
            chosen = [next(p for p in self.products if p.name == name) for name in names]
        else:
            chosen = self.rng.sample(self.products, kinds or self.rng.choice((1, 1, 1, 2, 2, 3)))
        items = tuple(self._item(n, product) for n, product in enumerate(chosen, 1))
        goods = sum(item.amount_fen for item in items)
        order = Order(
            number=self._number(at),
            customer=customer.id,
            created=at.now,
            status="pending_payment",
            items=items,
            recipient=Recipient(customer.name, customer.phone, customer.address, customer.city),
            freight_fen=0 if goods >= FREE_FREIGHT_FEN else 800,
            discount_fen=1000 if goods >= 9900 and self.rng.random() < 0.3 else 0,
            remark=self.rng.choice(("", "", "", "请用纸箱包装", "工作日送货", "送人，请不要放价格单")),
            pay_before=at.after(PAY_HOURS),
        )
        return parts.schedule(order, Due(at.after(PAY_HOURS), "expire"))

    def _number(self, at: Moment) -> str:
        while True:
            number = f"{at.now:%Y%m%d}{self.rng.randint(0, 10**10 - 1):010d}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _item(self, n: int, product: Product) -> Item:
        spec = self.rng.choice(product.specs)
        dearer = self.rng.choice((0, 0, 0, 0, 2000)) if spec.price_fen > 5000 else 0
        quantity = self.rng.choice((1, 1, 1, 1, 2))
        return Item(
            f"I{n}", product.id, product.name, spec.spec, quantity, spec.price_fen + dearer, product.image
        )

    def try_to_pay(self, order: Order, failure: Failure | None = None, minutes: float = 3) -> Order:
        """The order after one more attempt to pay; without a failure it is paid."""
        at = Moment(order.created + timedelta(minutes=minutes))
        method = order.payments[0].method if order.payments else self.rng.choice(METHODS)
        payment = Payment(
            id=f"PM{order.number}{len(order.payments) + 1:02d}",
            method=method,
            amount_fen=order.amount_fen,
            state="failed" if failure else "succeeded",
            created=at.now,
            failure=failure,
            duplicate=order.paid_at is not None and failure is None,
        )
        order = replace(order, payments=(*order.payments, payment))
        if failure or payment.duplicate:
            return order
        order = parts.unschedule(order, "expire")
        return replace(
            order, status="paid", paid_at=at.now, dispatch_before=at.after(DISPATCH_HOURS), pay_before=None
        )

    def paid(self, customer: Customer, hours: float, names: Sequence[str] = (), kinds: int = 0) -> Order:
        """A paid order."""
        return self.try_to_pay(self.place(customer, hours, names, kinds))

    def send(self, order: Order, after: float = 8, courier: str = "", items: str = "") -> Order:
        """The order with a parcel to leave `after` hours after it was placed."""
        at = Moment(order.created).after(after)
        return parts.schedule(order, Due(at, "dispatch", items, "", courier or self.rng.choice(COURIERS)))

    def sent(self, customer: Customer, hours: float, names: Sequence[str] = (), courier: str = "") -> Order:
        """A paid order whose parcel left eight hours after it was placed."""
        return self.send(self.paid(customer, hours, names), courier=courier)

    def returned(
        self, order: Order, hours: float, wish: tuple[ReturnKind, ReturnReason], back: float | None = None
    ) -> Order:
        """The order with a return applied for `hours` ago and the goods sent back `back` hours ago."""
        order = advance(order, self.ago(hours))
        asked = Application(order.items[0].id, *wish, description="颜色和图片不一样，想退掉")
        order, found = open_return(order, asked, self.ago(hours))
        if back is not None:
            order = advance(order, self.ago(back))
            courier = self.rng.choice(COURIERS)
            sent = SendBack(courier, tracking_number(courier, found.id))
            order = send_back(order, found.id, sent, self.ago(back))
        return order

    def cut(self, order: Order, keep: int) -> Order:
        """The order just dispatched, its parcel to report no more than `keep` events ever."""
        order = advance(order, Moment(Moment(order.created).after(8.1)))
        number = order.parcels[0].tracking_number
        left = keep - len(order.parcels[0].events)
        tracks = sorted((d for d in order.due if d.does == "track" and d.ref == number), key=lambda d: d.at)
        order = parts.unschedule(order, "track", number)
        return parts.schedule(order, *tracks[: max(left, 0)])

    def settle(self, order: Order) -> Order:
        """The order as it is now, what is still to come moved nearer by the shop's speed."""
        order = advance(order, self.now)
        if self.speed == 1:
            return order
        nearer = self._nearer
        return replace(
            order,
            due=tuple(replace(d, at=nearer(d.at)) for d in order.due),
            parcels=tuple(replace(p, expected=nearer(p.expected)) for p in order.parcels),
            refunds=tuple(
                replace(r, expected=nearer(r.expected) if r.expected else None) for r in order.refunds
            ),
            pay_before=nearer(order.pay_before) if order.pay_before else None,
            dispatch_before=nearer(order.dispatch_before) if order.dispatch_before else None,
        )

    def _nearer(self, time: datetime) -> datetime:
        """A time to come, as much nearer as the shop is faster; a time gone by as it is."""
        wait = time - self.now.now
        return whole(self.now.now + wait / self.speed) if wait > timedelta(0) else time
