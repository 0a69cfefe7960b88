"""What the shop keeps. An order is one value with everything that belongs to it."""

from datetime import datetime
from typing import Literal

import msgspec

Status = Literal["pending_payment", "paid", "shipped", "signed", "completed", "cancelled"]
Trouble = Literal[
    "payment_failed",
    "duplicate_charge",
    "dispatch_overdue",
    "stalled",
    "delayed",
    "lost",
    "damaged",
    "not_received",
]
ParcelTrouble = Literal["stalled", "delayed", "lost", "damaged", "not_received"]
AfterSale = Literal["none", "returning", "exchanging", "refunding", "refunded", "refund_failed", "exchanged"]
ParcelState = Literal[
    "collected", "in_transit", "out_for_delivery", "awaiting_pickup", "signed", "lost", "returned"
]
ReturnKind = Literal["return", "exchange", "refund_only"]
ReturnReason = Literal["no_reason", "quality", "wrong_size", "wrong_goods", "damaged", "not_received"]
ReturnState = Literal[
    "reviewing",
    "rejected",
    "awaiting_goods",
    "goods_on_way",
    "checking",
    "refunding",
    "exchanging",
    "done",
    "withdrawn",
]
RefundState = Literal["reviewing", "processing", "arrived", "failed"]
PaymentState = Literal["pending", "succeeded", "failed", "refunded"]
Failure = Literal["wrong_details", "insufficient_balance", "network", "channel_fault"]
CaseState = Literal["accepted", "investigating", "proposed", "closed"]
InvoiceState = Literal["pending", "issued", "failed"]
InvoiceKind = Literal["electronic", "special"]
Courier = Literal["顺丰", "中通", "圆通", "韵达", "京东物流", "EMS"]
Does = Literal["expire", "dispatch", "track", "complete", "refund", "return", "invoice", "case", "late"]


class Due(msgspec.Struct, frozen=True):
    """Something that happens to an order by itself at `at`; `ref` names the part it happens to."""

    at: datetime
    does: Does
    ref: str = ""
    state: str = ""
    text: str = ""
    place: str = ""


class Recipient(msgspec.Struct, frozen=True):
    name: str
    phone: str
    address: str
    city: str


class Item(msgspec.Struct, frozen=True):
    id: str
    product: str
    name: str
    spec: str
    quantity: int
    price_fen: int
    image: str

    @property
    def amount_fen(self) -> int:
        """Price of all pieces together, in fen."""
        return self.price_fen * self.quantity


class Payment(msgspec.Struct, frozen=True):
    id: str
    method: str
    amount_fen: int
    state: PaymentState
    created: datetime
    failure: Failure | None = None
    duplicate: bool = False
    refund: str | None = None


class TrackingEvent(msgspec.Struct, frozen=True):
    time: datetime
    text: str
    place: str
    state: str = ""


class Parcel(msgspec.Struct, frozen=True):
    """One parcel; `events` are oldest first, `trouble` is what a courier or the customer reported."""

    tracking_number: str
    courier: str
    items: tuple[str, ...]
    state: ParcelState
    shipped_at: datetime
    expected: datetime
    events: tuple[TrackingEvent, ...] = ()
    trouble: ParcelTrouble | None = None
    signed_at: datetime | None = None
    signed_by: str = ""
    delivery_note: str = ""


class Step(msgspec.Struct, frozen=True):
    key: str
    text: str
    time: datetime


class Return(msgspec.Struct, frozen=True):
    id: str
    item: str
    quantity: int
    kind: ReturnKind
    reason: ReturnReason
    state: ReturnState
    amount_fen: int
    created: datetime
    steps: tuple[Step, ...]
    description: str = ""
    photos: tuple[str, ...] = ()
    courier: str = ""
    tracking_number: str = ""
    new_spec: str = ""
    reject_reason: str = ""
    refund: str | None = None
    pickup: str = ""


class Refund(msgspec.Struct, frozen=True):
    id: str
    reason: str
    amount_fen: int
    state: RefundState
    route: str
    created: datetime
    steps: tuple[Step, ...]
    expected: datetime | None = None
    arrived_at: datetime | None = None
    failure: str = ""
    return_id: str | None = None
    payment: str | None = None


class Invoice(msgspec.Struct, frozen=True):
    id: str
    kind: InvoiceKind
    title: str
    state: InvoiceState
    amount_fen: int
    requested: datetime
    tax_number: str = ""
    email: str = ""
    failure: str = ""
    expected: datetime | None = None
    issued_at: datetime | None = None
    sent_at: datetime | None = None


class Case(msgspec.Struct, frozen=True):
    id: str
    tracking_number: str
    kind: ParcelTrouble
    state: CaseState
    created: datetime
    feedback_before: datetime
    steps: tuple[Step, ...]
    description: str = ""
    result: str = ""
    photos: tuple[str, ...] = ()


class Order(msgspec.Struct, frozen=True):
    """An order with its whole life; `placed` is False for money that came without an order.

    `coupons_back` names the coupons that were given back because all of the order's money was.
    """

    number: str
    customer: str
    created: datetime
    status: Status
    items: tuple[Item, ...]
    recipient: Recipient
    freight_fen: int = 0
    discount_fen: int = 0
    placed: bool = True
    remark: str = ""
    payments: tuple[Payment, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    returns: tuple[Return, ...] = ()
    refunds: tuple[Refund, ...] = ()
    cases: tuple[Case, ...] = ()
    invoice: Invoice | None = None
    protected: tuple[str, ...] = ()
    pay_before: datetime | None = None
    paid_at: datetime | None = None
    dispatch_before: datetime | None = None
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    urged_at: datetime | None = None
    coupons_back: tuple[str, ...] = ()
    due: tuple[Due, ...] = ()

    @property
    def goods_fen(self) -> int:
        """All items together, in fen."""
        return sum(item.amount_fen for item in self.items)

    @property
    def amount_fen(self) -> int:
        """What the customer has to pay, in fen."""
        return self.goods_fen + self.freight_fen - self.discount_fen

    @property
    def next_at(self) -> datetime | None:
        """When the next thing happens by itself."""
        return min((due.at for due in self.due), default=None)
