"""What an action says: the shapes of docs/wire.md as frozen values."""

import msgspec


class Means(msgspec.Struct, frozen=True, omit_defaults=True):
    """What pressing a choice means: an intent with entities, an entry of the FAQ, a human, or to be bound."""

    intent: str = ""
    entities: dict[str, str] = {}
    faq: str = ""
    human: bool = False
    bind: bool = False


class Status(msgspec.Struct, frozen=True):
    text: str
    tone: str = "info"


class OrderTile(msgspec.Struct, frozen=True):
    """One order in a picker; `created` is ISO 8601."""

    number: str
    title: str
    image: str
    status: Status
    amount_fen: int
    created: str


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """`id` is given when it is said, so that it is unique within its message."""

    label: str
    means: Means
    order: OrderTile | None = None
    id: str = ""


class Field(msgspec.Struct, frozen=True):
    label: str
    value: str


class Step(msgspec.Struct, frozen=True):
    """Newest first; `time` is ISO 8601, empty for what is still to come."""

    time: str
    text: str
    done: bool = True


class CardItem(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    spec: str = ""
    quantity: int = 1
    amount_fen: int | None = None
    image: str = ""


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: str
    title: str
    order: str = ""
    image: str = ""
    status: Status | None = None
    fields: tuple[Field, ...] = ()
    steps: tuple[Step, ...] = ()
    items: tuple[CardItem, ...] = ()
    amount_fen: int | None = None
    as_of: str = ""
    choices: tuple[Choice, ...] = ()


def press(label: str, intent: str, **entities: str) -> Choice:
    """A choice that stands for asking `intent` with these entities."""
    return Choice(label, Means(intent=intent, entities=entities))
