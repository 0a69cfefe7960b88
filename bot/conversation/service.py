"""The rules of serving: what agents, supervisors and the desk itself may do in a conversation."""

from bot.conversation import commands
from bot.conversation.bodies import Claimed, Closed, Noted, Recalled, Released, Text, Transferred
from bot.conversation.commands import Command
from bot.conversation.events import SYSTEM, Draft, Kind, Sender
from bot.conversation.state import Stage, State
from bot.errors import AlreadyOutError, NotOwnerError, RefusedError, StaleError, TooLateError

RECALL_MS = 120_000


def decide_service(state: State, command: Command) -> list[Draft]:
    """As `rules.decide`, for the commands of people at the desk and of the desk's clocks."""
    match command:
        case commands.AgentClaims(agent=agent, epoch=epoch) | commands.DeskAssigns(agent=agent, epoch=epoch):
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
        case commands.AgentRecalls():
            return _recalled(state, command)
        case commands.AgentNotes(agent=agent):
            if state.seq == 0:
                raise StaleError
            noted = Noted(command.text, command.to, whisper=command.whisper)
            return [Draft(command.id, Kind.NOTED, agent, noted)]
        case commands.DeskTells(text=text, epoch=epoch):
            if state.epoch != epoch:
                raise StaleError
            return [Draft(command.id, Kind.SAID, SYSTEM, Text(text))]
        case _:
            return _changed_hands(state, command)


def _changed_hands(state: State, command: Command) -> list[Draft]:
    match command:
        case commands.AgentPutsBack(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            return [_released(state, agent, Released("put_back"))]
        case commands.AgentPassesOn(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            return [_released(state, agent, Released("passed_on", command.skill, command.note))]
        case commands.AgentVanished(agent=gone, epoch=epoch):
            _must_own(state, gone, epoch)
            return [_released(state, SYSTEM, Released("agent_gone"))]
        case commands.AgentIsSilent(agent=silent, epoch=epoch):
            _must_own(state, silent, epoch)
            if state.first_word_at >= state.claimed_at:
                raise StaleError  # he has spoken since he was given this customer
            return [_released(state, SYSTEM, Released("unanswered"))]
        case commands.AgentTransfers(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            passed = Transferred(agent.id, command.to, command.to_name, command.note)
            return [Draft(_once(state, "transferred"), Kind.TRANSFERRED, agent, passed)]
        case commands.AgentCloses(agent=agent, epoch=epoch):
            _must_own(state, agent.id, epoch)
            return [Draft(_once(state, "closed"), Kind.CLOSED, agent, Closed(agent.id))]
        case _:
            raise RefusedError


def _recalled(state: State, command: commands.AgentRecalls) -> list[Draft]:
    if command.of in state.recalled:
        return []
    if command.said_by != command.agent.id:
        raise NotOwnerError
    if command.of <= state.delivered:
        raise AlreadyOutError
    if command.now - command.said_at > RECALL_MS:
        raise TooLateError
    return [Draft(f"recalled:{command.of}", Kind.RECALLED, command.agent, Recalled(command.of))]


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
