"""Teaching the bot: what it was not sure of, by likeness; what people made of it (docs/wire.md)."""

from typing import Literal

import msgspec
from aiohttp import web

from bot.archive.accounts import Session
from bot.archive.teaching import Review
from bot.console.answers import answer
from bot.console.door import read, signed_in
from bot.console.numbers import Seq, whole
from bot.console.parts import PARTS, ConsoleParts
from bot.console.roles import Verb
from bot.errors import BadCallError, NothingTaughtError, NothingTrainedError, TooFewTaughtError
from bot.setting_up.taught import Labelled, learned_id

_DAY_MS = 86_400_000
_LONGEST_DAYS = 90
_MOST = 500


class Which(msgspec.Struct, frozen=True):
    """A reading, by its conversation and the seq of what the customer said."""

    conversation: str
    seq: Seq


class Decided(msgspec.Struct, frozen=True):
    """What becomes of some readings: they mean `intent`, stand in the FAQ now, teach nothing, or are open again."""

    readings: tuple[Which, ...]
    action: Literal["assign", "faq", "ignore", "reopen"]
    intent: str = ""


class Corrected(msgspec.Struct, frozen=True):
    seq: Seq
    intent: str


_REVIEWS: dict[str, Review] = {"assign": "taught", "faq": "faq", "ignore": "ignored", "reopen": ""}


@signed_in(Verb.TEACH)
async def unsure(request: web.Request, _: Session) -> web.StreamResponse:
    """`?days=7`: what the bot was not sure of and nobody has reviewed, the most frequent first."""
    parts = request.app[PARTS]
    days = whole(request, "days", 7)
    if not 1 <= days <= _LONGEST_DAYS:
        raise BadCallError
    since = await parts.log.now() - days * _DAY_MS
    clusters = await parts.teaching.open(since)
    return answer(
        {"clusters": clusters[:200], "more": len(clusters) > 200, "counts": await parts.teaching.counts()}
    )


@signed_in(Verb.TEACH)
async def taught(request: web.Request, _: Session) -> web.StreamResponse:
    """What enters the next training: the turns that people gave an intent, the last one first."""
    return answer({"readings": await request.app[PARTS].teaching.reviewed("taught")})


@signed_in(Verb.TEACH)
async def decide(request: web.Request, session: Session) -> web.StreamResponse:
    given, parts = await read(request, Decided), request.app[PARTS]
    if not 1 <= len(given.readings) <= _MOST or (given.action == "assign") != bool(given.intent):
        raise BadCallError
    if given.intent:
        _known(parts, given.intent)
    now = await parts.log.now()
    for one in given.readings:
        await parts.teaching.review(
            one.conversation,
            one.seq,
            _REVIEWS[given.action],
            intent=given.intent,
            by=session.agent.id,
            now=now,
        )
    return answer({"counts": await parts.teaching.counts()})


@signed_in(Verb.CORRECT)
async def correct(request: web.Request, session: Session) -> web.StreamResponse:
    """纠正意图: an agent says what a message meant; it teaches the bot from the next training on."""
    given, parts = await read(request, Corrected), request.app[PARTS]
    _known(parts, given.intent)
    conversation, now = request.match_info["id"], await parts.log.now()
    await parts.reporter.follow(conversation)
    await parts.teaching.review(
        conversation, given.seq, "taught", intent=given.intent, by=session.agent.id, now=now
    )
    return answer({"seq": given.seq, "intent": given.intent})


class Wanted(msgspec.Struct, frozen=True):
    kind: Literal["train", "publish", "discard", "rollback"]


@signed_in(Verb.TEACH)
async def lessons(request: web.Request, _: Session) -> web.StreamResponse:
    """The last trainings and what came of them, the newest first."""
    book = request.app[PARTS].lessons
    waits = await book.waiting()
    return answer({"lessons": await book.recent(), "waiting": waits.id if waits else ""})


@signed_in(Verb.TEACH)
async def ask_lesson(request: web.Request, session: Session) -> web.StreamResponse:
    """Trains with all that was taught, publishes what came of it or puts it away, or goes back to the model before.

    409 while one is on its way, and when nothing waits to be published.
    """
    given, parts = await read(request, Wanted), request.app[PARTS]
    turns = (await parts.teaching.counts()).get("taught", 0)
    if given.kind == "train":
        await _enough_taught(parts)
    elif given.kind in ("publish", "discard"):
        waits = await parts.lessons.waiting()
        if waits is None:
            raise NothingTrainedError
        turns = waits.turns
    agent, now = session.agent, await parts.log.now()
    return answer({"lesson": await parts.lessons.ask(given.kind, agent.id, agent.display, turns, now)})


async def _enough_taught(parts: ConsoleParts) -> None:
    """Raises what is missing: something to teach, and other conversations to measure on."""
    taught = await parts.teaching.reviewed("taught", limit=100_000)
    if not taught:
        raise NothingTaughtError
    turns = (Labelled(learned_id(one.conversation, one.seq), one.text, one.taught) for one in taught)
    if len({turn.is_held_out for turn in turns}) < 2:
        raise TooFewTaughtError


def _known(parts: ConsoleParts, intent: str) -> None:
    if intent not in parts.labels:
        raise BadCallError
