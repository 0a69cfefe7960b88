"""What a CRM did not take: supervisors see it, and send it again (docs/api/webhooks.md)."""

import msgspec
import structlog
from aiohttp import web

from bot.archive.accounts import Session
from bot.console.answers import answer
from bot.console.door import read, signed_in
from bot.console.parts import PARTS
from bot.console.roles import Verb

logger = structlog.get_logger(__name__)


class LetterShown(msgspec.Struct, frozen=True):
    """A letter that was given up: which event, how often it was tried, what the receiver said last."""

    hook: str
    conversation: str
    seq: int
    type: str
    tries: int
    told: str
    changed: int


class Hooks(msgspec.Struct, frozen=True):
    """`counts` of letters by state: due, sent, dead."""

    dead: list[LetterShown]
    counts: dict[str, int]


class Again(msgspec.Struct, frozen=True):
    """Everything of this hook that was given up."""

    hook: str


class Revived(msgspec.Struct, frozen=True):
    letters: int


@signed_in(Verb.REPORT)
async def webhooks(request: web.Request, _: Session) -> web.StreamResponse:
    """How the webhooks do: how many letters wait, what was given up."""
    letters = request.app[PARTS].letters
    dead = [
        LetterShown(one.hook, one.conversation, one.seq, one.type, one.tries, one.told, one.changed)
        for one in await letters.dead()
    ]
    return answer(Hooks(dead, await letters.counts()))


@signed_in(Verb.STAFF)
async def again(request: web.Request, session: Session) -> web.StreamResponse:
    """Sends what was given up once more."""
    given, parts = await read(request, Again), request.app[PARTS]
    revived = await parts.letters.revive(given.hook, await parts.log.now())
    logger.info("webhook_revived", hook=given.hook[:64], letters=revived, agent=session.agent.id)
    return answer(Revived(revived))
