"""Past the masks: what a customer really wrote, for who is responsible, with a reason, and kept for the audit."""

from typing import Annotated

import msgspec
import structlog
from aiohttp import web
from msgspec.structs import asdict

from bot.archive.accounts import Session
from bot.console import lists
from bot.console.answers import answer, language
from bot.console.door import read, signed_in
from bot.console.numbers import Whole
from bot.console.parts import PARTS
from bot.console.roles import Verb, may
from bot.console.shapes import Event, TicketShown
from bot.conversation.events import wire
from bot.conversation.state import Stage
from bot.desk.packet import Packet, make_packet
from bot.errors import NoSuchEventError, NoSuchTicketError, NotAllowedError

logger = structlog.get_logger(__name__)

_EVENTS = 200
Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=200, pattern=r"\S")]


class Wish(msgspec.Struct, frozen=True):
    """To see event `seq` of a conversation as it is; 0: its packet. `reason` is for the supervisors."""

    reason: Reason
    seq: Whole = 0


class WishOfTicket(msgspec.Struct, frozen=True):
    reason: Reason


class Revealed(msgspec.Struct, frozen=True):
    """Unmasked; the one that was asked for."""

    event: Event | None = None
    packet: Packet | None = None


class Seen(msgspec.Struct, frozen=True):
    """Of whom (id, name), where, what, and why."""

    whom: str
    whom_name: str
    conversation: str
    thing: str
    reason: str


@signed_in(Verb.REVEAL)
async def reveal(request: web.Request, session: Session) -> web.StreamResponse:
    """What is masked in one event or in the packet; agents only of customers whom they serve."""
    given, parts, name = await read(request, Wish), request.app[PARTS], request.match_info["id"]
    state = await lists.known_state(parts, name)
    _must_be_his(session, state.stage is Stage.HUMAN and state.owner == session.agent.id)
    if given.seq:
        event = next((one for one in await parts.log.last_events(name, given.seq + 1, 1)), None)
        if event is None or event.seq != given.seq:
            raise NoSuchEventError
        content: dict[str, object] = {"event": wire(event), "packet": None}
    else:
        events = await parts.log.last_events(name, before=state.seq + 1, limit=_EVENTS)
        content = {"event": None, "packet": make_packet(events, parts.labels, language(request))}
    thing = f"event:{given.seq}" if given.seq else "packet"
    seen = Seen(state.customer.id, state.customer.name, name, thing, given.reason)
    await _note(request, session, seen)
    return answer(content, clear=True)


@signed_in(Verb.REVEAL)
async def reveal_ticket(request: web.Request, session: Session) -> web.StreamResponse:
    """What is masked in a ticket and its steps; agents only of tickets that they own."""
    given, parts, identifier = (
        await read(request, WishOfTicket),
        request.app[PARTS],
        request.match_info["ticket"],
    )
    filed = await parts.tickets.one(identifier)
    if filed is None:
        raise NoSuchTicketError
    _must_be_his(session, filed.ticket.owner == session.agent.id)
    shown = TicketShown(filed, await parts.tickets.steps(identifier))
    thing = f"ticket:{identifier}"
    seen = Seen(filed.customer, filed.customer_name, filed.conversation, thing, given.reason)
    await _note(request, session, seen)
    return answer(shown, clear=True)


def _must_be_his(session: Session, his: bool) -> None:  # noqa: FBT001 - it is what its name asks
    if not his and not may(session.agent.role, Verb.REVEAL_ANY):
        raise NotAllowedError


async def _note(request: web.Request, session: Session, seen: Seen) -> None:
    """Before the answer: what can't be audited is not shown."""
    parts, agent = request.app[PARTS], session.agent
    by = (agent.id, agent.display)
    await parts.audit.note(await parts.log.now(), by, "revealed", **asdict(seen))
    logger.info("revealed", agent=agent.id, conversation=seen.conversation, thing=seen.thing)
