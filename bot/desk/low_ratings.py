"""A customer who was not content is asked why: a low rating opens a ticket of whoever served him."""

from hashlib import sha256

from bot.conversation.commands import TicketOpens
from bot.conversation.events import SYSTEM, Role, Sender
from bot.conversation.state import State
from bot.desk.desk_rules import DeskRules
from bot.desk.ticket_terms import Wanted, new_ticket
from bot.desk.words import low_rating_title

LOW = 2
_PRIORITY = 3


def calls_for_follow_up(state: State) -> bool:
    """Whether the last service was rated low and no ticket was opened since."""
    return 0 < state.stars <= LOW


def follow_up_of(state: State, rules: DeskRules, now: int) -> TicketOpens:
    """The ticket of the last rating at `now` (ms); the same rating has the same one, so asking twice opens one."""
    digest = sha256(f"{state.conversation}:{state.rated}".encode()).hexdigest()[:10].upper()
    owner = Sender(Role.AGENT, state.served_by, state.served_name) if state.served_by else SYSTEM
    wanted = Wanted("complaint", low_rating_title(state.stars), _PRIORITY)
    return TicketOpens(SYSTEM, new_ticket(f"R{digest}", wanted, owner, now, rules))
