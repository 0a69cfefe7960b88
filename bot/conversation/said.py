"""What people and the bot say to each other: text, choices, cards, pictures and files (docs/wire.md)."""

from typing import Literal

import msgspec


class Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    """Unknown fields are of a newer process, and left alone."""


class Status(Value, frozen=True):
    text: str
    tone: Literal["info", "good", "warn", "bad"] = "info"


class OrderSummary(Value, frozen=True):
    """One order as a picker shows it; the amount is in fen."""

    number: str
    title: str
    image: str = ""
    status: Status | None = None
    amount_fen: int | None = None
    created: str = ""


class Means(Value, frozen=True):
    """What pressing a choice means; stays on the server."""

    intent: str = ""
    entities: dict[str, str] = {}
    human: bool = False
    faq: str = ""
    bind: bool = False


class Offer(Value, frozen=True):
    """One thing a shopper may press."""

    id: str
    label: str
    order: OrderSummary | None = None
    means: Means | None = None


class CardField(Value, frozen=True):
    label: str
    value: str


class CardStep(Value, frozen=True):
    time: str
    text: str
    done: bool = True


class CardItem(Value, frozen=True):
    name: str
    spec: str = ""
    quantity: int = 1
    amount_fen: int | None = None
    image: str = ""


class Card(Value, frozen=True):
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


class Text(Value, frozen=True, tag_field="type", tag="text"):
    text: str


class Choice(Value, frozen=True, tag_field="type", tag="choice"):
    """A press on offer `choice` of event `of`."""

    of: int
    choice: str
    label: str = ""


class Choices(Value, frozen=True, tag_field="type", tag="choices"):
    text: str
    choices: tuple[Offer, ...]


class CardShown(Value, frozen=True, tag_field="type", tag="card"):
    card: Card
    text: str = ""


class Image(Value, frozen=True, tag_field="type", tag="image"):
    """A picture; `url` is a path on the gateway (`/media/…`), `text` what was written beside it."""

    url: str
    text: str = ""


class File(Value, frozen=True, tag_field="type", tag="file"):
    """A document that the house keeps at `url` (`/media/…`); `size` in bytes."""

    url: str
    name: str
    size: int


Said = Text | Choice | Choices | CardShown | Image | File
