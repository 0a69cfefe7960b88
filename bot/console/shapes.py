"""What the console's calls answer, as values: the API's document is made from these (docs/api/README.md)."""

from typing import Any

import msgspec

from bot.archive.accounts import AgentRole
from bot.archive.lessons import Lesson
from bot.archive.reports import NarrowTo
from bot.archive.services import Counted
from bot.archive.teaching import Cluster, Reading
from bot.archive.tickets import Filed, StepTaken
from bot.conversation.events import Kind, Sender
from bot.conversation.ticket import Ticket
from bot.desk.desk_rules import Promise
from bot.desk.packet import Packet
from bot.desk.presence import Word
from bot.desk.summary import Summary


class Event(msgspec.Struct, frozen=True):
    """A numbered event; what `body` has depends on `kind`."""

    seq: int
    id: str
    kind: Kind
    ts: int
    body: dict[str, Any]
    sender: Sender = msgspec.field(name="from")


class Wrong(msgspec.Struct, frozen=True):
    """`code` is for programs, `message` for people; `state` is how a conversation is now, after a lost race."""

    code: str
    message: str
    state: Summary | msgspec.UnsetType = msgspec.UNSET


class Refusal(msgspec.Struct, frozen=True):
    error: Wrong


class AgentShown(msgspec.Struct, frozen=True):
    id: str
    name: str
    display: str
    role: AgentRole


class SignedIn(msgspec.Struct, frozen=True):
    """`csrf` goes into the header X-CSRF-Token of every call that changes something.

    `unsecured`: a second factor must be set up (`me/factor`) before any other call is answered.
    """

    agent: AgentShown
    csrf: str
    unsecured: bool


class Counts(msgspec.Struct, frozen=True):
    mine: int
    line: int
    all: int


class Listed(msgspec.Struct, frozen=True):
    """One page; `next` is the cursor of the following one."""

    conversations: list[Summary]
    counts: Counts
    next: str | None


class Opened(msgspec.Struct, frozen=True):
    """A conversation with its last 200 events; `more` when there are earlier ones."""

    summary: Summary
    events: list[Event]
    more: bool
    packet: Packet


class Events(msgspec.Struct, frozen=True):
    events: list[Event]
    more: bool


class History(msgspec.Struct, frozen=True):
    conversations: list[Summary]


class Changed(msgspec.Struct, frozen=True):
    summary: Summary


class Added(msgspec.Struct, frozen=True):
    """The event that is now in the log; None when there was nothing left to do."""

    event: Event | None


class Colleague(AgentShown, frozen=True):
    presence: Word
    load: int
    capacity: int
    skills: tuple[str, ...]


class Colleagues(msgspec.Struct, frozen=True):
    agents: list[Colleague]


class Labels(msgspec.Struct, frozen=True):
    """What the intents are called: {intent: {"zh", "en"}}."""

    labels: dict[str, dict[str, str]]


class Present(msgspec.Struct, frozen=True):
    presence: Word


class WorkSet(msgspec.Struct, frozen=True):
    skills: tuple[str, ...]
    capacity: int


class SkillShown(msgspec.Struct, frozen=True):
    id: str
    zh: str
    en: str


class DeskShown(msgspec.Struct, frozen=True):
    """`opens` is when the desk opens next (ms); None while nobody knows."""

    skills: list[SkillShown]
    promises: tuple[Promise, ...]
    automatic: bool
    open: bool
    opens: int | None


class Tickets(msgspec.Struct, frozen=True):
    """`counts` by stage, and of `late` and `follow_up` ones; `mine` are the agent's own."""

    tickets: list[Filed]
    counts: dict[str, int]
    mine: dict[str, int]
    now: int


class TicketShown(msgspec.Struct, frozen=True):
    ticket: Filed
    steps: list[StepTaken]


class TicketStepped(msgspec.Struct, frozen=True):
    ticket: Ticket | None


class Live(msgspec.Struct, frozen=True):
    """The desk as it is `now` (ms); who came now would wait `expected` (P50, P90 in seconds; None: unknown)."""

    now: int
    line: int
    served: int
    longest_wait_ms: int
    expected: tuple[int, int] | None
    agents: dict[Word, int]
    warned: int
    broken: int
    tickets: dict[str, int]


class MeasureShown(msgspec.Struct, frozen=True):
    """`unit` is `s`, `share`, `stars` or `count`."""

    id: str
    name: str
    means: str
    unit: str


class Definitions(msgspec.Struct, frozen=True):
    measures: list[MeasureShown]
    groups: tuple[str, ...]


class Day(msgspec.Struct, frozen=True):
    """How sure the bot was on one day."""

    day: str
    n: int
    confidence: float
    decisions: dict[str, int]


class Confidence(msgspec.Struct, frozen=True):
    """`before` are the days of the period of the same length before."""

    days: list[Day]
    before: list[Day]


class Narrowings(msgspec.Struct, frozen=True):
    agent: list[NarrowTo]
    channel: list[NarrowTo]
    intent: list[NarrowTo]
    reason: list[NarrowTo]


class Behind(msgspec.Struct, frozen=True):
    services: list[Counted]


class Unsure(msgspec.Struct, frozen=True):
    clusters: list[Cluster]
    more: bool
    counts: dict[str, int]


class Taught(msgspec.Struct, frozen=True):
    readings: list[Reading]


class Reviewed(msgspec.Struct, frozen=True):
    counts: dict[str, int]


class CorrectionKept(msgspec.Struct, frozen=True):
    seq: int
    intent: str


class Lessons(msgspec.Struct, frozen=True):
    """`waiting` is the training whose model waits to be published, "" when none does."""

    lessons: list[Lesson]
    waiting: str


class LessonAsked(msgspec.Struct, frozen=True):
    lesson: Lesson
