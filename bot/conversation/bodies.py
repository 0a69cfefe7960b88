"""What events say: frozen values, one for each kind of event (docs/wire.md)."""

from typing import Any, Literal

import msgspec

from bot.conversation.changed import Approved, Changed, Proposal
from bot.conversation.ticket import Ticketed


class _Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    pass


class Status(_Value, frozen=True):
    text: str
    tone: Literal["info", "good", "warn", "bad"] = "info"


class OrderSummary(_Value, frozen=True):
    """One order as a picker shows it; the amount is in fen."""

    number: str
    title: str
    image: str = ""
    status: Status | None = None
    amount_fen: int | None = None
    created: str = ""


class Means(_Value, frozen=True):
    """What pressing a choice means; stays on the server."""

    intent: str = ""
    entities: dict[str, str] = {}
    human: bool = False
    faq: str = ""
    bind: bool = False


class Offer(_Value, frozen=True):
    """One thing a shopper may press."""

    id: str
    label: str
    order: OrderSummary | None = None
    means: Means | None = None


class CardField(_Value, frozen=True):
    label: str
    value: str


class CardStep(_Value, frozen=True):
    time: str
    text: str
    done: bool = True


class CardItem(_Value, frozen=True):
    name: str
    spec: str = ""
    quantity: int = 1
    amount_fen: int | None = None
    image: str = ""


class Card(_Value, frozen=True):
    """A card of any topic; `as_of` is when its data was read from the shop (ISO 8601)."""

    kind: str
    title: str
    order: str = ""
    image: str = ""
    status: Status | None = None
    fields: tuple[CardField, ...] = ()
    steps: tuple[CardStep, ...] = ()
    items: tuple[CardItem, ...] = ()
    amount_fen: int | None = None
    as_of: str = ""
    choices: tuple[Offer, ...] = ()


class Text(_Value, frozen=True, tag_field="type", tag="text"):
    text: str


class Choice(_Value, frozen=True, tag_field="type", tag="choice"):
    """A press on offer `choice` of event `of`."""

    of: int
    choice: str
    label: str = ""


class Choices(_Value, frozen=True, tag_field="type", tag="choices"):
    text: str
    choices: tuple[Offer, ...]


class CardShown(_Value, frozen=True, tag_field="type", tag="card"):
    card: Card
    text: str = ""


class Image(_Value, frozen=True, tag_field="type", tag="image"):
    """A picture; `url` is a path on the gateway (`/media/…`), `text` what was written beside it."""

    url: str
    text: str = ""


class File(_Value, frozen=True, tag_field="type", tag="file"):
    """A document that the house keeps at `url` (`/media/…`); `size` in bytes."""

    url: str
    name: str
    size: int


Said = Text | Choice | Choices | CardShown | Image | File


class Customer(_Value, frozen=True):
    """Who the shopper is; `verified` only when a signed identity said so. `lang` is what he reads."""

    id: str = ""
    name: str = ""
    level: str = ""
    verified: bool = False
    lang: str = "zh-CN"


class Met(_Value, frozen=True):
    channel: str
    site: str
    customer: Customer


class Bound(_Value, frozen=True):
    """From now on the shopper of an outside channel is this customer of the shop; without an id, nobody again.

    `how` is `link`, `phone`, `unbound` or, when only `notices` changed, `notices`; with `notices` he wants to be told of delays without asking.
    """

    customer: Customer
    how: Literal["link", "phone", "unbound", "notices"]
    notices: bool = False


class Reach(_Value, frozen=True):
    """The platform now lets us send `most` messages within `lasts_s` seconds.

    `context` is what a message has to name so that it counts here (QQ: the id of the message it answers).
    """

    most: int
    lasts_s: int
    why: str
    context: str = ""


class Delivered(_Value, frozen=True):
    """What became of the events `of` on their way out; `cost` messages of the quota were used for it.

    `unknown`: it was handed to the platform and no answer came, or we died meanwhile. `reason` is the
    platform's own, for people. `keys` are what the platform knows the messages by.
    """

    of: tuple[int, ...]
    state: Literal["sent", "failed", "unknown"]
    reason: str = ""
    cost: int = 0
    keys: tuple[str, ...] = ()


class HandedOff(_Value, frozen=True):
    reason: str
    note: str = ""
    proposal: Proposal | None = None


class Claimed(_Value, frozen=True):
    agent: str
    name: str


class Released(_Value, frozen=True):
    """Back to the line, or (`cancelled`) to the bot; `passed_on` to whoever has the `skill`, with a note."""

    reason: Literal["agent_gone", "put_back", "cancelled", "passed_on", "unanswered"]
    skill: str = ""
    note: str = ""


class Transferred(_Value, frozen=True):
    by: str = msgspec.field(name="from")
    to: str
    name: str
    note: str = ""


class Closed(_Value, frozen=True):
    by: str


class Rated(_Value, frozen=True):
    stars: int
    reasons: tuple[str, ...] = ()
    comment: str = ""


class Reading(_Value, frozen=True):
    intent: str
    confidence: float


class Understood(_Value, frozen=True):
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


class Acted(_Value, frozen=True):
    of: int
    action: str
    slots: dict[str, Any] = {}
    changes: tuple[Changed, ...] = ()


class Noted(_Value, frozen=True):
    """Among colleagues; `to` are the agents it calls, a `whisper` is a supervisor's to the owner."""

    text: str
    to: tuple[str, ...] = ()
    whisper: bool = False


class Recalled(_Value, frozen=True):
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
