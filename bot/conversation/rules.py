"""The rules: from a state and a command, the events that follow, or the error.

Pure: no clock, no network, no randomness. Whoever writes to the log asks here
first, against the very state that the log then checks its write against.
"""

from bot.conversation import bodies, commands
from bot.conversation.bodies import Claimed, Closed, HandedOff, Met, Noted, Released, Text, Transferred
from bot.conversation.commands import Command
from bot.conversation.events import BOT, SYSTEM, Draft, Kind, Role, Sender
from bot.conversation.human_wish import asks_for_human
from bot.conversation.state import Stage, State
from bot.errors import NothingToRateError, NotOwnerError, RefusedError, StaleError


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
            return [Draft(command.id, Kind.RELEASED, _customer(state), Released("cancelled"))]
        case commands.CustomerRates():
            if not state.rateable:
                raise NothingToRateError
            return [Draft(command.id, Kind.RATED, _customer(state), command.rating)]
        case commands.BotAnswers():
            return _bot_answers(state, command)
        case commands.BotFails():
            if state.stage is not Stage.BOT or state.brain >= command.of:
                raise StaleError
            return [_handed_off(state, command.reason, command.note)]
        case _:
            return _agent_does(state, command)


def _agent_does(state: State, command: Command) -> list[Draft]:
    match command:
        case commands.AgentClaims(agent=agent, epoch=epoch):
            if state.stage is not Stage.WAITING or state.epoch != epoch:
                raise StaleError
            return [_claimed(state, agent)]
        case commands.SupervisorTakes(agent=agent, epoch=epoch):
            if state.epoch != epoch or state.owner == agent.id or state.seq == 0:
                raise StaleError
            return [_claimed(state, agent)]
        case commands.AgentReplies(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            return [Draft(command.id, Kind.SAID, agent, command.body)]
        case commands.AgentNotes(agent=agent, text=text):
            if state.seq == 0:
                raise StaleError
            return [Draft(command.id, Kind.NOTED, agent, Noted(text))]
        case commands.AgentPutsBack(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            return [_released(state, agent, Released("put_back"))]
        case commands.AgentVanished(agent=gone, epoch=epoch):
            _must_own(state, gone, epoch)
            return [_released(state, SYSTEM, Released("agent_gone"))]
        case commands.AgentTransfers(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            passed = Transferred(agent.id, command.to, command.to_name, command.note)
            return [Draft(_once(state, "transferred"), Kind.TRANSFERRED, agent, passed)]
        case commands.AgentCloses(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            return [Draft(_once(state, "closed"), Kind.CLOSED, agent, Closed(agent.id))]
        case _:
            raise RefusedError


def _customer_says(state: State, command: commands.CustomerSays) -> list[Draft]:
    said = Draft(command.id, Kind.SAID, _sender(command.customer), command.body)
    drafts = [*_met(state, command), said]
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
    asked = Draft(command.id, Kind.HANDED_OFF, _sender(command.customer), HandedOff("asked"))
    return [*_met(state, command), asked]


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
    handed = [_handed_off(state, command.hand_off, command.note)] if command.hand_off else []
    return [understood, *acted, *replies, *handed]


def _met(state: State, command: commands.CustomerSays | commands.CustomerAsksForHuman) -> list[Draft]:
    known = (state.channel, state.site, state.customer)
    if state.seq and known == (command.channel, command.site, command.customer):
        return []
    met = Met(command.channel, command.site, command.customer)
    return [Draft(f"met:{state.seq + 1}", Kind.MET, SYSTEM, met)]


def _handed_off(state: State, reason: str, note: str = "") -> Draft:
    return Draft(_once(state, "handed_off"), Kind.HANDED_OFF, SYSTEM, HandedOff(reason, note))


def _claimed(state: State, agent: Sender) -> Draft:
    return Draft(_once(state, "claimed"), Kind.CLAIMED, agent, Claimed(agent.id, agent.name))


def _released(state: State, by: Sender, body: Released) -> Draft:
    return Draft(_once(state, "released"), Kind.RELEASED, by, body)


def _once(state: State, what: str) -> str:
    # A change of who answers happens once in an epoch.
    return f"{what}:{state.epoch}"


def _must_own(state: State, agent: str, epoch: int) -> None:
    if state.stage is not Stage.HUMAN or state.owner != agent:
        raise NotOwnerError
    if state.epoch != epoch:
        raise StaleError


def _sender(customer: bodies.Customer) -> Sender:
    return Sender(Role.CUSTOMER, customer.id, customer.name)


def _customer(state: State) -> Sender:
    return _sender(state.customer)
