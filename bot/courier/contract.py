"""What a channel is to the courier: how to reach a shopper, what is handed over, what came of it."""

from typing import Any, Protocol

import msgspec

from bot.conversation.bodies import Said
from bot.conversation.events import Sender

PUBLIC = frozenset({"qq_group", "onebot_group"})
"""Channels where others read along: nobody is bound there, and nothing of orders is told."""


class Address(msgspec.Struct, frozen=True):
    """Where a shopper of an outside channel is; never logged.

    `account` is which of the merchant's accounts he wrote to, `to` is he, as the platform names him there;
    `more` is whatever else the channel needs to reach him, such as the group that he wrote in.
    """

    channel: str
    account: str
    to: str
    more: dict[str, str] = {}


class Told(msgspec.Struct, frozen=True):
    """Something said to the shopper that is still to go out; its offers are numbered from `first`."""

    seq: int
    sender: Sender
    body: Said
    first: int = 1


class Piece(msgspec.Struct, frozen=True):
    """One message as its platform wants it: `content` is kept as it is until it has been sent.

    `cost` is what it takes of the quota; 0 for what only prepares, or answers for free.
    """

    content: dict[str, Any]
    cost: int = 1


class Label(msgspec.Struct, frozen=True):
    """What one piece is known by: the same piece has the same label however often it is sent.

    `key` is 32 characters of [0-9a-f]; `seq` is the first event in it and `part` counts from 0 within it;
    `context` is what the newest Reach said (QQ: the id of the message that this answers).
    """

    key: str
    seq: int
    part: int
    context: str = ""


class Sent(msgspec.Struct, frozen=True):
    """The platform has it; `id` is its own name for it, when it gives one."""

    id: str = ""


class Failed(msgspec.Struct, frozen=True):
    """It was certainly not sent, for the platform's `reason`; `retryable` when another try may succeed."""

    reason: str
    retryable: bool = False


class Unknown(msgspec.Struct, frozen=True):
    """It was handed over and no answer came: it may have arrived or not."""

    reason: str


Outcome = Sent | Failed | Unknown


class Channel(Protocol):
    """One outside channel. `repeatable`: a piece sent twice under one label arrives once.

    `metered`: only what the newest Reach allows may be sent.
    """

    name: str
    repeatable: bool
    metered: bool

    def render(self, told: tuple[Told, ...]) -> list[Piece]:
        """The messages that say all of `told`, in order, as few as the platform's limits allow. Pure."""
        ...

    async def send(self, address: Address, piece: Piece, label: Label) -> Outcome:
        """Tries once, within seconds; raises nothing but LogUnavailableError. Refreshes a token by itself."""
        ...
