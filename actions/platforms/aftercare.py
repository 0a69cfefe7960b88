"""Tickets: what people look into for a customer. Times carry their offset, sentences in Chinese come from the shop."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Time = Annotated[datetime, msgspec.Meta(tz=True)]
"""One without an offset is not a time: nobody knows when it is."""
TicketKind = Literal[
    "compensation", "complaint", "installation", "repair", "payment", "invoice", "account", "other"
]
TicketState = Literal["accepted", "investigating", "proposed", "closed"]


class Value(msgspec.Struct, frozen=True):
    """Fields that we don't know are let through, so that a shop may grow."""


class TicketStep(Value, frozen=True):
    time: Time
    text: str


class Ticket(Value, frozen=True):
    """`feedback_before` is promised to the customer; `result` is empty until there is one."""

    id: str
    kind: TicketKind
    kind_text: str
    order: str | None
    state: TicketState
    state_text: str
    result: str
    feedback_before: Time
    created: Time
    steps: tuple[TicketStep, ...]
    day: str = ""
