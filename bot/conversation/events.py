"""Events: the frozen values of which a conversation is made, and their JSON."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any

import msgspec

from bot.conversation import bodies
from bot.conversation.bodies import Body
from bot.conversation.changed import Approved
from bot.conversation.ticket import Ticketed


class Role(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Kind(StrEnum):
    MET = "met"
    BOUND = "bound"
    REACH = "reach"
    DELIVERED = "delivered"
    SAID = "said"
    UNDERSTOOD = "understood"
    ACTED = "acted"
    HANDED_OFF = "handed_off"
    CLAIMED = "claimed"
    RELEASED = "released"
    TRANSFERRED = "transferred"
    CLOSED = "closed"
    RATED = "rated"
    NOTED = "noted"
    RECALLED = "recalled"
    TICKETED = "ticketed"
    APPROVED = "approved"


SHOPPER_SEES = frozenset(
    {
        Kind.SAID,
        Kind.HANDED_OFF,
        Kind.CLAIMED,
        Kind.RELEASED,
        Kind.TRANSFERRED,
        Kind.CLOSED,
        Kind.RATED,
        Kind.RECALLED,
    }
)

BODY_OF: dict[Kind, Any] = {
    Kind.MET: bodies.Met,
    Kind.BOUND: bodies.Bound,
    Kind.REACH: bodies.Reach,
    Kind.DELIVERED: bodies.Delivered,
    Kind.SAID: bodies.Said,
    Kind.UNDERSTOOD: bodies.Understood,
    Kind.ACTED: bodies.Acted,
    Kind.HANDED_OFF: bodies.HandedOff,
    Kind.CLAIMED: bodies.Claimed,
    Kind.RELEASED: bodies.Released,
    Kind.TRANSFERRED: bodies.Transferred,
    Kind.CLOSED: bodies.Closed,
    Kind.RATED: bodies.Rated,
    Kind.NOTED: bodies.Noted,
    Kind.RECALLED: bodies.Recalled,
    Kind.TICKETED: Ticketed,
    Kind.APPROVED: Approved,
}
_DECODERS = {kind: msgspec.json.Decoder(body) for kind, body in BODY_OF.items()}


class Sender(msgspec.Struct, frozen=True):
    role: Role
    id: str = ""
    name: str = ""


BOT = Sender(Role.BOT, "", "小二")
SYSTEM = Sender(Role.SYSTEM)


class Draft(msgspec.Struct, frozen=True):
    """An event before the log numbers it; `id` is what duplicates are known by, within its conversation."""

    id: str
    kind: Kind
    sender: Sender
    body: Body


class Event(msgspec.Struct, frozen=True):
    """A numbered event; `seq` starts at 1 without gaps, `ts` is the log's clock in ms since 1970."""

    seq: int
    id: str
    kind: Kind
    sender: Sender
    ts: int
    body: Body


class _Stored(msgspec.Struct, frozen=True):
    seq: int
    id: str
    kind: Kind
    sender: Sender = msgspec.field(name="from")
    ts: int
    body: msgspec.Raw


_stored = msgspec.json.Decoder(_Stored)
_encode = msgspec.json.Encoder().encode


def encode_event(event: Event) -> bytes:
    """The event as the log stores it and the console sees it."""
    return _encode(wire(event))


def decode_event(data: bytes) -> Event:
    return _whole(_stored.decode(data))


def decode_events(data: Iterable[bytes | msgspec.Raw], kinds: Collection[Kind] | None = None) -> list[Event]:
    """All of them, or those of these kinds only; of the others no more is read than what they are."""
    stored = map(_stored.decode, data)
    return [_whole(one) for one in stored if kinds is None or one.kind in kinds]


def decode_body(kind: Kind, data: bytes | str | msgspec.Raw) -> Body:
    """The body of an event of this kind, from its JSON."""
    body: Body = _DECODERS[kind].decode(data)
    return body


def _whole(stored: _Stored) -> Event:
    body = decode_body(stored.kind, stored.body)
    return Event(stored.seq, stored.id, stored.kind, stored.sender, stored.ts, body)


def wire(event: Event) -> dict[str, Any]:
    """The event with everything in it, ready for a JSON encoder."""
    return {
        "seq": event.seq,
        "id": event.id,
        "kind": event.kind,
        "from": event.sender,
        "ts": event.ts,
        "body": event.body,
    }


def shopper_wire(event: Event, recalled: Collection[int] = ()) -> dict[str, Any]:
    """The event as its shopper may see it: no meanings of choices, no reasons, no notes between agents.

    Of what was taken back (`recalled` has its seq) only that is left: `{"type": "recalled"}`.
    """
    body: Body | dict[str, Any] = event.body
    match event.body:
        case _ if event.seq in recalled:
            body = {"type": "recalled"}
        case bodies.Choices() as shown:
            body = msgspec.structs.replace(shown, choices=_without_means(shown.choices))
        case bodies.CardShown() as shown:
            card = msgspec.structs.replace(shown.card, choices=_without_means(shown.card.choices))
            body = msgspec.structs.replace(shown, card=card)
        case bodies.HandedOff():
            body = {}
        case bodies.Closed():
            body = {}
        case bodies.Released(reason=reason):
            body = {"reason": reason}
        case bodies.Transferred(name=name):
            body = {"name": name}
        case bodies.Claimed(name=name):
            body = {"name": name}
        case _:
            pass
    sender = Sender(event.sender.role, "", event.sender.name)
    return {**wire(event), "from": sender, "body": body}


def _without_means(offers: tuple[bodies.Offer, ...]) -> tuple[bodies.Offer, ...]:
    return tuple(msgspec.structs.replace(offer, means=None) for offer in offers)
