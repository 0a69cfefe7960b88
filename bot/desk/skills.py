"""What a waiting customer needs, and who has it. Pure."""

from collections.abc import Sequence

from bot.conversation.state import State
from bot.desk.desk_rules import Skill


def skill_for(state: State, skills: Sequence[Skill]) -> str:
    """The id of the skill that this conversation calls for; "" when anybody will do.

    What a colleague passed it on for comes first; then the first of `skills` that fits.
    """
    if state.skill:
        return state.skill
    for skill in skills:
        of_level = state.customer.verified and state.customer.level in skill.levels
        if of_level or state.reason in skill.reasons or state.intent in skill.intents:
            return skill.id
    return ""
