"""What a shop tells us: frozen values, the same for every platform.

Money is in fen, times carry their offset. Sentences in Chinese (`*_text`, `reason`,
`message`) come from the shop and may be shown as they are; everything that an action
decides on is one of the named states.
"""

from typing import Annotated, Literal

import msgspec

from actions.platforms.aftercare import Ticket, Time, Value

Fen = Annotated[int, msgspec.Meta(ge=0)]
Tone = Literal["info", "good", "warn", "bad"]
OrderStatus = Literal["pending_payment", "paid", "shipped", "signed", "completed", "cancelled"]
CaseKind = Literal["stalled", "delayed", "lost", "damaged", "not_received"]
OrderException = CaseKind | Literal["payment_failed", "duplicate_charge", "dispatch_overdue"]
ReturnKind = Literal["return", "exchange", "refund_only"]
ReturnReason = Literal["no_reason", "quality", "wrong_size", "wrong_goods", "damaged", "not_received"]
Payer = Literal["buyer", "seller"]


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


class NextStep(Value, frozen=True):
    """`code` is the state that comes next, empty when the shop does not name it."""

    text: str
    expected: Time | None
    code: str = ""


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


class TrackingEvent(Value, frozen=True):
    """`state` is the parcel's since this event, empty when the shop does not name it."""

    time: Time
    text: str
    place: str
    state: str = ""


class Shipment(Value, frozen=True):
    """One parcel; `parcel` of `parcels`, newest event first.

    `phone` is the last four digits of the receiver's, where the shop gives them: some couriers ask for them.
    """

    order: str
    courier: str
    tracking_number: str
    courier_phone: str
    state: Literal[
        "collected", "in_transit", "out_for_delivery", "awaiting_pickup", "signed", "lost", "returned"
    ]
    state_text: str
    exception: CaseKind | None
    exception_text: str
    items: tuple[str, ...]
    parcel: int
    parcels: int
    expected: Time | None
    signed_at: Time | None
    signed_by: str
    delivery_note: str
    events: tuple[TrackingEvent, ...]
    as_of: Time
    phone: str = ""


class CaseStep(Value, frozen=True):
    time: Time
    text: str


class Case(Value, frozen=True):
    """What the desk looks into with the courier; `feedback_before` is promised to the customer."""

    id: str
    order: str
    tracking_number: str
    kind: CaseKind
    kind_text: str
    state: Literal["accepted", "investigating", "proposed", "closed"]
    state_text: str
    result: str
    feedback_before: Time
    created: Time
    steps: tuple[CaseStep, ...]


class Verdict(Value, frozen=True):
    """Whether something is allowed, the shop's sentence why (not), and until when."""

    allowed: bool
    code: str
    reason: str
    until: Time | None


class ItemEligibility(Value, frozen=True):
    item: str
    name: str
    send_back: Verdict = msgspec.field(name="return")
    exchange: Verdict
    refund_only: Verdict
    freight: Payer
    price_protection: Verdict


class Eligibility(Value, frozen=True):
    order: str
    cancel: Verdict
    modify: Verdict
    urge: Verdict
    invoice: Verdict
    items: tuple[ItemEligibility, ...]


class Step(Value, frozen=True):
    key: str
    text: str
    time: Time | None
    done: bool


class Return(Value, frozen=True):
    """A return or an exchange under way or ended; `pickup` says when a courier fetches the goods."""

    id: str
    order: str
    name: str
    spec: str
    image: str
    quantity: int
    kind: ReturnKind
    kind_text: str
    reason_text: str
    state: str
    state_text: str
    reject_reason: str
    amount_fen: Fen
    freight: Payer
    return_address: str
    refund: str | None
    created: Time
    next: NextStep | None
    steps: tuple[Step, ...]
    reason: str = ""
    courier: str = ""
    tracking_number: str = ""
    pickup: str = ""


class Refund(Value, frozen=True):
    """`route` says where the money goes; `expected` is the day on which it should be there.

    `coupons` names the coupons that the customer has again because all of the order's money went back.
    """

    id: str
    order: str | None
    reason: str
    amount_fen: Fen
    state: Literal["reviewing", "processing", "arrived", "failed"]
    state_text: str
    route: str
    failure: str
    created: Time
    expected: Time | None
    arrived_at: Time | None
    steps: tuple[Step, ...]
    method: str = ""
    coupons: tuple[str, ...] = ()


class Invoice(Value, frozen=True):
    """State `none` when it was never asked for."""

    order: str
    id: str | None
    state: Literal["none", "pending", "issued", "failed"]
    state_text: str
    kind: Literal["electronic", "special"] | None
    title: str
    tax_number: str
    email: str
    amount_fen: Fen
    failure: str
    expected: Time | None
    issued_at: Time | None
    sent_at: Time | None


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
