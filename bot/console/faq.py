"""The FAQ's desk: what the bot knows, drafts of it, and what was published (docs/faq.md)."""

import re
import secrets
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from aiohttp import web

from bot.archive.accounts import Session
from bot.archive.faq_book import SHIPPED, FaqText, Kind, Version, Writer
from bot.console.answers import answer
from bot.console.door import read, signed_in
from bot.console.faq_shapes import (
    LONGEST_NAME,
    AtRev,
    Back,
    DraftKept,
    Entry,
    Faq,
    Listed,
    New,
    Published,
    Saved,
    Text,
    ToAsk,
    ToCheck,
)
from bot.console.parts import PARTS, ConsoleParts
from bot.console.roles import Verb
from bot.console.workshop import Value
from bot.errors import BadCallError, EntryIncompleteError, LogUnavailableError, NoSuchEntryError

logger = structlog.get_logger(__name__)

_ID = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z0-9]+(?:_[a-z0-9]+)*")
_TOPIC = re.compile(r"[a-z]+(?:_[a-z]+)*")


@signed_in(Verb.TEACH)
async def faq(request: web.Request, _: Session) -> web.StreamResponse:
    """All entries by topic, as they answer now."""
    parts = request.app[PARTS]
    files, book = await parts.workshop.files(), parts.faq_book
    drafts = {draft.entry: draft for draft in await book.drafts()}
    standing = await book.standing()
    shipped: dict[str, FaqText] = {entry.id: plain(entry) for entry in files.entries}
    listed = []
    for name in dict.fromkeys([*shipped, *standing, *drafts]):
        last, draft = standing.get(name), drafts.get(name)
        text = (last.text if last else None) or shipped.get(name) or (draft.text if draft else None)
        if text is None:  # withdrawn, and shipped no more
            continue
        state = _state(last.kind if last else None, shipped=name in shipped)
        who = last or draft
        listed.append(
            Listed(
                name,
                name.partition(".")[0],
                state,
                draft is not None,
                text,
                last.version if last else SHIPPED,
                who.by_name if who else "",
                (last.ts if last else draft.changed if draft else 0),
            )
        )
    values = {
        name: value if isinstance(value, Value) else Value(str(value), str(value))
        for name, value in files.values.items()
    }
    return answer(Faq(await book.edition(), listed, values), clear=True)


@signed_in(Verb.TEACH)
async def entry(request: web.Request, _: Session) -> web.StreamResponse:
    """One entry with its draft and all that was ever published of it."""
    parts, name = request.app[PARTS], _named(request)
    return answer(await _shown(parts, name), clear=True)


@signed_in(Verb.TEACH)
async def new(request: web.Request, session: Session) -> web.StreamResponse:
    """A draft of an entry that there is not yet."""
    given, parts = await read(request, New), request.app[PARTS]
    if not _TOPIC.fullmatch(given.topic):
        raise BadCallError
    name = f"{given.topic}.own_{secrets.token_hex(3)}"
    return answer(
        DraftKept(await parts.faq_book.save(name, 0, as_text(given.text), await _writer(parts, session)))
    )


@signed_in(Verb.TEACH)
async def save(request: web.Request, session: Session) -> web.StreamResponse:
    """Keeps a draft; shoppers get nothing of it."""
    given, parts, name = await read(request, Saved), request.app[PARTS], _named(request)
    await _must_exist(parts, name)
    writer = await _writer(parts, session)
    return answer(DraftKept(await parts.faq_book.save(name, given.rev, as_text(given.text), writer)))


@signed_in(Verb.TEACH)
async def discard(request: web.Request, _: Session) -> web.StreamResponse:
    """Throws the draft away."""
    given, parts, name = await read(request, AtRev), request.app[PARTS], _named(request)
    await _must_exist(parts, name)
    await parts.faq_book.discard(name, given.rev)
    return answer(await _shown(parts, name, or_empty=True), clear=True)


@signed_in(Verb.TEACH)
async def publish(request: web.Request, session: Session) -> web.StreamResponse:
    """The draft answers from now on, unless something is wrong with it."""
    given, parts, name = await read(request, AtRev), request.app[PARTS], _named(request)
    draft = await parts.faq_book.draft(name)
    if draft is None:
        await _must_exist(parts, name)
        raise EntryIncompleteError
    own = (await parts.faq_book.published())[1]
    checked = await parts.workshop.check(own, _draft_of(name, draft.text), await _known(parts))
    if checked.problems:
        raise EntryIncompleteError
    version = await parts.faq_book.publish(name, given.rev, await _writer(parts, session))
    return await _out(parts, version)


