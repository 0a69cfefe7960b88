"""What events say: frozen values, one for each kind of event (docs/wire.md)."""

from typing import Any, Literal

import msgspec

from bot.conversation.changed import Approved, Changed, Proposal
from bot.conversation.said import (
    Card as Card,
    CardField as CardField,
    CardItem as CardItem,
    CardShown as CardShown,
    CardStep as CardStep,
    Choice as Choice,
    Choices as Choices,
    File as File,
    Image as Image,
    Means as Means,
    Offer as Offer,
    OrderSummary as OrderSummary,
    Said as Said,
    Status as Status,
    Text as Text,
    Value,
)
from bot.conversation.ticket import Ticketed


class Customer(Value, frozen=True):
    """Who the shopper is; `verified` only when a signed identity said so. `lang` is what he reads."""

    id: str = ""
    name: str = ""
    level: str = ""
    verified: bool = False
    lang: str = "zh-CN"


class Met(Value, frozen=True):
    channel: str
    site: str
    customer: Customer


class Bound(Value, frozen=True):
    """From now on the shopper of an outside channel is this customer of the shop; without an id, nobody again.

    `how` is `link`, `phone`, `unbound` or, when only `notices` changed, `notices`; with `notices` he wants to be told of delays without asking.
    """

    customer: Customer
    how: Literal["link", "phone", "unbound", "notices"]
    notices: bool = False


class Reach(Value, frozen=True):
    """The platform now lets us send `most` messages within `lasts_s` seconds.

    `context` is what a message has to name so that it counts here (QQ: the id of the message it answers).
    """

    most: int
    lasts_s: int
    why: str
    context: str = ""


class Delivered(Value, frozen=True):
    """What became of the events `of` on their way out; `cost` messages of the quota were used for it.

    `unknown`: it was handed to the platform and no answer came, or we died meanwhile. `reason` is the
    platform's own, for people. `keys` are what the platform knows the messages by.
    """

    of: tuple[int, ...]
    state: Literal["sent", "failed", "unknown"]
    reason: str = ""
    cost: int = 0
    keys: tuple[str, ...] = ()


class HandedOff(Value, frozen=True):
    reason: str
    note: str = ""
    proposal: Proposal | None = None


class Claimed(Value, frozen=True):
    agent: str
    name: str


class Released(Value, frozen=True):
    """Back to the line, or (`cancelled`) to the bot; `passed_on` to whoever has the `skill`, with a note."""

    reason: Literal["agent_gone", "put_back", "cancelled", "passed_on", "unanswered"]
    skill: str = ""
    note: str = ""


class Transferred(Value, frozen=True):
    by: str = msgspec.field(name="from")
    to: str
    name: str
    note: str = ""


class Closed(Value, frozen=True):
    by: str


class Rated(Value, frozen=True):
    stars: int
    reasons: tuple[str, ...] = ()
    comment: str = ""


class Reading(Value, frozen=True):
    intent: str
    confidence: float


class Understood(Value, frozen=True):
    """How the bot read event `of`; confidences are calibrated probabilities."""

    of: int
    intent: str
    confidence: float
    ranking: tuple[Reading, ...] = ()
    entities: tuple[dict[str, Any], ...] = ()
    anger: float = 0.0
    decision: str = "answer"
    reason: str = ""
    second: Reading | None = None


class Acted(Value, frozen=True):
    of: int
    action: str
    slots: dict[str, Any] = msgspec.field(default_factory=dict)
    changes: tuple[Changed, ...] = ()


class Noted(Value, frozen=True):
    """Among colleagues; `to` are the agents it calls, a `whisper` is a supervisor's to the owner."""

    text: str
    to: tuple[str, ...] = ()
    whisper: bool = False


class Recalled(Value, frozen=True):
    """Event `of` was taken back by who said it: nobody but the desk sees its words any more."""

    of: int


Body = (
    Said
    | Met
    | Bound
    | Reach
    | Delivered
    | HandedOff
    | Claimed
    | Released
    | Transferred
    | Closed
    | Rated
    | Understood
    | Acted
    | Noted
    | Recalled
    | Ticketed
    | Approved
)


def offers_of(body: Body) -> tuple[Offer, ...]:
    """Everything that a shopper may press in this body."""
    match body:
        case Choices(choices=choices):
            return choices
        case CardShown(card=card):
            return card.choices
        case _:
            return ()


def plain_text(body: Body) -> str:
    """A body in one line of text, for lists and for channels without cards."""
    match body:
        case Text(text=text):
            return text
        case Choice(label=label):
            return label
        case Choices(text=text):
            return text
        case CardShown(card=card, text=text):
            return text or f"[{card.title}]"
        case Image(text=text):
            return text or "[图片]"
        case File(name=name):
            return f"[文件] {name}"
        case Noted(text=text):
            return text
        case _:
            return ""
