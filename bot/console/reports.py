"""The supervisors' reports and the live strip (docs/wire.md)."""

import csv
import io
from collections.abc import Sequence

from aiohttp import web

from bot.archive.accounts import Session
from bot.archive.measures import BY_ID, GROUPS, MEASURES
from bot.archive.reports import Report
from bot.console import lists
from bot.console.answers import answer, language
from bot.console.door import signed_in
from bot.console.numbers import whole
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.console.shapes import Narrowings
from bot.desk.masking import mask_text
from bot.desk.presence import Word, shown
from bot.desk.summary import decode_summary
from bot.errors import BadCallError

_DAY_MS = 86_400_000
_LONGEST_MS = 400 * _DAY_MS
_LATEST_MS = 100_000 * _DAY_MS  # in the year 2243
_LIVE = 1000


@signed_in(Verb.REPORT)
async def report(request: web.Request, _: Session) -> web.StreamResponse:
    """`?since=&until=&by=day&agent=&channel=&intent=&reason=`: each measure, before and now, and by group."""
    return answer(await _report(request))


@signed_in(Verb.REPORT)
async def report_csv(request: web.Request, _: Session) -> web.StreamResponse:
    """The same as a table for a spreadsheet, UTF-8 with a byte order mark."""
    made, lang = await _report(request), language(request)
    names = [(measure.en if lang == "en" else measure.zh, measure.id) for measure in MEASURES]
    rows: list[list[object]] = [[made.by, *(name for name, _ in names)]]
    total, previous = ("all", "the period before") if lang == "en" else ("合计", "上一周期")
    sums = [(total, made.total), (previous, made.previous)]
    for key, values in [*((row.key, row.values) for row in made.rows), *sums]:
        numbers = (values[identifier].value for _, identifier in names)
        cells = ("" if number is None else round(number, 4) for number in numbers)
        rows.append([_safe(mask_text(key)), *cells])
    return _table(rows, made.by)


@signed_in(Verb.REPORT)
async def definitions(request: web.Request, _: Session) -> web.StreamResponse:
    """What each measure is called and means, and in which unit it is."""
    english = language(request) == "en"
    return answer(
        {
            "measures": [
                {
                    "id": measure.id,
                    "name": measure.en if english else measure.zh,
                    "means": measure.means_en if english else measure.means_zh,
                    "unit": measure.unit,
                }
                for measure in MEASURES
            ],
            "groups": GROUPS,
        }
    )


@signed_in(Verb.REPORT)
async def confidence(request: web.Request, _: Session) -> web.StreamResponse:
    """How sure the bot was, day by day, and what it decided; `before` is the period of the same length before."""
    since, until = _period(request)
    reports = request.app[PARTS].reports
    before = await reports.confidence(2 * since - until, since)
    return answer({"days": await reports.confidence(since, until), "before": before})


@signed_in(Verb.REPORT)
async def confidence_csv(request: web.Request, _: Session) -> web.StreamResponse:
    """The same as a table for a spreadsheet."""
    days = await request.app[PARTS].reports.confidence(*_period(request))
    heads = ["day", "n", "confidence", "answer", "ask", "hand_off"]
    rows = [
        [
            day.day,
            day.n,
            round(day.confidence, 4) if day.n else "",
            *(day.decisions.get(one, 0) for one in heads[3:]),
        ]
        for day in days
    ]
    return _table([heads, *rows], "confidence")


@signed_in(Verb.REPORT)
async def behind(request: web.Request, _: Session) -> web.StreamResponse:
    """The conversations behind one number: `?measure=&by=&key=&since=&until=&agent=&channel=&intent=&reason=`."""
    since, until = _period(request)
    measure, by = request.query.get("measure", ""), request.query.get("by", "")
    if measure not in BY_ID or by not in {"", *GROUPS}:
        raise BadCallError
    key = request.query.get("key", "")
    reports = request.app[PARTS].reports
    return answer({"services": await reports.conversations(since, until, by, key, measure, **_only(request))})


@signed_in(Verb.REPORT)
async def choices(request: web.Request, _: Session) -> web.StreamResponse:
    """`?since=&until=`: the agents, channels, intents and reasons of that time, to narrow a report to one."""
    return answer(Narrowings(**await request.app[PARTS].reports.choices(*_period(request))))


@signed_in(Verb.REPORT)
async def live(request: web.Request, _: Session) -> web.StreamResponse:
    """Now: the line, the longest wait, who is there, promises that are at risk or broken."""
    parts = request.app[PARTS]
    now, line = await parts.log.now(), await parts.board.line()
    owned = list(await parts.board.owned())
    summaries = [
        decode_summary(data) for data in await parts.board.summaries([*line[:_LIVE], *owned[:_LIVE]])
    ]
    waits = [now - one.waiting_since for one in summaries if one.stage == "waiting" and one.waiting_since]
    clocks = [clock for one in summaries for clock in one.clocks]
    presences = await parts.board.presences()
    words = [shown(presences.get(agent.id), now) for agent in await parts.accounts.agents()]
    shared, _by_agent = await lists.counts(parts)
    return answer(
        {
            "now": now,
            "line": shared["line"],
            "served": len(owned),
            "longest_wait_ms": max(waits, default=0),
            "expected": await parts.waits.expected(shared["line"] + 1),
            "agents": {word.value: words.count(word) for word in Word},
            "warned": sum(clock.warn <= now < clock.due for clock in clocks),
            "broken": sum(clock.due <= now for clock in clocks),
            "tickets": await parts.tickets.counts(now),
        }
    )


async def _report(request: web.Request) -> Report:
    since, until = _period(request)
    by = request.query.get("by", "day")
    if by not in GROUPS:
        raise BadCallError
    return await request.app[PARTS].reports.report(since, until, by, **_only(request))


def _only(request: web.Request) -> dict[str, str]:
    return {name: request.query.get(name, "")[:256] for name in Narrowings.__struct_fields__}


def _period(request: web.Request) -> tuple[int, int]:
    since, until = whole(request, "since"), whole(request, "until")
    if not since < until <= min(since + _LONGEST_MS, _LATEST_MS):
        raise BadCallError
    return since, until


def _table(rows: Sequence[Sequence[object]], name: str) -> web.Response:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return web.Response(
        body=("\ufeff" + text.getvalue()).encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="report-{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _safe(key: str) -> str:
    # A spreadsheet would take these for a formula.
    return f"'{key}" if key.startswith(("=", "+", "-", "@", "\t")) else key
