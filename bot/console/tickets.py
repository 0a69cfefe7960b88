"""Tickets 工单: open, pass, move, tell the customer, close, ask again (docs/wire.md)."""

from typing import Annotated

import msgspec
from aiohttp import web

from bot.archive.accounts import Session
from bot.console.answers import answer
from bot.console.door import read, signed_in
from bot.console.numbers import Whole, whole
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.console.serving import clean_text, commit, sender_of
from bot.conversation import commands
from bot.conversation.bodies import Customer
from bot.conversation.commands import Command
from bot.conversation.ticket import Category, Ticket, Ticketed, TicketStage
from bot.conversation.ticket_rules import DESK
from bot.desk.ticket_terms import (
    Wanted,
    deadlines,
    follow_up,
    new_ticket,
    put_off,
    ticket_number,
)
from bot.errors import BadCallError, NoSuchAgentError, NoSuchTicketError

_LONGEST_TITLE = 120
_LONGEST_NAME = 64


class Open(msgspec.Struct, frozen=True):
    """Priority 1 (can wait) to 3 (at once); `note` is for colleagues, `told` is said to the customer."""

    category: Category
    title: str
    priority: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2
    note: str = ""
    told: str = ""


class OpenAlone(Open, frozen=True):
    """A ticket of a customer who called or wrote elsewhere; `customer_name` is what he calls himself."""

    customer_name: str = ""


class Step(msgspec.Struct, frozen=True):
    """One step from revision `rev` on: to a stage, to another owner, or only a note; `told` as above.

    Of a closed ticket whose customer is to be asked again: `followed_up`, or `put_off` for a day.
    """

    rev: Whole
    stage: TicketStage | None = None
    to: str = ""
    note: str = ""
    told: str = ""
    followed_up: bool = False
    put_off: bool = False


@signed_in(Verb.LOOK)
async def tickets(request: web.Request, session: Session) -> web.StreamResponse:
    """`?owner=me|<id>&stage=open|accepted|…&late=1&q=&before=`: the list, and the counts of all and of `mine`."""
    parts, query = request.app[PARTS], request.query
    now = await parts.log.now()
    before = whole(request, "before", 0)
    stage = query.get("stage", "")
    if stage not in {"", "open", *TicketStage}:
        raise BadCallError
    owner = session.agent.id if query.get("owner") == "me" else query.get("owner", "")
    found = await parts.tickets.find(
        owner=owner,
        stage=stage,
        late_at=now if query.get("late") else 0,
        words=query.get("q", "").strip()[:100],
        before=before,
    )
    counts = await parts.tickets.counts(now), await parts.tickets.counts(now, session.agent.id)
    return answer({"tickets": found, "counts": counts[0], "mine": counts[1], "now": now})


@signed_in(Verb.LOOK)
async def ticket(request: web.Request, _: Session) -> web.StreamResponse:
    """The ticket and every step of it."""
    parts, identifier = request.app[PARTS], request.match_info["ticket"]
    filed = await parts.tickets.one(identifier)
    if filed is None:
        raise NoSuchTicketError
    return answer({"ticket": filed, "steps": await parts.tickets.steps(identifier)})


@signed_in(Verb.TICKET)
async def open_ticket(request: web.Request, session: Session) -> web.StreamResponse:
    """Opens a ticket of a conversation; whoever opens it stays responsible."""
    given = await read(request, Open)
    opened = await _new(request, session, given)
    command = commands.TicketOpens(sender_of(session.agent), opened, _words(given.note), _words(given.told))
    return await _stepped(request, session, command)


@signed_in(Verb.TICKET)
async def open_alone(request: web.Request, session: Session) -> web.StreamResponse:
    """Opens a ticket that belongs to no conversation; it gets one of its own, in the channel `desk`."""
    given, parts = await read(request, OpenAlone), request.app[PARTS]
    opened = await _new(request, session, given)
    customer = Customer(name=_words(given.customer_name)[:_LONGEST_NAME])
    command = commands.TicketOpens(sender_of(session.agent), opened, _words(given.note), customer=customer)
    await parts.log.commit(f"{DESK}:{opened.id}", command)
    return answer({"ticket": opened})


async def _new(request: web.Request, session: Session, given: Open) -> Ticket:
    parts, title = request.app[PARTS], clean_text(given.title)
    if len(title) > _LONGEST_TITLE:
        raise BadCallError
    now = await parts.log.now()
    wanted = Wanted(given.category, title, given.priority)
    return new_ticket(ticket_number(now), wanted, sender_of(session.agent), now, parts.rules)


@signed_in(Verb.TICKET)
async def step(request: web.Request, session: Session) -> web.StreamResponse:
    """The next step of a ticket; 409 when it has moved on since revision `rev`."""
    given, parts = await read(request, Step), request.app[PARTS]
    filed = await parts.tickets.one(request.match_info["ticket"])
    if filed is None:
        raise NoSuchTicketError
    request.match_info["id"] = filed.conversation
    sender, now, identifier = sender_of(session.agent), await parts.log.now(), filed.ticket.id
    note, told = _words(given.note), _words(given.told)
    command: Command
    if given.followed_up or given.put_off:
        again = put_off(filed.ticket, now, parts.rules) if given.put_off and filed.ticket.closed else 0
        command = commands.TicketIsFollowedUp(sender, identifier, given.rev, note, told, again)
    elif given.to:
        to = await parts.accounts.agent(given.to)
        if to is None:
            raise NoSuchAgentError
        command = commands.TicketPasses(sender, identifier, given.rev, to.id, to.display, note)
    elif given.stage is not None:
        ends = follow_up(now, parts.rules) if given.stage is TicketStage.CLOSED else 0
        anew = deadlines(now, parts.rules) if filed.ticket.closed else None
        command = commands.TicketMoves(
            sender, identifier, given.rev, given.stage, now, note, told, ends, anew
        )
    elif note or told:
        command = commands.TicketIsNoted(sender, identifier, given.rev, now, note, told)
    else:
        raise BadCallError
    return await _stepped(request, session, command)


async def _stepped(request: web.Request, session: Session, command: Command) -> web.StreamResponse:
    done = await commit(request, session, command)
    if isinstance(done, web.Response):
        return done
    body = done.events[0].body
    return answer({"ticket": body.ticket if isinstance(body, Ticketed) else None})


def _words(text: str) -> str:
    return clean_text(text) if text.strip() else ""
