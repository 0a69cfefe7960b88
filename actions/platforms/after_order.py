"""What follows on an order: parcels, cases, returns, refunds, invoices; as a shop tells them (`values.py`)."""

from typing import Annotated, Literal

import msgspec

from actions.platforms.aftercare import Time, Value

Fen = Annotated[int, msgspec.Meta(ge=0)]
CaseKind = Literal["stalled", "delayed", "lost", "damaged", "not_received"]
ReturnKind = Literal["return", "exchange", "refund_only"]
Payer = Literal["buyer", "seller"]


class NextStep(Value, frozen=True):
    """`code` is the state that comes next, empty when the shop does not name it."""

    text: str
    expected: Time | None
    code: str = ""


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
