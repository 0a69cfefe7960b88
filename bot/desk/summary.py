"""One row of an agent's list."""

import msgspec

from bot.conversation.bodies import Customer
from bot.conversation.state import Stage, State
from bot.desk.line import priority


class Last(msgspec.Struct, frozen=True):
    text: str
    role: str
    ts: int


class Who(msgspec.Struct, frozen=True):
    """As `Customer`, with every field on the wire."""

    id: str
    name: str
    level: str
    verified: bool


class Left(msgspec.Struct, frozen=True):
    """What an outside platform still lets us send: so many messages, until then (ms)."""

    messages: int
    until: int


class Summary(msgspec.Struct, frozen=True):
    """A conversation in short (docs/wire.md). `position` is only known to the line, not to the state."""

    id: str
    channel: str
    customer: Who
    stage: Stage
    epoch: int
    seq: int
    owner: str
    owner_name: str
    waiting_since: int | None
    reason: str
    priority: int
    last: Last | None
    anger: float
    unread: int
    position: int | None = None
    reach: Left | None = None
    delivered: int = 0


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Summary).decode


def summarise(state: State, position: int | None = None) -> Summary:
    """The summary of a state."""
    answered_by_people = state.stage in (Stage.WAITING, Stage.HUMAN)
    last = Last(state.last_text, state.last_role, state.updated) if state.last_role else None
    return Summary(
        id=state.conversation,
        channel=state.channel,
        customer=_who(state.customer),
        stage=state.stage,
        epoch=state.epoch,
        seq=state.seq,
        owner=state.owner,
        owner_name=state.owner_name,
        waiting_since=state.waiting_since or None,
        reason=state.reason,
        priority=priority(state),
        last=last,
        anger=state.anger,
        unread=state.unread if answered_by_people else 0,
        position=position if state.stage is Stage.WAITING else None,
        reach=Left(state.reach_left, state.reach_until) if state.reach_until else None,
        delivered=state.delivered,
    )


def encode_summary(summary: Summary) -> bytes:
    return _encode(summary)


def decode_summary(data: bytes) -> Summary:
    return _decode(data)


def _who(customer: Customer) -> Who:
    return Who(customer.id, customer.name, customer.level, customer.verified)
