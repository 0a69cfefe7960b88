"""What an agent does with his own account: his password, his second factor (docs/desk.md)."""

import msgspec
import segno
from aiohttp import web

from bot.archive.accounts import Session
from bot.archive.audit import Deed
from bot.archive.second_factors import Factor
from bot.console.answers import answer
from bot.console.door import begun, cookie_name, must_type_code, read, signed_in
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.errors import CodeWantedError, NotProvenError, SignInError, WrongCodeError


class Password(msgspec.Struct, frozen=True):
    """`code` is wanted of who has a second factor."""

    old: str
    new: str
    code: str = ""


class Proven(msgspec.Struct, frozen=True):
    """The password again, since a console may stand open; `code` as in Password."""

    password: str
    code: str = ""


class Code(msgspec.Struct, frozen=True):
    code: str


class FactorOffered(msgspec.Struct, frozen=True):
    """A secret for an authenticator app: to type (`secret`), to open (`uri`) or to scan.

    `qr` are the rows of the QR code, "1" for a dark square; it is made here and nowhere else.
    """

    secret: str
    uri: str
    qr: list[str]


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Each is good once, in place of a code; they are told only now."""

    codes: list[str]


class FactorShown(msgspec.Struct, frozen=True):
    """Since when (ms) there is a second factor; `required` of everybody."""

    is_set: bool
    since: int
    codes_left: int
    required: bool


@signed_in(Verb.LOOK)
async def change_password(request: web.Request, session: Session) -> web.StreamResponse:
    """Changes the agent's password: all his sessions end, and a new one begins in this browser."""
    given, agent = await read(request, Password), session.agent
    await _proves(request, session, given.old, given.code)
    await request.app[PARTS].accounts.set_password(agent.name, given.new)
    await _note(request, session, "password_changed")
    response, _ = await begun(request, agent)
    return response


@signed_in(Verb.LOOK, unsecured_too=True)
async def factor(request: web.Request, session: Session) -> web.StreamResponse:
    """Whether the agent has a second factor, and how many recovery codes are left."""
    return answer(_shown(await request.app[PARTS].factors.of(session.agent.id)), clear=True)


@signed_in(Verb.LOOK, unsecured_too=True)
async def offer_factor(request: web.Request, session: Session) -> web.StreamResponse:
    """Begins to set up a second factor: a secret that counts once its first code was typed."""
    given, parts = await read(request, Proven), request.app[PARTS]
    await _proves(request, session, given.password, given.code)
    offered = await parts.factors.offer(session.agent.id, session.agent.name)
    rows = segno.make(offered.uri, error="m", micro=False).matrix
    qr = ["".join(str(int(square)) for square in row) for row in rows]
    return answer(FactorOffered(offered.secret, offered.uri, qr), clear=True)


@signed_in(Verb.LOOK, unsecured_too=True)
async def confirm_factor(request: web.Request, session: Session) -> web.StreamResponse:
    """The first code: from now on codes are wanted, and the agent's other sessions end."""
    given, parts = await read(request, Code), request.app[PARTS]
    try:
        codes = await parts.factors.confirm(session.agent.id, given.code)
    except WrongCodeError as error:
        raise NotProvenError from error
    await parts.accounts.end_sessions(session.agent.id, besides=request.cookies[cookie_name(request)])
    await _note(request, session, "factor_set")
    return answer(RecoveryCodes(codes), clear=True)


@signed_in(Verb.LOOK)
async def renew_codes(request: web.Request, session: Session) -> web.StreamResponse:
    """New recovery codes; the old ones are void."""
    given = await read(request, Proven)
    await _proves(request, session, given.password, given.code)
    return answer(RecoveryCodes(await request.app[PARTS].factors.renew_codes(session.agent.id)), clear=True)


@signed_in(Verb.LOOK)
async def remove_factor(request: web.Request, session: Session) -> web.StreamResponse:
    """Takes the agent's second factor away, unless everybody must have one."""
    given, parts = await read(request, Proven), request.app[PARTS]
    await _proves(request, session, given.password, given.code)
    await parts.factors.remove(session.agent.id)
    await _note(request, session, "factor_removed")
    return answer(_shown(await parts.factors.of(session.agent.id)), clear=True)


async def _proves(request: web.Request, session: Session, password: str, code: str) -> None:
    """Raises NotProvenError or LockedOutError for who may not be the one whose session this is."""
    try:
        await request.app[PARTS].accounts.verify(session.agent.name, password)
        await must_type_code(request, session.agent, code)
    except (SignInError, CodeWantedError, WrongCodeError) as error:
        raise NotProvenError from error


async def _note(request: web.Request, session: Session, deed: Deed) -> None:
    parts, agent = request.app[PARTS], session.agent
    now = await parts.log.now()
    await parts.audit.note(now, (agent.id, agent.display), deed, whom=agent.id, whom_name=agent.display)


def _shown(known: Factor) -> FactorShown:
    return FactorShown(known.is_set, known.since, known.codes_left, known.required)
