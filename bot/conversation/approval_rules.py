"""The rules of what the bot does besides answering: a word that it takes longer, and what an agent approved."""

from bot.conversation import commands
from bot.conversation.bodies import Text
from bot.conversation.changed import Approved
from bot.conversation.events import BOT, Draft, Kind
from bot.conversation.state import Stage, State
from bot.errors import NotOwnerError, StaleError


def decide_approval(
    state: State, command: commands.AgentApproves | commands.BotCarriesOut | commands.BotTakesLonger
) -> list[Draft]:
    """The events that the command leads to. Raises StaleError, NotOwnerError."""
    match command:
        case commands.AgentApproves(agent=agent, epoch=epoch, of=of):
            if state.stage is not Stage.HUMAN or state.owner != agent.id:
                raise NotOwnerError
            if state.epoch != epoch or not of or state.proposed != of:
                raise StaleError
            return [Draft(f"approved:{of}", Kind.APPROVED, agent, Approved(of, agent.id))]
        case commands.BotCarriesOut(of=of, acted=acted, replies=replies):
            if not of or state.approved != of:
                raise StaleError
            told = [Draft(f"approved:{of}:said:{n}", Kind.SAID, BOT, body) for n, body in enumerate(replies)]
            return [Draft(f"approved:{of}:acted", Kind.ACTED, BOT, acted), *told]
        case commands.BotTakesLonger(of=of, epoch=epoch, text=text):
            if state.stage is not Stage.BOT or state.epoch != epoch or state.brain >= of:
                raise StaleError
            return [Draft(f"bot:{of}:wait", Kind.SAID, BOT, Text(text))]
