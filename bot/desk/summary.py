"""One row of an agent's list."""

import msgspec

from bot.conversation.bodies import Customer
from bot.conversation.state import Stage, State
from bot.conversation.ticket import TicketStage
from bot.desk.desk_rules import DeskRules
from bot.desk.line import priority
from bot.desk.promises import Clock, running
from bot.desk.skills import skill_for


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
    """A conversation in short (docs/wire.md). What only the line knows is None while one does not wait in it.

    `position` is 1 for the next one, `expected` the P50 and P90 of the seconds until an agent comes.
    `clocks` are what is promised to the customer now, `silent_since` since when an owner who came has not said
    a word, `tickets` how many are open.
    """

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
    expected: tuple[int, int] | None = None
    reach: Left | None = None
    delivered: int = 0
    skill: str = ""
    clocks: tuple[Clock, ...] = ()
    tickets: int = 0
    silent_since: int | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Summary).decode


def summarise(state: State, rules: DeskRules, position: int | None = None) -> Summary:
    """The summary of a state by the desk's rules."""
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
        skill=skill_for(state, rules.skills) if answered_by_people else "",
        clocks=tuple(running(state, rules.promises, rules.hours, rules.warn_at)),
        tickets=sum(ticket.stage is not TicketStage.CLOSED for ticket in state.tickets),
        silent_since=_silent_since(state),
    )


def _silent_since(state: State) -> int | None:
    silent = state.stage is Stage.HUMAN and state.owed_since and state.first_word_at < state.claimed_at
    return state.claimed_at if silent else None


def encode_summary(summary: Summary) -> bytes:
    return _encode(summary)


def decode_summary(data: bytes) -> Summary:
    return _decode(data)


def _who(customer: Customer) -> Who:
    return Who(customer.id, customer.name, customer.level, customer.verified)
