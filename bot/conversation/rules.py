"""The rules: from a state and a command, the events that follow, or the error.

Pure: no clock, no network, no randomness. Whoever writes to the log asks here
first, against the very state that the log then checks its write against.
"""

from bot.conversation import bodies, commands
from bot.conversation.approval_rules import decide_approval
from bot.conversation.bodies import HandedOff, Met, Released, Said, Text
from bot.conversation.changed import Proposal
from bot.conversation.commands import Command
from bot.conversation.events import BOT, SYSTEM, Draft, Kind, Role, Sender
from bot.conversation.human_wish import asks_for_human
from bot.conversation.service import decide_service
from bot.conversation.state import Stage, State
from bot.conversation.ticket_rules import decide_ticket
from bot.errors import NothingToRateError, NotReachableError, RefusedError, StaleError

_FromChannel = (
    commands.CustomerSays
    | commands.CustomerAsksForHuman
    | commands.CustomerTurnsUp
    | commands.CustomerIsBound
    | commands.HouseAnswers
)


def decide(state: State, command: Command) -> list[Draft]:
    """The events that `command` leads to; [] when it is already so. Raises StaleError and its kin."""
    match command:
        case commands.CustomerSays():
            return _customer_says(state, command)
        case commands.CustomerAsksForHuman():
            return _customer_asks_for_human(state, command)
        case commands.CustomerLeavesLine():
            if state.stage is not Stage.WAITING:
                raise StaleError
            left = Draft(command.id, Kind.RELEASED, _customer(state), Released("cancelled"))
            return [*_reach(command), left]
        case commands.CustomerRates():
            if not state.rateable:
                raise NothingToRateError
            return [*_reach(command), Draft(command.id, Kind.RATED, _customer(state), command.rating)]
        case (
            commands.BotAnswers()
            | commands.BotFails()
            | commands.BotTakesLonger()
            | commands.BotCarriesOut()
            | commands.AgentApproves()
        ):
            return _bot_works(state, command)
        case (
            commands.CustomerTurnsUp()
            | commands.CustomerIsBound()
            | commands.HouseAnswers()
            | commands.ShopNotifies()
            | commands.CourierReports()
        ):
            return _outside(state, command)
        case (
            commands.TicketOpens()
            | commands.TicketPasses()
            | commands.TicketMoves()
            | commands.TicketIsNoted()
            | commands.TicketEscalates()
            | commands.TicketIsFollowedUp()
        ):
            return decide_ticket(state, command)
        case _:
            return decide_service(state, command)


def _outside(state: State, command: Command) -> list[Draft]:
    """What happens only in channels that are not our own page."""
    match command:
        case commands.CustomerTurnsUp(greeting=greeting):
            told = () if state.stage in (Stage.WAITING, Stage.HUMAN) else greeting
            happened = [Draft(command.id, Kind.REACH, SYSTEM, command.reach)] if command.reach else []
            said = _told(f"{command.id}:said" if happened else command.id, told)
            return [*_met(state, command), *happened, *said] if happened or said else []
        case commands.CustomerIsBound(bound=bound, told=told):
            is_bound = Draft(command.id, Kind.BOUND, _sender(bound.customer), bound)
            return [*_met(state, command), *_reach(command), is_bound, *_told(f"{command.id}:said", told)]
        case commands.HouseAnswers(told=told):
            return [*_met(state, command), *_reach(command), *_told(command.id, told)]
        case commands.ShopNotifies(told=told, now=now, agreed=agreed):
            if not ((state.notices or agreed) and state.can_reach(now)):
                raise NotReachableError
            return _told(command.id, told)
        case commands.CourierReports(delivered=delivered):
            return [Draft(command.id, Kind.DELIVERED, SYSTEM, delivered)]
        case _:
            raise RefusedError


def _customer_says(state: State, command: commands.CustomerSays) -> list[Draft]:
    customer = state.customer if command.customer is None else command.customer
    said = Draft(command.id, Kind.SAID, _sender(customer), command.body)
    drafts = [*_met(state, command), *_reach(command), said]
    if state.stage in (Stage.WAITING, Stage.HUMAN):
        return drafts
    if command.means and command.means.human:
        return [*drafts, _handed_off(state, "offered")]
    if isinstance(command.body, Text) and asks_for_human(command.body.text):
        return [*drafts, _handed_off(state, "asked")]
    return drafts


def _customer_asks_for_human(state: State, command: commands.CustomerAsksForHuman) -> list[Draft]:
    if state.stage in (Stage.WAITING, Stage.HUMAN):
        return []
    customer = state.customer if command.customer is None else command.customer
    asked = Draft(command.id, Kind.HANDED_OFF, _sender(customer), HandedOff("asked"))
    return [*_met(state, command), *_reach(command), asked]


def _bot_works(
    state: State,
    command: commands.BotAnswers
    | commands.BotFails
    | commands.BotTakesLonger
    | commands.BotCarriesOut
    | commands.AgentApproves,
) -> list[Draft]:
    match command:
        case commands.BotAnswers():
            return _bot_answers(state, command)
        case commands.BotFails():
            if state.stage is not Stage.BOT or state.brain >= command.of:
                raise StaleError
            return [_handed_off(state, command.reason, command.note)]
        case _:
            return decide_approval(state, command)


def _bot_answers(state: State, command: commands.BotAnswers) -> list[Draft]:
    if state.stage is not Stage.BOT or state.epoch != command.epoch or state.brain >= command.of:
        raise StaleError
    understood = Draft(f"bot:{command.of}:understood", Kind.UNDERSTOOD, BOT, command.understood)
    acted = [
        Draft(f"bot:{command.of}:acted:{n}", Kind.ACTED, BOT, body) for n, body in enumerate(command.acted)
    ]
    replies = [
        Draft(f"bot:{command.of}:said:{n}", Kind.SAID, BOT, body) for n, body in enumerate(command.replies)
    ]
    handed = (
        [_handed_off(state, command.hand_off, command.note, command.proposal)] if command.hand_off else []
    )
    return [understood, *acted, *replies, *handed]


def _met(state: State, command: _FromChannel) -> list[Draft]:
    named = getattr(command, "customer", None)
    customer = state.customer if named is None else named
    known = (state.channel, state.site, state.customer)
    if state.seq and known == (command.channel, command.site, customer):
        return []
    met = Met(command.channel, command.site, customer)
    return [Draft(f"met:{state.seq + 1}", Kind.MET, SYSTEM, met)]


def _reach(command: Command) -> list[Draft]:
    reach = getattr(command, "reach", None)
    return [Draft(f"{command.id}:reach", Kind.REACH, SYSTEM, reach)] if reach else []  # type: ignore[union-attr] # only commands with an id have a reach


def _told(identifier: str, told: tuple[Said, ...]) -> list[Draft]:
    """What the house says itself; the first has the identifier as it is."""
    return [
        Draft(f"{identifier}:{n}" if n else identifier, Kind.SAID, BOT, body) for n, body in enumerate(told)
    ]


def _handed_off(state: State, reason: str, note: str = "", proposal: Proposal | None = None) -> Draft:
    return Draft(_once(state, "handed_off"), Kind.HANDED_OFF, SYSTEM, HandedOff(reason, note, proposal))


def _once(state: State, what: str) -> str:
    # A change of who answers happens once in an epoch.
    return f"{what}:{state.epoch}"


def _sender(customer: bodies.Customer) -> Sender:
    return Sender(Role.CUSTOMER, customer.id, customer.name)


def _customer(state: State) -> Sender:
    return _sender(state.customer)
