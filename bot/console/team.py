"""The people of the desk: who is there, what they are good at, what intents are called (docs/wire.md)."""

import msgspec
from aiohttp import web

from bot.archive.accounts import Session
from bot.console import lists
from bot.console.answers import answer
from bot.console.door import read, signed_in, told_agent
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.desk.presence import Word, shown
from bot.errors import BadCallError, NoSuchAgentError, UnknownAgentError

_MOST_AT_ONCE = 200


class Spoken(msgspec.Struct, frozen=True):
    presence: Word


class Work(msgspec.Struct, frozen=True):
    """What an agent is good at, and how many conversations he may have at once."""

    skills: tuple[str, ...]
    capacity: int


@signed_in(Verb.LOOK)
async def agents(request: web.Request, _: Session) -> web.StreamResponse:
    parts = request.app[PARTS]
    presences, now = await parts.board.presences(), await parts.log.now()
    _shared, load = await lists.counts(parts)
    rows = [
        told_agent(agent)
        | {
            "presence": shown(presences.get(agent.id), now),
            "load": load.get(agent.id, 0),
            "capacity": agent.capacity,
            "skills": agent.skills,
        }
        for agent in await parts.accounts.agents()
    ]
    return answer({"agents": rows})


@signed_in(Verb.LOOK)
async def labels(request: web.Request, _: Session) -> web.StreamResponse:
    """What the intents are called in front of people."""
    return answer({"labels": request.app[PARTS].labels})


@signed_in(Verb.PRESENCE)
async def presence(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, Spoken)
    await request.app[PARTS].board.set_presence(session.agent.id, given.presence)
    return answer({"presence": given.presence})


@signed_in(Verb.STAFF)
async def work(request: web.Request, session: Session) -> web.StreamResponse:
    """Sets an agent's skills and capacity."""
    given, parts = await read(request, Work), request.app[PARTS]
    known = all(parts.rules.skill(skill) is not None for skill in given.skills)
    if not known or not 1 <= given.capacity <= _MOST_AT_ONCE:
        raise BadCallError
    identifier, by = request.match_info["agent"], (session.agent.id, session.agent.display)
    try:
        await parts.accounts.set_work(identifier, given.skills, given.capacity)
    except UnknownAgentError as error:
        raise NoSuchAgentError from error
    thing = f"{given.capacity}: {', '.join(given.skills)}"[:256]
    await parts.audit.note(await parts.log.now(), by, "work_set", whom=identifier, thing=thing)
    await parts.board.announce(f"agent:{request.match_info['agent']}")
    return answer({"skills": given.skills, "capacity": given.capacity})


@signed_in(Verb.LOOK)
async def desk(request: web.Request, _: Session) -> web.StreamResponse:
    """The desk's rules as the console needs them: skills, promises, whether it is open now."""
    parts = request.app[PARTS]
    rules, now = parts.rules, await parts.log.now()
    return answer(
        {
            "skills": [{"id": skill.id, "zh": skill.zh, "en": skill.en} for skill in rules.skills],
            "promises": rules.promises,
            "automatic": rules.assignment.automatic,
            "open": rules.hours.is_open(now),
            "opens": rules.hours.next_opening(now),
        }
    )
