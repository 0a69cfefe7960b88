"""What agents do in a conversation: claim, answer, take back, note, pass on, close (docs/wire.md)."""

import re

import msgspec
from aiohttp import web

from bot.archive.accounts import Agent, Session
from bot.console import lists
from bot.console.answers import answer, language, refusal
from bot.console.door import read, signed_in
from bot.console.hub import CALLED, Called
from bot.console.numbers import Seq, Whole
from bot.console.parts import PARTS
from bot.console.roles import Verb, may
from bot.console.uploads import attached
from bot.conversation import commands
from bot.conversation.bodies import File, Image, Text
from bot.conversation.commands import Command
from bot.conversation.events import Kind, Role, Sender, wire
from bot.errors import (
    BadCallError,
    BadKindError,
    EmptyTextError,
    NoSuchAgentError,
    NotAllowedError,
    StaleError,
    TooLongError,
)
from bot.log.log import Committed

_LONGEST_TEXT = 2000
_MOST_CALLED = 10
_CID = re.compile(r"^[\w.:-]{1,64}$", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class AtEpoch(msgspec.Struct, frozen=True):
    """A change of who answers, as the agent saw the conversation."""

    epoch: Whole


class Approval(msgspec.Struct, frozen=True):
    """Of the proposal in the packet (`of`)."""

    epoch: Whole
    of: Seq


class Said(msgspec.Struct, frozen=True):
    """`url` is what an upload answered; a file has a `name` as well."""

    type: str
    text: str = ""
    url: str = ""
    name: str = ""


class Reply(msgspec.Struct, frozen=True):
    cid: str
    epoch: Whole
    body: Said


class Note(msgspec.Struct, frozen=True):
    cid: str
    text: str
    to: tuple[str, ...] = ()
    whisper: bool = False


class Transfer(msgspec.Struct, frozen=True):
    """To an agent (`to`), or to whoever has a skill."""

    epoch: Whole
    to: str = ""
    skill: str = ""
    note: str = ""


class Recall(msgspec.Struct, frozen=True):
    seq: Seq


@signed_in(Verb.CLAIM)
async def claim(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.AgentClaims(sender_of(session.agent), given.epoch))


@signed_in(Verb.TAKE)
async def take(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.SupervisorTakes(sender_of(session.agent), given.epoch))


@signed_in(Verb.RELEASE)
async def release(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.AgentPutsBack(sender_of(session.agent), given.epoch))


@signed_in(Verb.CLOSE)
async def close(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, AtEpoch)
    return await _changed(request, session, commands.AgentCloses(sender_of(session.agent), given.epoch))


@signed_in(Verb.TRANSFER)
async def transfer(request: web.Request, session: Session) -> web.StreamResponse:
    given, parts = await read(request, Transfer), request.app[PARTS]
    sender = sender_of(session.agent)
    note = clean_text(given.note) if given.note.strip() else ""
    if given.skill:
        if given.to or parts.rules.skill(given.skill) is None:
            raise BadCallError
        passed_on = commands.AgentPassesOn(sender, given.epoch, given.skill, note)
        return await _changed(request, session, passed_on)
    to = await parts.accounts.agent(given.to)
    if to is None:
        raise NoSuchAgentError
    if to.id == session.agent.id:
        raise BadCallError
    command = commands.AgentTransfers(sender, given.epoch, to.id, to.display, note)
    return await _changed(request, session, command)


@signed_in(Verb.REPLY)
async def approve(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, Approval)
    approval = commands.AgentApproves(sender_of(session.agent), given.epoch, given.of)
    return await _changed(request, session, approval)


@signed_in(Verb.REPLY)
async def reply(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, Reply)
    identifier = _identifier(session, given.cid)
    body = await _body(request, given.body)
    command = commands.AgentReplies(identifier, sender_of(session.agent), given.epoch, body)
    return await _added(request, session, command, identifier)


@signed_in(Verb.REPLY)
async def recall(request: web.Request, session: Session) -> web.StreamResponse:
    given, parts = await read(request, Recall), request.app[PARTS]
    event = await parts.log.event(request.match_info["id"], given.seq)
    if event is None or event.kind is not Kind.SAID or event.sender.role is not Role.AGENT:
        raise BadCallError
    now = await parts.log.now()
    command = commands.AgentRecalls(sender_of(session.agent), event.seq, event.sender.id, event.ts, now)
    done = await commit(request, session, command)
    if isinstance(done, web.Response):
        return done
    return answer({"event": wire(done.events[0]) if done.events else None})


@signed_in(Verb.NOTE)
async def note(request: web.Request, session: Session) -> web.StreamResponse:
    given = await read(request, Note)
    if len(given.to) > _MOST_CALLED:
        raise BadCallError
    if given.whisper and not may(session.agent.role, Verb.WHISPER):
        raise NotAllowedError
    identifier = _identifier(session, given.cid)
    command = commands.AgentNotes(
        identifier, sender_of(session.agent), clean_text(given.text), given.to, whisper=given.whisper
    )
    done = await commit(request, session, command, identifier)
    if isinstance(done, web.Response):
        return done
    event = done.events[0]
    if given.to:
        called = Called(given.to, request.match_info["id"], event.seq, session.agent.display)
        await request.app[PARTS].board.announce(CALLED + msgspec.json.encode(called).decode())
    return answer({"event": wire(event)})


async def _body(request: web.Request, said: Said) -> Text | Image | File:
    if said.type == "text":
        return Text(clean_text(said.text))
    if said.type not in ("image", "file"):
        raise BadKindError
    parts = request.app[PARTS]
    state = await lists.known_state(parts, request.match_info["id"])
    text = clean_text(said.text) if said.text.strip() else ""
    body = await attached(parts, state.channel, said.url, said.name, text)
    if isinstance(body, Image) != (said.type == "image"):
        raise BadKindError
    return body


async def _changed(request: web.Request, session: Session, command: Command) -> web.StreamResponse:
    done = await commit(request, session, command)
    if isinstance(done, web.Response):
        return done
    return answer({"summary": await lists.as_it_is(request.app[PARTS], done.state)})


async def _added(request: web.Request, session: Session, command: Command, key: str) -> web.StreamResponse:
    done = await commit(request, session, command, key)
    if isinstance(done, web.Response):
        return done
    return answer({"event": wire(done.events[0])})


async def commit(
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


def sender_of(agent: Agent) -> Sender:
    return Sender(Role.AGENT, agent.id, agent.display)


def _identifier(session: Session, cid: str) -> str:
    if not _CID.match(cid):
        raise BadCallError
    return f"a:{session.agent.id}:{cid}"


def clean_text(text: str) -> str:
    """The text without what no reader can see. Raises EmptyTextError, TooLongError."""
    clean = _CONTROL.sub("", text).strip()
    if not clean:
        raise EmptyTextError
    if len(clean) > _LONGEST_TEXT:
        raise TooLongError
    return clean
