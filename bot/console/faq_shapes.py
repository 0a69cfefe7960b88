"""What the calls of the FAQ's desk take and answer."""

from typing import Annotated

import msgspec

from bot.archive.faq_book import Draft, FaqText, Version
from bot.console.numbers import Whole
from bot.console.workshop import Value

LONGEST_NAME = 64
_MOST_LINES = 100

Short = Annotated[str, msgspec.Meta(max_length=200)]
Long = Annotated[str, msgspec.Meta(max_length=4000)]
Few = Annotated[tuple[Short, ...], msgspec.Meta(max_length=_MOST_LINES)]


class Text(msgspec.Struct, frozen=True):
    """An entry as it is written; answers may hold `{names}` of the shop's values."""

    question: Short
    phrasings: Few
    answer: Long
    answer_en: Long
    intents: Few = ()
    related: Few = ()


class Listed(msgspec.Struct, frozen=True):
    """An entry as it answers now; `state` is `shipped`, `changed`, `own` or `withdrawn`, or `new` without an answer yet."""

    id: str
    topic: str
    state: str
    draft: bool
    text: FaqText
    version: int
    by_name: str
    ts: int


class Faq(msgspec.Struct, frozen=True):
    """Everything the bot knows, and the values of the shop that fill its answers."""

    edition: int
    entries: list[Listed]
    values: dict[str, Value]


class Entry(msgspec.Struct, frozen=True):
    """One entry: as it was `shipped`, as it is published, its draft, and its versions, the last first."""

    id: str
    shipped: FaqText | None
    published: FaqText | None
    draft: Draft | None
    versions: list[Version]


class New(msgspec.Struct, frozen=True):
    topic: Annotated[str, msgspec.Meta(max_length=32)]
    text: Text


class Saved(msgspec.Struct, frozen=True):
    """`rev` is that of the draft that was looked at; 0 when there was none."""

    rev: Whole
    text: Text


class AtRev(msgspec.Struct, frozen=True):
    rev: Whole


class Back(msgspec.Struct, frozen=True):
    """To which version; 0 is what was shipped."""

    version: Whole


class DraftKept(msgspec.Struct, frozen=True):
    draft: Draft


class Published(msgspec.Struct, frozen=True):
    """The running bot answers with it within seconds."""

    version: Version
    edition: int


class ToCheck(msgspec.Struct, frozen=True):
    """A draft of `entry` ("" for a new one); with `full` it is also asked whose words it would take."""

    text: Text
    entry: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)] = ""
    full: bool = False


class ToAsk(msgspec.Struct, frozen=True):
    """What a shopper would type; with `text`, as if that draft of `entry` were published."""

    words: Annotated[str, msgspec.Meta(max_length=2000)]
    text: Text | None = None
    entry: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)] = ""
