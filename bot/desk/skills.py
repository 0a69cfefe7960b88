"""What a waiting customer needs, and who has it. Pure."""

from collections.abc import Sequence

from bot.conversation.state import State
from bot.desk.desk_rules import Skill


def skill_for(state: State, skills: Sequence[Skill]) -> str:
    """The id of the skill that this conversation calls for; "" when anybody will do.

    What a colleague passed it on for comes first; then the first of `skills` that fits.
    """
    level = state.customer.level if state.customer.verified else ""
    return state.skill or skill_called_for(level, state.reason, state.intent, skills)


def skill_called_for(level: str, reason: str, intent: str, skills: Sequence[Skill]) -> str:
    """The first of `skills` that fits a customer of a vouched-for `level`; "" when anybody will do."""
    for skill in skills:
        if (level and level in skill.levels) or reason in skill.reasons or intent in skill.intents:
            return skill.id
    return ""
