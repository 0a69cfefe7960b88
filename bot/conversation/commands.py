"""What people and programs ask of a conversation. Whether it may happen is decided in `rules`."""

import msgspec

from bot.conversation.bodies import (
    Acted,
    Customer,
    Means,
    Rated,
    Said,
    Understood,
)
from bot.conversation.events import Sender


class CustomerSays(msgspec.Struct, frozen=True):
    """`id` is the client's own; `means` is what the pressed offer means, when a choice was pressed."""

    id: str
    channel: str
    site: str
    customer: Customer
    body: Said
    means: Means | None = None


class CustomerAsksForHuman(msgspec.Struct, frozen=True):
    id: str
    channel: str
    site: str
    customer: Customer


class CustomerLeavesLine(msgspec.Struct, frozen=True):
    id: str


class CustomerRates(msgspec.Struct, frozen=True):
    id: str
    rating: Rated


class BotAnswers(msgspec.Struct, frozen=True):
    """One finished turn about customer event `of`, decided under `epoch`; `hand_off` is a reason or ""."""

    of: int
    epoch: int
    understood: Understood
    acted: tuple[Acted, ...]
    replies: tuple[Said, ...]
    hand_off: str = ""
    note: str = ""


class BotFails(msgspec.Struct, frozen=True):
    """The bot owes an answer to event `of` and can't give one."""

    of: int
    reason: str
    note: str = ""


class AgentClaims(msgspec.Struct, frozen=True):
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


class AgentNotes(msgspec.Struct, frozen=True):
    id: str
    agent: Sender
    text: str


class AgentPutsBack(msgspec.Struct, frozen=True):
    agent: Sender
    epoch: int


class AgentVanished(msgspec.Struct, frozen=True):
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


Command = (
    CustomerSays
    | CustomerAsksForHuman
    | CustomerLeavesLine
    | CustomerRates
    | BotAnswers
    | BotFails
    | AgentClaims
    | SupervisorTakes
    | AgentReplies
    | AgentNotes
    | AgentPutsBack
    | AgentVanished
    | AgentTransfers
    | AgentCloses
)
