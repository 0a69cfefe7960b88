"""What may happen to a ticket, and what its customer is told in the same breath."""

from msgspec.structs import replace

from bot.conversation import commands
from bot.conversation.bodies import Met, Text
from bot.conversation.events import SYSTEM, Draft, Kind, Sender
from bot.conversation.state import State
from bot.conversation.ticket import Ticket, Ticketed, TicketStage
from bot.errors import StaleError, TooManyTicketsError

MOST_OPEN = 20
# The channel of what began at the desk itself: nobody listens at its other end.
DESK = "desk"

_ORDER = list(TicketStage)

TicketCommand = (
    commands.TicketOpens
    | commands.TicketPasses
    | commands.TicketMoves
    | commands.TicketIsNoted
    | commands.TicketEscalates
    | commands.TicketIsFollowedUp
)


def decide_ticket(state: State, command: TicketCommand) -> list[Draft]:
    """The events of one step. Raises StaleError when the ticket has moved on since it was looked at."""
    match command:
        case commands.TicketOpens(by=by, ticket=ticket):
            if sum(one.stage is not TicketStage.CLOSED for one in state.tickets) >= MOST_OPEN:
                raise TooManyTicketsError
            if state.seq == 0 and command.customer is None:
                raise StaleError
            return [*_met(state, command), *_step(Ticketed("opened", ticket, command.note), by, command.told)]
        case commands.TicketPasses(by=by):
            held = _held(state, command.ticket, command.rev)
            if held.stage is TicketStage.CLOSED or held.owner == command.to:
                raise StaleError
            passed = replace(held, rev=held.rev + 1, owner=command.to, owner_name=command.to_name)
            return _step(Ticketed("passed", passed, command.note), by)
        case commands.TicketMoves(by=by):
            return _moved(_held(state, command.ticket, command.rev), command, by)
        case commands.TicketIsNoted(by=by):
            held = _held(state, command.ticket, command.rev)
            heard = command.now if command.told else held.heard
            noted = replace(held, rev=held.rev + 1, heard=heard)
            return _step(Ticketed("noted", noted, command.note), by, command.told)
        case commands.TicketEscalates(now=now):
            held = _held(state, command.ticket, command.rev)
            if not held.next_due() or now < held.next_due() or held.stage is TicketStage.CLOSED:
                raise StaleError
            late = replace(held, rev=held.rev + 1, level=held.level + 1, due=command.due)
            return _step(Ticketed("escalated", late, command.note), SYSTEM)
        case commands.TicketIsFollowedUp(by=by):
            held = _held(state, command.ticket, command.rev)
            if held.stage is not TicketStage.CLOSED or not held.due.follow_up:
                raise StaleError
            asked = replace(held, rev=held.rev + 1, due=replace(held.due, follow_up=command.again))
            step = Ticketed("put_off" if command.again else "followed_up", asked, command.note)
            return _step(step, by, command.told)


def _met(state: State, command: commands.TicketOpens) -> list[Draft]:
    if state.seq or command.customer is None:
        return []
    return [Draft("met:1", Kind.MET, SYSTEM, Met(DESK, "", command.customer))]


def _moved(held: Ticket, command: commands.TicketMoves, by: Sender) -> list[Draft]:
    now, stage = command.now, command.stage
    if stage is held.stage:
        raise StaleError
    heard = now if command.told else held.heard
    moved = replace(held, rev=held.rev + 1, stage=stage, heard=heard, closed=0)
    if stage is TicketStage.CLOSED:
        closed = replace(moved, closed=now, due=replace(held.due, follow_up=command.follow_up))
        return _step(Ticketed("moved", closed, command.note), by, command.told)
    back = _ORDER.index(stage) < _ORDER.index(held.stage)
    if held.stage is TicketStage.CLOSED:
        due = command.due or held.due
        moved = replace(moved, due=replace(due, follow_up=0), level=held.level + 1)
    return _step(Ticketed("reopened" if back else "moved", moved, command.note), by, command.told)


def _held(state: State, identifier: str, rev: int) -> Ticket:
    held = next((one for one in state.tickets if one.id == identifier), None)
    if held is None or held.rev != rev:
        raise StaleError
    return held


def _step(body: Ticketed, by: Sender, told: str = "") -> list[Draft]:
    key = f"ticket:{body.ticket.id}:{body.ticket.rev}"
    drafts = [Draft(key, Kind.TICKETED, by, body)]
    # The shopper hears it from the house: it may be days later and another has the conversation.
    return [*drafts, Draft(f"{key}:told", Kind.SAID, SYSTEM, Text(told))] if told else drafts
