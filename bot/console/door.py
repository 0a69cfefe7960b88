"""The console's door: sign-in, sessions, and what every call has to show."""

from collections.abc import Awaitable, Callable
from functools import wraps
from hmac import compare_digest
from typing import TypeVar

import msgspec
import structlog
from aiohttp import web

from bot.archive.accounts import Agent, Session
from bot.console.answers import answer, language, refusal
from bot.console.parts import PACE, PARTS
from bot.console.roles import Verb, may
from bot.errors import (
    BadCallError,
    CodeWantedError,
    FactorMissingError,
    IdentityError,
    NotAllowedError,
    WrongCodeError,
    XiaoerError,
)

logger = structlog.get_logger(__name__)

CSRF = "X-CSRF-Token"
_LARGEST = 64 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SignedHandler = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]
_VERB_OF: dict[Handler, Verb] = {}


class Credentials(msgspec.Struct, frozen=True):
    """`code` is of the second factor, or a recovery code; only who set one up needs it."""

    name: str
    password: str
    code: str = ""


def open_to_all(handler: Handler) -> Handler:
    """A call that needs no session; its errors are answered in the reader's language."""

    @wraps(handler)
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except XiaoerError as error:
            return refusal(error, language(request))

    return answered


def signed_in(verb: Verb, *, unsecured_too: bool = False) -> Callable[[SignedHandler], Handler]:
    """A call for agents whose role may `verb`; one that changes something must carry the CSRF token.

    `unsecured_too`: also for who must set up a second factor and has not yet.
    """

    def guard(handler: SignedHandler) -> Handler:
        @open_to_all
        @wraps(handler)
        async def guarded(request: web.Request) -> web.StreamResponse:
            session = await session_of(request)
            if request.method != "GET":
                _must_be_ours(request, session)
            if session.unsecured and not unsecured_too:
                raise FactorMissingError
            if not may(session.agent.role, verb):
                raise NotAllowedError
            return await handler(request, session)

        _VERB_OF[guarded] = verb
        return guarded

    return guard


def verb_of(handler: Handler) -> Verb | None:
    """What a call's role must be allowed to do; None when the call is open to all."""
    return _VERB_OF.get(handler)


async def session_of(request: web.Request) -> Session:
    """Raises IdentityError when nobody is signed in."""
    token = request.cookies.get(cookie_name(request), "")
    session = await request.app[PARTS].accounts.session(token) if token else None
    if session is None:
        raise IdentityError
    return session


def cookie_name(request: web.Request) -> str:
    # A browser lets only this very host set a name with this prefix, and only over https.
    return "__Host-xiaoer" if request.app[PARTS].secure else "xiaoer_agent"


def is_our_page(request: web.Request) -> bool:
    return request.headers.get("Origin", "") in request.app[PARTS].origins


@open_to_all
async def sign_in(request: web.Request) -> web.StreamResponse:
    """Begins a session, and ends the one that the browser had."""
    if "Origin" in request.headers and not is_our_page(request):
        raise NotAllowedError
    given = await read(request, Credentials)
    request.app[PACE].check(request.remote or "")
    accounts = request.app[PARTS].accounts
    agent = await accounts.verify(given.name, given.password)
    await must_type_code(request, agent, given.code)
    old = request.cookies.get(cookie_name(request))
    if old:
        await accounts.end_session(old)
    response, session = await begun(request, agent)
    if not session.unsecured:
        await request.app[PARTS].board.set_presence(agent.id, "online")
    logger.info("agent_signed_in", agent=agent.id)
    return response


async def must_type_code(request: web.Request, agent: Agent, code: str) -> None:
    """Returns when the agent has no second factor, or the code is his. Raises CodeWantedError, WrongCodeError."""
    factors = request.app[PARTS].factors
    if not (await factors.of(agent.id)).is_set:
        return
    if not code.strip():
        raise CodeWantedError
    try:
        await factors.check(agent.id, code)
    except WrongCodeError:
        await request.app[PARTS].accounts.count_failure(agent.id)
        raise


async def begun(request: web.Request, agent: Agent) -> tuple[web.Response, Session]:
    """The answer that begins a new session, with its cookie."""
    accounts = request.app[PARTS].accounts
    token, _ = await accounts.begin_session(agent)
    session = await accounts.session(token)
    if session is None:
        raise IdentityError
    response = answer(told(session), clear=True)
    response.set_cookie(
        cookie_name(request),
        token,
        httponly=True,
        secure=request.app[PARTS].secure,
        samesite="Strict",
        path="/",
        max_age=12 * 3600,
    )
    return response, session


@signed_in(Verb.LOOK, unsecured_too=True)
async def sign_out(request: web.Request, session: Session) -> web.StreamResponse:
    await request.app[PARTS].accounts.end_session(request.cookies[cookie_name(request)])
    await request.app[PARTS].board.set_presence(session.agent.id, "offline")
    response = web.Response(status=204)
    response.del_cookie(
        cookie_name(request), path="/", secure=request.app[PARTS].secure, httponly=True, samesite="Strict"
    )
    return response


@signed_in(Verb.LOOK, unsecured_too=True)
async def me(_: web.Request, session: Session) -> web.StreamResponse:
    return answer(told(session), clear=True)


def told(session: Session) -> dict[str, object]:
    agent = told_agent(session.agent)
    return {"agent": agent, "csrf": session.csrf, "unsecured": session.unsecured}


def told_agent(agent: Agent) -> dict[str, object]:
    return {"id": agent.id, "name": agent.name, "display": agent.display, "role": agent.role}


Given = TypeVar("Given")


async def read(request: web.Request, kind: type[Given]) -> Given:
    """The call's JSON as a value. Raises BadCallError."""
    if request.content_type != "application/json" or (request.content_length or 0) > _LARGEST:
        raise BadCallError
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, web.HTTPRequestEntityTooLarge) as error:
        raise BadCallError from error


def _must_be_ours(request: web.Request, session: Session) -> None:
    foreign = "Origin" in request.headers and not is_our_page(request)
    if foreign or not compare_digest(request.headers.get(CSRF, "").encode(), session.csrf.encode()):
        raise NotAllowedError
