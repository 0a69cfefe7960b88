"""The replies that agents pick by `/`: everybody reads them, supervisors write them (docs/desk.md)."""

import re
import secrets
from typing import Annotated

import msgspec
import structlog
from aiohttp import web

from bot.archive.accounts import Session
from bot.archive.canned_book import CannedText
from bot.archive.faq_book import Writer
from bot.console.answers import answer
from bot.console.door import read, signed_in
from bot.console.hub import CANNED
from bot.console.numbers import Whole
from bot.console.parts import PARTS, ConsoleParts
from bot.console.pinyin import spelled
from bot.console.roles import Verb
from bot.console.serving import clean_text
from bot.errors import LogUnavailableError, NoSuchCannedError, UnknownGapError

logger = structlog.get_logger(__name__)

# Agents write them in either language; the page fills them (web/console/src/stores/canned.ts).
GAPS = frozenset({"{客户}", "{订单号}", "{客服}", "{customer}", "{order}", "{agent}"})
_GAP = re.compile(r"\{[^{}\n]{0,30}\}")
_ID = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)

Title = Annotated[str, msgspec.Meta(max_length=40)]
Words = Annotated[str, msgspec.Meta(max_length=2000)]


class NewCanned(msgspec.Struct, frozen=True):
    """`shortcut` is typed after `/`; `group` is a heading of the list, a shipped one's id or the shop's own words."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    title_en: Title = ""
    text_en: Words = ""
    group: Annotated[str, msgspec.Meta(max_length=20)] = ""
    shortcut: Annotated[str, msgspec.Meta(pattern="^[a-z0-9]{0,16}$")] = ""


class CannedChange(NewCanned, frozen=True, kw_only=True):
    """`rev` is that of the reply as the writer saw it."""

    rev: Whole


class CannedAt(msgspec.Struct, frozen=True):
    rev: Whole


@signed_in(Verb.LOOK)
async def replies(request: web.Request, _: Session) -> web.StreamResponse:
    """All of them, by group."""
    return answer(await request.app[PARTS].canned.all(), clear=True)


@signed_in(Verb.WORD)
async def add(request: web.Request, session: Session) -> web.StreamResponse:
    """Another reply; agents have it at once."""
    given, parts = await read(request, NewCanned), request.app[PARTS]
    text, name = as_text(given), f"own_{secrets.token_hex(6)}"
    keys = await spelled(text.title)
    done = await parts.canned.add(name, text, keys, await _writer(parts, session))
    await _tell(parts, name, session)
    return answer(done, clear=True)


@signed_in(Verb.WORD)
async def save(request: web.Request, session: Session) -> web.StreamResponse:
    """The reply in other words; 409 when somebody changed it meanwhile, or another has its name or shortcut."""
    given, parts, name = await read(request, CannedChange), request.app[PARTS], _named(request)
    text = as_text(given)
    keys = await spelled(text.title)
    done = await parts.canned.save(name, given.rev, text, keys, await _writer(parts, session))
    await _tell(parts, name, session)
    return answer(done, clear=True)


@signed_in(Verb.WORD)
async def remove(request: web.Request, session: Session) -> web.StreamResponse:
    """It is offered no more; a shipped one can be restored."""
    given, parts, name = await read(request, CannedAt), request.app[PARTS], _named(request)
    await parts.canned.remove(name, given.rev, await _writer(parts, session))
    await _tell(parts, name, session)
    return web.Response(status=204)


@signed_in(Verb.WORD)
async def restore(request: web.Request, session: Session) -> web.StreamResponse:
    """A shipped reply as it was."""
    parts, name = request.app[PARTS], _named(request)
    done = await parts.canned.restore(name)
    await _tell(parts, name, session)
    return answer(done, clear=True)


def as_text(given: NewCanned) -> CannedText:
    """What was written, without margins and what no reader can see.

    Raises EmptyTextError, UnknownGapError.
    """
    for text in (given.text, given.text_en):
        for gap in _GAP.findall(text):
            if gap not in GAPS:
                raise UnknownGapError(gap)
    return CannedText(
        _line(clean_text(given.title)),
        clean_text(given.text),
        _line(clean_text(given.title_en)) if given.title_en.strip() else "",
        clean_text(given.text_en) if given.text_en.strip() else "",
        _line(given.group),
        given.shortcut,
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _named(request: web.Request) -> str:
    name = request.match_info["reply"]
    if not _ID.fullmatch(name):
        raise NoSuchCannedError
    return name


async def _writer(parts: ConsoleParts, session: Session) -> Writer:
    return Writer(session.agent.id, session.agent.display, await parts.log.now())


async def _tell(parts: ConsoleParts, name: str, session: Session) -> None:
    """Every open console fetches them anew; one that is not told does when it connects again."""
    logger.info("canned_changed", reply=name, agent=session.agent.id)
    try:
        await parts.board.announce(CANNED)
    except LogUnavailableError as error:
        logger.warning("canned_untold", error=str(error))
