"""A conversation's state: what its events add up to."""

from enum import StrEnum

import msgspec

from bot.conversation import bodies
from bot.conversation.bodies import Customer
from bot.conversation.changed import Approved
from bot.conversation.events import Event, Kind, Role
from bot.conversation.ticket import Ticket, Ticketed, TicketStage


class Stage(StrEnum):
    """Who answers the customer now."""

    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"
    CLOSED = "closed"


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fold of a conversation's events; times are ms since 1970, 0 for never.

    `epoch` rises at every change of who answers, so that what was decided under an
    older one can be refused. `brain` is the last customer event that the bot need
    not answer any more; `unanswered_since` is when the oldest one that it still
    owes an answer to was accepted. `unread` counts what the customer said and nobody
    has answered yet. `claimed_at` is when the owner came; a claim keeps `waiting_since`,
    so that a customer whose agent is gone has his old place.

    At the desk: `skill` is what the conversation was passed on for; `owed_since` is since when a person owes
    the customer an answer; `first_word_at` is an agent's first word since the customer was handed over.

    `customer_since` is the event at which another customer took the place of one: what was said, offered,
    prepared and remembered up to it was the other's business (0: nobody was there before).

    `served_by` closed the last service, which got `stars` in event `rated` (0 for none).

    Outside channels: `delivered` is the last event that the courier has done with; `reach_left` messages
    may be sent until `reach_until` (0: nobody counts), naming `reach_context`; `notices` is his consent.
    """

    conversation: str
    channel: str = ""
    site: str = ""
    customer: Customer = Customer()
    customer_since: int = 0
    stage: Stage = Stage.BOT
    owner: str = ""
    owner_name: str = ""
    epoch: int = 0
    seq: int = 0
    brain: int = 0
    understood: int = 0
    last_customer_seq: int = 0
    unanswered_since: int = 0
    waiting_since: int = 0
    at_head: bool = False
    reason: str = ""
    rateable: bool = False
    anger: float = 0.0
    updated: int = 0
    last_text: str = ""
    last_role: str = ""
    agent_seen: int = 0
    unread: int = 0
    claimed_at: int = 0
    intent: str = ""
    delivered: int = 0
    reach_left: int = 0
    reach_until: int = 0
    reach_context: str = ""
    notices: bool = False
    skill: str = ""
    owed_since: int = 0
    first_word_at: int = 0
    recalled: tuple[int, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    served_by: str = ""
    served_name: str = ""
    stars: int = 0
    rated: int = 0
    proposed: int = 0
    approved: int = 0

    def can_reach(self, now: int) -> bool:
        """Whether the platform lets a message through at `now` (ms)."""
        return not self.reach_until or (self.reach_left > 0 and now < self.reach_until)


PREVIEW = 80
# As far back as a shopper's window reads; what was taken back is not in the log's clear view again.
_RECALLED_KEPT = 200
_NOT_SERVED: dict[str, object] = {"skill": "", "owed_since": 0, "first_word_at": 0}


def fold(state: State, event: Event) -> State:
    """The state after one more event."""
    changes: dict[str, object] = {"seq": event.seq, "updated": event.ts}
    match event.body:
        case bodies.Met(channel=channel, site=site, customer=customer):
            changes |= {"channel": channel, "site": site, "customer": customer}
            changes |= _another_is_there(state, event.seq, customer)
        case bodies.Bound() | bodies.Reach() | bodies.Delivered():
            changes |= _outside(state, event)
        case bodies.Understood(of=of, anger=anger, intent=intent):
            caught_up = of >= state.last_customer_seq
            changes |= {
                "brain": max(of, state.brain),
                "understood": of,
                "anger": anger,
                "intent": intent,
                "unanswered_since": 0 if caught_up else event.ts,
                "unread": 0 if caught_up else state.unread,
            }
        case bodies.HandedOff(reason=reason, proposal=proposal):
            changes |= _waits(state, event, reason) | {
                "proposed": event.seq if proposal else 0,
                "at_head": False,
                "owed_since": state.owed_since or event.ts,
                "first_word_at": 0,
            }
        case bodies.Claimed(agent=agent, name=name) | bodies.Transferred(to=agent, name=name):
            changes |= _answered_by(state, Stage.HUMAN) | {
                "owner": agent,
                "owner_name": name,
                "agent_seen": event.seq,
                "unread": 0,
                "claimed_at": event.ts,
                "rateable": False,
            }
        case bodies.Released(reason="cancelled"):
            changes |= _answered_by(state, Stage.BOT) | _NOT_SERVED | {"waiting_since": 0, "reason": ""}
        case bodies.Released(skill=skill):
            changes |= _waits(state, event, state.reason) | {"at_head": True, "skill": skill or state.skill}
        case bodies.Closed():
            changes |= (
                _answered_by(state, Stage.CLOSED)
                | _NOT_SERVED
                | {
                    "rateable": True,
                    "unread": 0,
                    "waiting_since": 0,
                    "reason": "",
                    "served_by": state.owner,
                    "served_name": state.owner_name,
                }
            )
        case bodies.Rated(stars=stars):
            changes |= {"rateable": False, "stars": stars, "rated": event.seq}
        case bodies.Recalled() | Ticketed() | Approved() | bodies.Acted():
            changes |= _at_desk(state, event)
        case _:
            pass
    if event.kind is Kind.SAID:
        changes |= _said(state, event)
    return msgspec.structs.replace(state, **changes)


def _outside(state: State, event: Event) -> dict[str, object]:
    """What only happens in channels that are not our own page."""
    match event.body:
        case bodies.Bound(customer=customer, notices=notices):
            another = _another_is_there(state, event.seq, customer)
            return {"customer": customer, "notices": notices} | another
        case bodies.Delivered(of=of, cost=cost):
            left = max(state.reach_left - cost, 0)
            return {"delivered": max(state.delivered, *of), "reach_left": left}
        case bodies.Reach() as reach:
            return _reached(state, event.ts, reach)
        case _:
            return {}


def _another_is_there(state: State, seq: int, customer: Customer) -> dict[str, object]:
    """What ends with the customer who was there; {} when nobody was, or it is the same one."""
    if not state.customer.id or customer.id == state.customer.id:
        return {}
    ended: dict[str, object] = {"customer_since": seq, "intent": "", "proposed": 0, "approved": 0}
    # The answer that is being thought for the one before is refused by its epoch.
    return ended | ({"epoch": state.epoch + 1} if state.stage is Stage.BOT else {})


def _reached(state: State, ts: int, reach: bodies.Reach) -> dict[str, object]:
    until = ts + reach.lasts_s * 1000
    # Pressing a menu opens a minute; it does not end the two days that a message opened.
    if until < state.reach_until and state.reach_left and ts < state.reach_until:
        return {}
    return {"reach_left": reach.most, "reach_until": until, "reach_context": reach.context}


def _answered_by(state: State, stage: Stage) -> dict[str, object]:
    # What was still owed by the bot is now whoever answers's business.
    return {
        "stage": stage,
        "owner": "",
        "owner_name": "",
        "epoch": state.epoch + 1,
        "brain": state.last_customer_seq,
        "unanswered_since": 0,
        "at_head": False,
        "claimed_at": 0,
    }


def _waits(state: State, event: Event, reason: str) -> dict[str, object]:
    # A customer who comes back to the line keeps the time at which he began to wait.
    return _answered_by(state, Stage.WAITING) | {
        "waiting_since": state.waiting_since or event.ts,
        "reason": reason,
    }


def _said(state: State, event: Event) -> dict[str, object]:
    changes: dict[str, object] = {
        "last_text": bodies.plain_text(event.body)[:PREVIEW],
        "last_role": event.sender.role.value,
    }
    if event.sender.role is Role.AGENT:
        changes |= {
            "agent_seen": event.seq,
            "unread": 0,
            "owed_since": 0,
            "first_word_at": event.ts if state.first_word_at < state.claimed_at else state.first_word_at,
        }
    if event.sender.role is not Role.CUSTOMER:
        return changes
    changes |= {"last_customer_seq": event.seq, "unread": state.unread + 1}
    if state.stage is Stage.CLOSED:
        changes |= {"stage": Stage.BOT, "epoch": state.epoch + 1, "stars": 0}
    if state.stage in (Stage.BOT, Stage.CLOSED):
        changes["unanswered_since"] = state.unanswered_since or event.ts
    else:
        changes |= {"brain": event.seq, "owed_since": state.owed_since or event.ts}
    return changes


def _at_desk(state: State, event: Event) -> dict[str, object]:
    match event.body:
        case bodies.Recalled(of=of):
            return {"recalled": (*state.recalled, of)[-_RECALLED_KEPT:]}
        case Ticketed(step=step, ticket=ticket):
            kept: dict[str, object] = {"tickets": _with_ticket(state.tickets, ticket)}
            # Whatever is opened after a low rating is the answer to it.
            return kept | {"stars": 0} if step == "opened" else kept
        case Approved():
            return {"proposed": 0, "approved": event.seq}
        case bodies.Acted(of=of) if of == state.approved:
            return {"approved": 0}
        case _:
            return {}


def _with_ticket(tickets: tuple[Ticket, ...], ticket: Ticket) -> tuple[Ticket, ...]:
    """What is still owed to the customer; a ticket that is over and asked after stands in the archive."""
    others = tuple(one for one in tickets if one.id != ticket.id)
    over = ticket.stage is TicketStage.CLOSED and not ticket.due.follow_up
    return others if over else (*others, ticket)
