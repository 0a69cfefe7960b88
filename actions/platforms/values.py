"""What a shop tells us: frozen values, the same for every platform.

Money is in fen, times carry their offset. Sentences in Chinese (`*_text`, `reason`,
`message`) come from the shop and may be shown as they are; everything that an action
decides on is one of the named states.
"""

from typing import Literal

import msgspec

from actions.platforms.after_order import (
    Case as Case,
    CaseKind as CaseKind,
    CaseStep as CaseStep,
    Eligibility as Eligibility,
    Fen as Fen,
    Invoice as Invoice,
    ItemEligibility as ItemEligibility,
    NextStep as NextStep,
    Payer as Payer,
    Refund as Refund,
    Return as Return,
    ReturnKind as ReturnKind,
    Shipment as Shipment,
    Step as Step,
    TrackingEvent as TrackingEvent,
    Verdict as Verdict,
)
from actions.platforms.aftercare import Ticket, Time, Value

Tone = Literal["info", "good", "warn", "bad"]
OrderStatus = Literal["pending_payment", "paid", "shipped", "signed", "completed", "cancelled"]
OrderException = CaseKind | Literal["payment_failed", "duplicate_charge", "dispatch_overdue"]
ReturnReason = Literal["no_reason", "quality", "wrong_size", "wrong_goods", "damaged", "not_received"]


class Spec(Value, frozen=True):
    spec: str
    price_fen: Fen
    stock: int


class Product(Value, frozen=True):
    """`url` is the shop's own page of it, empty when there is none; a warranty of 0 months is unknown."""

    id: str
    name: str
    category: str
    brand: str
    model: str
    origin: str
    material: str
    weight_g: int
    image: str
    price_fen: Fen
    specs: tuple[Spec, ...]
    stock: int
    rating: float
    return_days: int
    returnable: bool
    not_returnable_reason: str
    description: str
    url: str = ""
    warranty_months: int = 0


class Member(Value, frozen=True):
    """The customer as the shop knows him, masked by the shop; `notify`: he wants to hear from us by himself."""

    id: str
    name: str
    phone: str
    email: str
    level: str
    points: int
    address: str
    registered: Time
    vip: bool = False
    notify: bool = False


class Coupon(Value, frozen=True):
    id: str
    name: str
    kind: Literal["amount_off", "discount", "gift"]
    state: Literal["usable", "used", "expired"]
    amount_off_fen: Fen
    discount_percent: int
    minimum_fen: Fen
    scope: str
    valid_until: Time
    stackable: bool


class PointsChange(Value, frozen=True):
    time: Time
    points: int
    text: str


class Points(Value, frozen=True):
    balance: int
    expiring: int
    expiring_at: Time | None
    changes: tuple[PointsChange, ...]


class Item(Value, frozen=True):
    id: str
    product_id: str
    name: str
    spec: str
    quantity: int
    price_fen: Fen
    amount_fen: Fen
    image: str
    after_sale: str


class Recipient(Value, frozen=True):
    """Masked by the shop."""

    name: str
    phone: str
    address: str


class OrderSummary(Value, frozen=True):
    number: str
    title: str
    image: str
    status: OrderStatus
    status_text: str
    tone: Tone
    exceptions: tuple[OrderException, ...]
    exception_texts: tuple[str, ...]
    after_sale: str
    amount_fen: Fen
    parcels: int
    created: Time


class Order(OrderSummary, frozen=True, kw_only=True):
    """`can` names what the shop would let its customer do with the order now; `url` is its page in the shop.

    `again_url` is the shop's page that orders the same goods once more, empty when there is none.
    """

    items: tuple[Item, ...]
    goods_fen: Fen
    freight_fen: Fen
    discount_fen: Fen
    paid_fen: Fen
    refunded_fen: Fen
    recipient: Recipient
    pay_before: Time | None
    paid_at: Time | None
    dispatch_before: Time | None
    dispatched_at: Time | None
    signed_at: Time | None
    cancelled_at: Time | None
    cancel_reason: str
    urged_at: Time | None
    next: NextStep | None
    can: tuple[str, ...]
    as_of: Time
    remark: str = ""
    url: str = ""
    again_url: str = ""


class Payment(Value, frozen=True):
    """`failure_text` says why it failed and `advice` what to do; both empty when it did not.

    `trade` is what the payment provider knows it by, where a provider was asked.
    """

    id: str
    order: str | None
    method: str
    amount_fen: Fen
    state: Literal["pending", "succeeded", "failed", "refunded"]
    failure_text: str
    advice: str
    duplicate: bool
    without_order: bool
    refund: str | None
    created: Time
    trade: str = ""
    failure: str | None = None


class Done(Value, frozen=True):
    """What the shop says after it has changed something, with what it changed.

    `coupons` names the coupons that came back to the customer with it.
    """

    message: str
    order: Order | None = None
    refund: Refund | None = None
    shipment: Shipment | None = None
    case: Case | None = None
    invoice: Invoice | None = None
    sent_back: Return | None = msgspec.field(name="return", default=None)
    ticket: Ticket | None = None
    coupons: tuple[str, ...] = ()
