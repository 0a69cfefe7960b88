"""What people at the desk, and the desk's clocks, ask of a conversation. Decided in `service`, `ticket_rules`."""

import msgspec

from bot.conversation.bodies import Customer, Said
from bot.conversation.events import Sender
from bot.conversation.ticket import Due, Ticket, TicketStage


class AgentClaims(msgspec.Struct, frozen=True):
    agent: Sender
    epoch: int


class DeskAssigns(msgspec.Struct, frozen=True):
    """The desk gives the next customer to an agent."""

    agent: Sender
    epoch: int


class SupervisorTakes(msgspec.Struct, frozen=True):
    agent: Sender
    epoch: int


class AgentReplies(msgspec.Struct, frozen=True):
    id: str
    agent: Sender
    epoch: int
    body: Said


class AgentRecalls(msgspec.Struct, frozen=True):
    """Takes back event `of`, which `said_by` said at `said_at` (ms): both read from the log, at `now`."""

    agent: Sender
    of: int
    said_by: str
    said_at: int
    now: int


class AgentNotes(msgspec.Struct, frozen=True):
    """A note among colleagues; `to` are the agents it calls, a `whisper` is a supervisor's to the owner."""

    id: str
    agent: Sender
    text: str
    to: tuple[str, ...] = ()
    whisper: bool = False


class AgentPutsBack(msgspec.Struct, frozen=True):
    agent: Sender
    epoch: int


class AgentPassesOn(msgspec.Struct, frozen=True):
    """To the head of the line, for whoever has the skill."""

    agent: Sender
    epoch: int
    skill: str
    note: str


class AgentVanished(msgspec.Struct, frozen=True):
    agent: str
    epoch: int


class AgentIsSilent(msgspec.Struct, frozen=True):
    """Was given a customer and has not said a word to him."""

    agent: str
    epoch: int


class AgentTransfers(msgspec.Struct, frozen=True):
    agent: Sender
    epoch: int
    to: str
    to_name: str
    note: str


class AgentCloses(msgspec.Struct, frozen=True):
    agent: Sender
    epoch: int


class DeskTells(msgspec.Struct, frozen=True):
    """Something that the house itself says to the customer, while who answers is as it was at `epoch`."""

    id: str
    epoch: int
    text: str


class TicketOpens(msgspec.Struct, frozen=True):
    """`told` is said to the customer in the same step; "" for nothing.

    `customer` is whom a ticket is for that belongs to no conversation: it begins one of its own.
    """

    by: Sender
    ticket: Ticket
    note: str = ""
    told: str = ""
    customer: Customer | None = None


class TicketPasses(msgspec.Struct, frozen=True):
    by: Sender
    ticket: str
    rev: int
    to: str
    to_name: str
    note: str = ""


class TicketMoves(msgspec.Struct, frozen=True):
    """To another stage, at `now` (ms); `due` are the new deadlines of one that is opened again."""

    by: Sender
    ticket: str
    rev: int
    stage: TicketStage
    now: int
    note: str = ""
    told: str = ""
    follow_up: int = 0
    due: Due | None = None


class TicketIsNoted(msgspec.Struct, frozen=True):
    by: Sender
    ticket: str
    rev: int
    now: int
    note: str
    told: str = ""


class TicketEscalates(msgspec.Struct, frozen=True):
    """It is late at `now`; `due` are the deadlines that hold from here on."""

    ticket: str
    rev: int
    now: int
    due: Due
    note: str = ""


class TicketIsFollowedUp(msgspec.Struct, frozen=True):
    """Its customer was asked whether all is well; with `again` (ms), not yet, and is to be asked then."""

    by: Sender
    ticket: str
    rev: int
    note: str
    told: str = ""
    again: int = 0
