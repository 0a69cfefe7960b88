"""What supervisors answer for: who must have a second factor, and the audit (docs/desk.md)."""

from typing import get_args

import msgspec
from aiohttp import web

from bot.archive.accounts import AgentRole, Session
from bot.archive.audit import PAGE, Deed, Entry
from bot.console.answers import answer
from bot.console.door import read, signed_in
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.errors import BadCallError, NoSuchAgentError, NotAllowedError

_LONGEST_ID = 32


class Security(msgspec.Struct, frozen=True):
    """Whether everybody must have a second factor, and the ids of those who have one."""

    required: bool
    with_factor: list[str]


class Required(msgspec.Struct, frozen=True):
    required: bool


class Entries(msgspec.Struct, frozen=True):
    """The last ones first; `next` is the id to go on `before`."""

    entries: list[Entry]
    next: str | None


@signed_in(Verb.STAFF)
async def security(request: web.Request, _: Session) -> web.StreamResponse:
    """Who has a second factor, and whether everybody must."""
    return answer(await _security(request))


@signed_in(Verb.STAFF)
async def require_factor(request: web.Request, session: Session) -> web.StreamResponse:
    """From now on (or no longer) who has no second factor must set one up before he does anything else."""
    given, parts, agent = await read(request, Required), request.app[PARTS], session.agent
    await parts.factors.require(of_everybody=given.required)
    thing = "required" if given.required else "optional"
    await parts.audit.note(await parts.log.now(), (agent.id, agent.display), "factor_required", thing=thing)
    return answer(await _security(request))


@signed_in(Verb.STAFF)
async def reset_factor(request: web.Request, session: Session) -> web.StreamResponse:
    """Takes the second factor from an agent who lost his phone, and ends his sessions."""
    parts, agent = request.app[PARTS], session.agent
    whom = await parts.accounts.agent(request.match_info["agent"])
    if whom is None:
        raise NoSuchAgentError
    if whom.role is AgentRole.ADMIN and agent.role is not AgentRole.ADMIN:
        raise NotAllowedError
    by = (agent.id, agent.display)
    await parts.audit.note(await parts.log.now(), by, "factor_reset", whom=whom.id, whom_name=whom.display)
    await parts.factors.remove(whom.id, by_himself=False)
    await parts.accounts.end_sessions(whom.id)
    return answer(await _security(request))


@signed_in(Verb.AUDIT)
async def audit(request: web.Request, _: Session) -> web.StreamResponse:
    """`?before=&deed=`: who saw what was masked, and who changed who may sign in."""
    before, deed = request.query.get("before", ""), request.query.get("deed", "")
    if len(before) > _LONGEST_ID or deed not in {"", *get_args(Deed)}:
        raise BadCallError
    found = await request.app[PARTS].audit.entries(before, deed)
    return answer(Entries(found, found[-1].id if len(found) == PAGE else None))


async def _security(request: web.Request) -> Security:
    factors, whoever = request.app[PARTS].factors, await request.app[PARTS].accounts.agents()
    has = await factors.owners()
    required = (await factors.of("")).required
    return Security(required, [agent.id for agent in whoever if agent.id in has])
