"""What CRMs are told: where, and what they did not take (docs/api/webhooks.md)."""

import secrets
from typing import Annotated

import msgspec
import structlog
from aiohttp import web

from bot.archive.accounts import Session
from bot.archive.hook_book import Place, made_secret
from bot.archive.letters import without_particulars
from bot.archive.posting import open_post, post
from bot.archive.webhooks import Letter
from bot.console.answers import answer
from bot.console.door import read, signed_in
from bot.console.numbers import Seq
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.errors import BadCallError, HookAddressError
from bot.settings import HOOK_EVENTS, Hook, HookEvent, is_hook_address

logger = structlog.get_logger(__name__)

Name = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]


class LetterShown(msgspec.Struct, frozen=True):
    """A letter that was given up: which event, how often it was tried, what the receiver said last.

    `body` is its JSON with particulars starred out, whatever the receiver may read.
    """

    hook: str
    conversation: str
    seq: int
    type: str
    tries: int
    told: str
    changed: int
    body: str


class HookShown(msgspec.Struct, frozen=True):
    """Where a CRM is told, without its secret; `filed` ones are the operator's. `counts` of letters by state."""

    name: str
    url: str
    events: list[str]
    clear: bool
    paused: bool
    filed: bool
    by_name: str
    made: int
    counts: dict[str, int]


class Hooks(msgspec.Struct, frozen=True):
    """`counts` of letters by state: due, sent, dead."""

    hooks: list[HookShown]
    dead: list[LetterShown]
    counts: dict[str, int]


class Letters(msgspec.Struct, frozen=True):
    """Everything of this hook that was given up, or one letter of it by its conversation and seq."""

    hook: Annotated[str, msgspec.Meta(max_length=64)]
    conversation: Annotated[str, msgspec.Meta(max_length=128)] = ""
    seq: Seq | None = None

    @property
    def only(self) -> tuple[str, int] | None:
        """Raises BadCallError for half of a letter."""
        if bool(self.conversation) != (self.seq is not None):
            raise BadCallError
        return (self.conversation, self.seq) if self.seq is not None else None


class Revived(msgspec.Struct, frozen=True):
    letters: int


class NewHook(msgspec.Struct, frozen=True):
    """Events: at least one. `clear` leaves phones and numbers in what the receiver reads."""

    name: Name
    url: Annotated[str, msgspec.Meta(max_length=1024)]
    events: Annotated[tuple[HookEvent, ...], msgspec.Meta(min_length=1, max_length=16)]
    clear: bool = False


class Secret(msgspec.Struct, frozen=True):
    """Told once, and never again."""

    secret: str


class Named(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(max_length=64)]


class Pausing(Named, frozen=True):
    paused: bool


class Tested(msgspec.Struct, frozen=True):
    """`told` is what went wrong; "" when the receiver took it."""

    told: str


@signed_in(Verb.REPORT)
async def webhooks(request: web.Request, _: Session) -> web.StreamResponse:
    """Which CRMs are told, how many letters wait, what was given up."""
    parts = request.app[PARTS]
    counts = await parts.letters.counts_of()
    shown = [_shown(place, counts.get(name, {})) for name, place in (await parts.hooks.places()).items()]
    dead = [_letter(one) for one in await parts.letters.dead()]
    return answer(Hooks(shown, dead, await parts.letters.counts()))


@signed_in(Verb.STAFF)
async def again(request: web.Request, session: Session) -> web.StreamResponse:
    """Sends what was given up once more."""
    given, parts = await read(request, Letters), request.app[PARTS]
    revived = await parts.letters.revive(given.hook, await parts.log.now(), given.only)
    logger.info("webhook_revived", hook=given.hook, letters=revived, agent=session.agent.id)
    return answer(Revived(revived))


@signed_in(Verb.STAFF)
async def drop(request: web.Request, session: Session) -> web.StreamResponse:
    """Forgets what was given up."""
    given, parts = await read(request, Letters), request.app[PARTS]
    dropped = await parts.letters.drop(given.hook, given.only)
    logger.info("webhook_dropped", hook=given.hook, letters=dropped, agent=session.agent.id)
    return answer(Revived(dropped))


@signed_in(Verb.STAFF)
async def add(request: web.Request, session: Session) -> web.StreamResponse:
    """Another CRM is told from now on; its secret is made here, and shown this once."""
    given, parts = await read(request, NewHook), request.app[PARTS]
    if not is_hook_address(given.url):
        raise HookAddressError
    events = tuple(name for name in HOOK_EVENTS if name in given.events)
    hook = Hook(given.url, made_secret(), events, given.clear)
    await parts.hooks.add(given.name, hook, session.agent.display, await parts.log.now())
    logger.info("webhook_added", hook=given.name, agent=session.agent.id)
    return answer(Secret(hook.secret), clear=True)


@signed_in(Verb.STAFF)
async def pause(request: web.Request, session: Session) -> web.StreamResponse:
    """Nothing is sent until it is resumed; what happens meanwhile is sent then."""
    given, parts = await read(request, Pausing), request.app[PARTS]
    await parts.hooks.pause(given.name, paused=given.paused)
    logger.info("webhook_paused", hook=given.name, paused=given.paused, agent=session.agent.id)
    return await _one(request, given.name)


@signed_in(Verb.STAFF)
async def rotate(request: web.Request, session: Session) -> web.StreamResponse:
    """Another secret, shown this once; the old one signs nothing any more."""
    given, parts = await read(request, Named), request.app[PARTS]
    secret = await parts.hooks.new_secret(given.name)
    logger.info("webhook_secret_changed", hook=given.name, agent=session.agent.id)
    return answer(Secret(secret), clear=True)


@signed_in(Verb.STAFF)
async def remove(request: web.Request, session: Session) -> web.StreamResponse:
    """It is told no more, nor what it has not taken."""
    given, parts = await read(request, Named), request.app[PARTS]
    await parts.hooks.remove(given.name)
    logger.info("webhook_removed", hook=given.name, agent=session.agent.id)
    return web.Response(status=204)


@signed_in(Verb.STAFF)
async def test(request: web.Request, _: Session) -> web.StreamResponse:
    """Sends a letter of type `test` now, signed like all others, and tells what the receiver said."""
    given, parts = await read(request, Named), request.app[PARTS]
    place, now = await parts.hooks.place(given.name), await parts.log.now()
    event = f"test:{secrets.token_hex(8)}"
    body = msgspec.json.encode({"id": event, "type": "test", "ts": now, "data": {}})
    async with open_post(anywhere=place.filed or parts.hooks_inside) as session:
        return answer(Tested(await post(session, place.hook, event, body, now // 1000)))


async def _one(request: web.Request, name: str) -> web.Response:
    parts = request.app[PARTS]
    counts = (await parts.letters.counts_of()).get(name, {})
    return answer(_shown(await parts.hooks.place(name), counts))


def _shown(place: Place, counts: dict[str, int]) -> HookShown:
    hook = place.hook
    return HookShown(
        place.name,
        hook.url,
        list(hook.events),
        hook.clear,
        place.paused,
        place.filed,
        place.by_name,
        place.made,
        counts,
    )


def _letter(one: Letter) -> LetterShown:
    body = msgspec.json.encode(without_particulars(msgspec.json.decode(one.body))).decode()
    return LetterShown(one.hook, one.conversation, one.seq, one.type, one.tries, one.told, one.changed, body)
