"""How tickets begin and age: numbers, deadlines, what the customer is told. Pure but for the clock's tick."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
import structlog

from bot.conversation.commands import TicketEscalates
from bot.conversation.events import Sender
from bot.conversation.ticket import Category, Due, Ticket, TicketStage
from bot.desk.desk_rules import DeskRules
from bot.errors import ArchiveUnavailableError, LostRaceError, StaleError, TooLongPutOffError
from bot.log.log import Log

logger = structlog.get_logger(__name__)

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS

Late = Callable[[int], Awaitable[Sequence[tuple[str, Ticket]]]]


class Wanted(msgspec.Struct, frozen=True):
    """What a new ticket is about; priority 1 (can wait) to 3 (at once)."""

    category: Category
    title: str
    priority: int = 2


def ticket_number(now: int) -> str:
    """`T20261122-7F3A9C`: the day in UTC, and enough chance that nobody guesses another's."""
    day = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%d")
    return f"T{day}-{secrets.token_hex(4).upper()}"


def new_ticket(number: str, wanted: Wanted, owner: Sender, now: int, rules: DeskRules) -> Ticket:
    """Accepted at `now` (ms) by its first owner, who stays responsible for it."""
    return Ticket(
        id=number,
        rev=1,
        category=wanted.category,
        priority=wanted.priority,
        title=wanted.title,
        stage=TicketStage.ACCEPTED,
        owner=owner.id,
        owner_name=owner.name,
        opened=now,
        due=deadlines(now, rules),
    )


def deadlines(now: int, rules: DeskRules) -> Due:
    """By when the customer of a ticket that is taken up at `now` hears what."""
    terms = rules.deadlines
    return Due(
        feedback=now + int(terms.first_feedback_h * _HOUR_MS),
        proposal=now + int(terms.proposal_h * _HOUR_MS),
        result=max(
            rules.hours.working_days_after(now, terms.result_working_days),
            now + int(terms.proposal_h * _HOUR_MS),
        ),
    )


def follow_up(now: int, rules: DeskRules) -> int:
    """When the customer of a ticket that is closed at `now` is asked whether all is well: while somebody is there."""
    return _while_open(now + rules.deadlines.follow_up_days * _DAY_MS, last_follow_up(now, rules), rules)


def put_off(ticket: Ticket, now: int, rules: DeskRules) -> int:
    """When he is asked who could not be reached at `now`: a day later. Raises TooLongPutOffError at the end."""
    last = last_follow_up(ticket.closed, rules)
    again = _while_open(max(now, ticket.due.follow_up) + _DAY_MS, last, rules)
    if again <= now:
        raise TooLongPutOffError
    return again


def last_follow_up(closed: int, rules: DeskRules) -> int:
    """Until when a customer must have been asked whose ticket was closed at `closed` (ms)."""
    return closed + rules.deadlines.follow_up_by_days * _DAY_MS


def _while_open(moment: int, last: int, rules: DeskRules) -> int:
    opening = rules.hours.next_opening(moment)
    return min(moment if opening is None else opening, last)


def after_escalation(ticket: Ticket, now: int) -> Due:
    """One more day for what was missed; what comes later moves only as far as it must."""
    late = now + _DAY_MS
    due = ticket.due
    match ticket.stage:
        case TicketStage.FEEDBACK:
            return msgspec.structs.replace(due, result=late)
        case _ if ticket.heard:
            return msgspec.structs.replace(due, proposal=late, result=max(due.result, late))
        case _:
            return msgspec.structs.replace(
                due, feedback=late, proposal=max(due.proposal, late), result=max(due.result, late)
            )


RAISED = "raised:"


class Raised(msgspec.Struct, frozen=True):
    """A ticket of `owner`'s that is late and was raised to `level`, as the consoles are told of it."""

    ticket: str
    title: str
    level: int
    owner: str
    owner_name: str


class TicketClock:
    """Raises late tickets to the next level. `late` gives (conversation, ticket) of those at a time (ms).

    `announce` tells the consoles of each (`RAISED` and a `Raised` in JSON).
    """

    def __init__(self, log: Log, late: Late, announce: Callable[[str], Awaitable[None]]) -> None:
        self._log = log
        self._late = late
        self._announce = announce

    async def tick(self) -> None:
        now = await self._log.now()
        try:
            overdue = await self._late(now)
        except ArchiveUnavailableError:
            logger.warning("tickets_unreadable")  # the next tick asks again
            return
        for conversation, ticket in overdue:
            command = TicketEscalates(ticket.id, ticket.rev, now, after_escalation(ticket, now))
            try:
                await self._log.commit(conversation, command)
            except (StaleError, LostRaceError):
                continue  # it moved on meanwhile, or the archive is still behind
            logger.warning("ticket_escalated", ticket=ticket.id, level=ticket.level + 1)
            raised = Raised(ticket.id, ticket.title, ticket.level + 1, ticket.owner, ticket.owner_name)
            await self._announce(RAISED + msgspec.json.encode(raised).decode())
