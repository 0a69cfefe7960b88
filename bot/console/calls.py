"""The console's calls (docs/wire.md): agents look, claim, answer, pass on, close."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from bot.archive.accounts import Agent, Session
from bot.console import lists
from bot.console.answers import answer, language, refusal
from bot.console.door import me, read, sign_in, sign_out, signed_in, told_agent
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.conversation import commands
from bot.conversation.bodies import Text
from bot.conversation.commands import Command
from bot.conversation.events import Event, Role, Sender, wire
from bot.desk.packet import make_packet
from bot.desk.presence import Word, shown
from bot.errors import (
    BadCallError,
    BadKindError,
    EmptyTextError,
    NoSuchAgentError,
    StaleError,
    TooLongError,
)
from bot.log.log import Committed

_EVENTS = 200
_LONGEST_TEXT = 2000
_CID = re.compile(r"^[\w.:-]{1,64}$", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class AtEpoch(msgspec.Struct, frozen=True):
    """A change of who answers, as the agent saw the conversation."""

    epoch: int


class Said(msgspec.Struct, frozen=True):
    type: str
    text: str = ""


class Reply(msgspec.Struct, frozen=True):
    cid: str
    epoch: int
    body: Said


class Note(msgspec.Struct, frozen=True):
    cid: str
    text: str


class Transfer(msgspec.Struct, frozen=True):
    epoch: int
    to: str
    note: str = ""


class Spoken(msgspec.Struct, frozen=True):
    presence: Word


@signed_in(Verb.LOOK)
async def conversations(request: web.Request, session: Session) -> web.StreamResponse:
    parts = request.app[PARTS]
    tab, after = request.query.get("tab", "line"), request.query.get("after", "")
    words = request.query.get("q", "").strip()[:100]
    if tab == "mine":
        page = await lists.mine(parts, session.agent.id, words)
    elif tab == "line":
        page = await lists.line(parts, words, after)
    elif tab == "all":
        page = await lists.every(parts, words, after)
    else:
        raise BadCallError
    shared, by_agent = await lists.counts(parts)
    counts = {"mine": by_agent.get(session.agent.id, 0), **shared}
    return answer({"conversations": page.conversations, "counts": counts, "next": page.next})


@signed_in(Verb.LOOK)
async def conversation(request: web.Request, _: Session) -> web.StreamResponse:
    parts, name = request.app[PARTS], request.match_info["id"]
    state = await lists.known_state(parts, name)
    events = await parts.log.last_events(name, limit=_EVENTS)
    return answer(
        {
            "summary": await lists.as_it_is(parts, state),
            "events": [wire(event) for event in events],
            "more": _is_more(events),
            "packet": make_packet(events, parts.labels, language(request)),
        }
    )


@signed_in(Verb.LOOK)
async def events(request: web.Request, _: Session) -> web.StreamResponse:
    parts, name = request.app[PARTS], request.match_info["id"]
    try:
        before, limit = int(request.query.get("before", 0)), int(request.query.get("limit", 100))
    except ValueError as error:
        raise BadCallError from error
    if before < 0 or not 1 <= limit <= _EVENTS:
        raise BadCallError
    await lists.known_state(parts, name)
    found = await parts.log.last_events(name, before, limit)
    return answer({"events": [wire(event) for event in found], "more": _is_more(found)})


@signed_in(Verb.CLAIM)
async def claim(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.AgentClaims(_sender(session.agent), given.epoch))


@signed_in(Verb.TAKE)
async def take(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.SupervisorTakes(_sender(session.agent), given.epoch))


@signed_in(Verb.RELEASE)
async def release(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.AgentPutsBack(_sender(session.agent), given.epoch))


@signed_in(Verb.CLOSE)
async def close(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.AgentCloses(_sender(session.agent), given.epoch))


@signed_in(Verb.TRANSFER)
async def transfer(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, Transfer)
    to = await request.app[PARTS].accounts.agent(given.to)
    if to is None:
        raise NoSuchAgentError
    if to.id == session.agent.id:
        raise BadCallError
    note = _text(given.note) if given.note.strip() else ""
    command = commands.AgentTransfers(_sender(session.agent), given.epoch, to.id, to.display, note)
    return await _changed(request, session, command)


@signed_in(Verb.REPLY)
async def reply(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, Reply)
    if given.body.type != "text":
        raise BadKindError
    identifier = _identifier(session, given.cid)
    body = Text(_text(given.body.text))
    command = commands.AgentReplies(identifier, _sender(session.agent), given.epoch, body)
    return await _added(request, session, command, identifier)


@signed_in(Verb.NOTE)
async def note(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, Note)
    identifier = _identifier(session, given.cid)
    command = commands.AgentNotes(identifier, _sender(session.agent), _text(given.text))
    return await _added(request, session, command, identifier)


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


async def _changed(request: web.Request, session: Session, command: Command) -> web.StreamResponse:
    done = await _commit(request, session, command)
    if isinstance(done, web.Response):
        return done
    return answer({"summary": await lists.as_it_is(request.app[PARTS], done.state)})


async def _added(request: web.Request, session: Session, command: Command, key: str) -> web.StreamResponse:
    done = await _commit(request, session, command, key)
    if isinstance(done, web.Response):
        return done
    return answer({"event": wire(done.events[0])})


async def _commit(
    request: web.Request, session: Session, command: Command, key: str = ""
) -> Committed | web.Response:
    parts, name = request.app[PARTS], request.match_info["id"]
    await lists.known_state(parts, name)
    # Whoever acts is there, even before his socket is up.
    await parts.board.touch(session.agent.id, await parts.log.now())
    try:
        return await parts.log.commit(name, command, key=key)
    except StaleError as error:
        state = await parts.log.state(name)
        return refusal(error, language(request), await lists.as_it_is(parts, state))


def _is_more(found: list[Event]) -> bool:
    return bool(found) and found[0].seq > 1


def _sender(agent: Agent) -> Sender:
    return Sender(Role.AGENT, agent.id, agent.display)


def _identifier(session: Session, cid: str) -> str:
    if not _CID.match(cid):
        raise BadCallError
    return f"a:{session.agent.id}:{cid}"


def _text(text: str) -> str:
    """The text without what no reader can see. Raises EmptyTextError, TooLongError."""
    clean = _CONTROL.sub("", text).strip()
    if not clean:
        raise EmptyTextError
    if len(clean) > _LONGEST_TEXT:
        raise TooLongError
    return clean


_Call = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ROOT = "/api/console"
_ONE = _ROOT + "/conversations/{id}"
_GETS: dict[str, _Call] = {
    f"{_ROOT}/me": me,
    f"{_ROOT}/conversations": conversations,
    _ONE: conversation,
    f"{_ONE}/events": events,
    f"{_ROOT}/agents": agents,
    f"{_ROOT}/labels": labels,
}
_POSTS: dict[str, _Call] = {
    f"{_ROOT}/sign-in": sign_in,
    f"{_ROOT}/sign-out": sign_out,
    f"{_ROOT}/presence": presence,
    f"{_ONE}/claim": claim,
    f"{_ONE}/take": take,
    f"{_ONE}/release": release,
    f"{_ONE}/close": close,
    f"{_ONE}/transfer": transfer,
    f"{_ONE}/reply": reply,
    f"{_ONE}/note": note,
}


def routes() -> list[Any]:
    """All calls, ready for a router."""
    return [
        *(web.get(path, call) for path, call in _GETS.items()),
        *(web.post(path, call) for path, call in _POSTS.items()),
    ]