@signed_in(Verb.TEACH)
async def back(request: web.Request, session: Session) -> web.StreamResponse:
    """An earlier version answers again, or what was shipped."""
    given, parts, name = await read(request, Back), request.app[PARTS], _named(request)
    if given.version == SHIPPED and name not in await _shipped(parts):
        raise NoSuchEntryError
    return await _out(parts, await parts.faq_book.go_back(name, given.version, await _writer(parts, session)))


@signed_in(Verb.TEACH)
async def withdraw(request: web.Request, session: Session) -> web.StreamResponse:
    """The entry answers no more; it can be brought back."""
    parts, name = request.app[PARTS], _named(request)
    await _must_exist(parts, name)
    return await _out(parts, await parts.faq_book.withdraw(name, await _writer(parts, session)))


@signed_in(Verb.TEACH)
async def check(request: web.Request, _: Session) -> web.StreamResponse:
    """What is wrong with a draft, which entries say nearly the same, whose words it would take."""
    given, parts = await read(request, ToCheck), request.app[PARTS]
    own = (await parts.faq_book.published())[1]
    draft = _draft_of(given.entry, as_text(given.text))
    return answer(await parts.workshop.check(own, draft, await _known(parts), full=given.full), clear=True)


@signed_in(Verb.TEACH)
async def ask(request: web.Request, _: Session) -> web.StreamResponse:
    """What the search finds for a shopper's words, now or with a draft."""
    given, parts = await read(request, ToAsk), request.app[PARTS]
    draft = _draft_of(given.entry, as_text(given.text)) if given.text else None
    own = (await parts.faq_book.published())[1]
    return answer(await parts.workshop.ask(own, draft, given.words), clear=True)


def as_text(given: Text) -> FaqText:
    """What was written, without blank lines and margins."""
    phrasings = tuple(filter(None, (text.strip() for text in given.phrasings)))
    return FaqText(
        given.question.strip(),
        phrasings,
        given.answer.strip(),
        given.answer_en.strip(),
        given.intents,
        given.related,
    )


def plain(text: FaqText) -> FaqText:
    return FaqText(*(getattr(text, field) for field in FaqText.__struct_fields__))


def _state(kind: Kind | None, *, shipped: bool) -> str:
    if kind == "withdrawn":
        return "withdrawn"
    if kind == "text":
        return "changed" if shipped else "own"
    return "shipped" if shipped else "new"


def _named(request: web.Request) -> str:
    name = request.match_info["entry"]
    if len(name) > LONGEST_NAME or not _ID.fullmatch(name):
        raise NoSuchEntryError
    return name


async def _writer(parts: ConsoleParts, session: Session) -> Writer:
    return Writer(session.agent.id, session.agent.display, await parts.log.now())


async def _shipped(parts: ConsoleParts) -> dict[str, FaqText]:
    return {entry.id: plain(entry) for entry in (await parts.workshop.files()).entries}


async def _known(parts: ConsoleParts) -> list[str]:
    """The ids of what answers, or will when it is published."""
    standing, drafts = await parts.faq_book.standing(), await parts.faq_book.drafts()
    gone = {name for name, last in standing.items() if last.kind == "withdrawn"}
    known = {*await _shipped(parts), *standing, *(draft.entry for draft in drafts)}
    return sorted(known - gone)


async def _must_exist(parts: ConsoleParts, name: str) -> None:
    book = parts.faq_book
    if name in await _shipped(parts) or await book.draft(name) or await book.versions(name):
        return
    raise NoSuchEntryError


async def _shown(parts: ConsoleParts, name: str, *, or_empty: bool = False) -> Entry:
    book = parts.faq_book
    shipped = (await _shipped(parts)).get(name)
    draft, versions = await book.draft(name), await book.versions(name)
    if not (shipped or draft or versions or or_empty):
        raise NoSuchEntryError
    last = versions[0] if versions else None
    published = last.text if last and last.kind != "shipped" else shipped
    return Entry(name, shipped, published, draft, versions)


async def _out(parts: ConsoleParts, version: Version) -> web.Response:
    """Tells every process, and whoever published. SQL has it: when Redis is away, a follower tells it later."""
    edition, content = await parts.faq_book.published()
    with suppress(LogUnavailableError):
        await parts.posted.put(edition, content)
    logger.info(
        "faq_published", entry=version.entry, version=version.version, kind=version.kind, agent=version.by
    )
    return answer(Published(version, edition))


def _draft_of(name: str, text: FaqText) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(text)
    return {"id": name or "new.own", **told}
