"""An order as Vendure's Admin API tells it."""

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from actions.platforms import values

CHINA = timezone(timedelta(hours=8))
STATUS: dict[str, values.OrderStatus] = {
    "ArrangingPayment": "pending_payment",
    "PaymentAuthorized": "paid",
    "PaymentSettled": "paid",
    "Modifying": "paid",
    "ArrangingAdditionalPayment": "paid",
    "PartiallyShipped": "shipped",
    "Shipped": "shipped",
    "PartiallyDelivered": "shipped",
    "Delivered": "signed",
    "Cancelled": "cancelled",
}


def here(time: datetime) -> datetime:
    """The same time as a Chinese clock shows it."""
    return time.astimezone(CHINA)


class _Told(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Outcome(msgspec.Struct, frozen=True):
    """What a change came to: the kind of thing that it gave, or of error."""

    kind: str = msgspec.field(name="__typename")
    errorCode: str = ""  # noqa: N815 - theirs


class Asset(_Told, frozen=True):
    preview: str


class Named(_Told, frozen=True):
    id: str
    name: str = ""


class Variant(_Told, frozen=True):
    id: str
    name: str
    product: Named


class Line(_Told, frozen=True):
    id: str
    quantity: int
    unit_price_with_tax: int
    discounted_line_price_with_tax: int
    product_variant: Variant
    featured_asset: Asset | None = None


class Refunded(_Told, frozen=True):
    id: str
    created_at: datetime
    updated_at: datetime
    total: int
    state: str
    reason: str | None = None


class Paid(_Told, frozen=True):
    id: str
    created_at: datetime
    method: str
    amount: int
    state: str
    transaction_id: str | None = None
    refunds: tuple[Refunded, ...] = ()

    @property
    def left(self) -> int:
        """What of it was not given back, in the smallest unit."""
        return self.amount - sum(each.total for each in self.refunds if each.state != "Failed")


class Part(_Told, frozen=True):
    order_line_id: str
    quantity: int


class Fulfilled(_Told, frozen=True):
    id: str
    state: str
    method: str
    created_at: datetime
    tracking_code: str | None = None
    lines: tuple[Part, ...] = ()


class Address(_Told, frozen=True):
    full_name: str | None = None
    city: str | None = None
    province: str | None = None
    phone_number: str | None = None


class Happened(_Told, frozen=True):
    type: str
    created_at: datetime
    data: dict[str, Any]


class History(_Told, frozen=True):
    items: tuple[Happened, ...]


class Sale(_Told, frozen=True):
    """An order as Vendure tells it."""

    id: str
    code: str
    state: str
    currency_code: str
    created_at: datetime
    sub_total_with_tax: int
    shipping_with_tax: int
    total_with_tax: int
    lines: tuple[Line, ...]
    payments: tuple[Paid, ...] | None
    fulfillments: tuple[Fulfilled, ...] | None
    history: History
    order_placed_at: datetime | None = None
    shipping_address: Address | None = None

    @property
    def status(self) -> values.OrderStatus:
        """What a customer would call its state."""
        return STATUS.get(self.state, "pending_payment")

    def when(self, state: str) -> datetime | None:
        """When it came into that state first."""
        return next(
            (
                here(each.created_at)
                for each in self.history.items
                if each.type == "ORDER_STATE_TRANSITION" and each.data.get("to") == state
            ),
            None,
        )
