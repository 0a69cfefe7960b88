"""Who gets the next customer. Pure: the line, the agents, and what is due."""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from bot.desk.desk_rules import Assignment


class Waiting(msgspec.Struct, frozen=True):
    """A customer in line, in the order of the line; `since` is when he came (ms)."""

    conversation: str
    skill: str
    since: int


class Free(msgspec.Struct, frozen=True):
    """An agent who is online, with how many conversations he has and may have."""

    id: str
    name: str
    skills: frozenset[str]
    load: int
    capacity: int


class Given(msgspec.Struct, frozen=True):
    conversation: str
    agent: str
    name: str


def assign(line: Iterable[Waiting], agents: Sequence[Free], terms: Assignment, now: int) -> list[Given]:
    """Who gets whom now, the head of the line first.

    Whoever has the skill and the least to do for what he can take; a customer who needs no skill, or for whose
    skill nobody was free for `anybody_after_s`, goes to anybody. An agent without skills of his own is a
    generalist: he takes what nobody with the skill works on today. Nobody gets more than his capacity.
    """
    load = {agent.id: agent.load for agent in agents}
    given = []
    for waiting in line:
        free = [agent for agent in agents if load[agent.id] < agent.capacity]
        fitting = _fitting(free, waiting, agents, patient=now - waiting.since < terms.anybody_after_s * 1000)
        if not fitting:
            continue
        best = min(fitting, key=lambda agent: (load[agent.id] / agent.capacity, load[agent.id], agent.id))
        load[best.id] += 1
        given.append(Given(waiting.conversation, best.id, best.name))
    return given


def _fitting(
    free: Sequence[Free], waiting: Waiting, agents: Collection[Free], *, patient: bool
) -> Sequence[Free]:
    if not waiting.skill:
        return free
    skilled = [agent for agent in free if waiting.skill in agent.skills]
    if skilled or not patient:
        return skilled or free
    if any(waiting.skill in agent.skills for agent in agents):
        return []  # one of them is only busy: worth a moment
    return [agent for agent in free if not agent.skills] or free
