"""What the bot changed at the shop, and what it would change once an agent allows it."""

from typing import Literal

import msgspec


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The audit line of one change: what, of which thing (an order's, parcel's, return's number), from `old` to `new`.

    The event that carries it says who and when; `key` is the one under which the shop did it, once.
    `outcome` is `unknown` when the shop's answer was lost: nobody but the shop knows.
    """

    what: str
    thing: str
    outcome: Literal["done", "refused", "unknown"]
    old: str = ""
    new: str = ""
    amount_fen: int = 0
    key: str = ""
    customer: str = ""
    approved_by: str = ""


class Proposal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A prepared change above the bot's limit; `text` tells agents what it is."""

    intent: str
    entities: dict[str, str]
    text: str
    amount_fen: int = 0


class Approved(msgspec.Struct, frozen=True):
    """Agent `by` allows the proposal of the hand-off event `of`."""

    of: int
    by: str
