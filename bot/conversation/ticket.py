"""A ticket 工单: what was promised to a customer beyond the conversation, step by step."""

from enum import StrEnum
from typing import Literal

import msgspec

Category = Literal["order", "payment", "logistics", "aftersales", "complaint", "account", "other"]
Step = Literal["opened", "passed", "moved", "noted", "escalated", "reopened", "followed_up", "put_off"]


class TicketStage(StrEnum):
    """受理, 调查, 反馈, 结案."""

    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    FEEDBACK = "feedback"
    CLOSED = "closed"


class Due(msgspec.Struct, frozen=True, omit_defaults=True):
    """By when (ms): a first word, a proposal, the result; after closing, the question whether all is well."""

    feedback: int
    proposal: int
    result: int
    follow_up: int = 0


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """As it is after `rev` steps. The owner stays responsible until somebody else takes it (首问负责).

    `heard` is when the customer last had feedback on it; `level` counts escalations.
    """

    id: str
    rev: int
    category: Category
    priority: int
    title: str
    stage: TicketStage
    owner: str
    owner_name: str
    opened: int
    due: Due
    level: int = 0
    heard: int = 0
    closed: int = 0

    def next_due(self) -> int:
        """The next time (ms) at which it is late; 0 when nothing is owed."""
        match self.stage:
            case TicketStage.CLOSED:
                return self.due.follow_up
            case TicketStage.FEEDBACK:
                return self.due.result
            case _ if self.heard:
                return self.due.proposal
            case _:
                return self.due.feedback


class Ticketed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step, and the ticket since. `note` is for colleagues."""

    step: Step
    ticket: Ticket
    note: str = ""
