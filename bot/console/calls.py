"""The console's calls and their addresses (docs/wire.md)."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.console import looking, reports, serving, teaching, team, tickets
from bot.console.door import me, sign_in, sign_out

_Call = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ROOT = "/api/console"
_ONE = _ROOT + "/conversations/{id}"
_GETS: dict[str, _Call] = {
    f"{_ROOT}/me": me,
    f"{_ROOT}/conversations": looking.conversations,
    _ONE: looking.conversation,
    f"{_ONE}/events": looking.events,
    f"{_ONE}/history": looking.history,
    f"{_ROOT}/agents": team.agents,
    f"{_ROOT}/labels": team.labels,
    f"{_ROOT}/desk": team.desk,
    f"{_ROOT}/tickets": tickets.tickets,
    f"{_ROOT}/tickets/{{ticket}}": tickets.ticket,
    f"{_ROOT}/live": reports.live,
    f"{_ROOT}/reports": reports.report,
    f"{_ROOT}/reports.csv": reports.report_csv,
    f"{_ROOT}/reports/definitions": reports.definitions,
    f"{_ROOT}/reports/confidence": reports.confidence,
    f"{_ROOT}/reports/conversations": reports.behind,
    f"{_ROOT}/teaching": teaching.unsure,
    f"{_ROOT}/teaching/taught": teaching.taught,
    f"{_ROOT}/teaching/lessons": teaching.lessons,
}
_POSTS: dict[str, _Call] = {
    f"{_ROOT}/sign-in": sign_in,
    f"{_ROOT}/sign-out": sign_out,
    f"{_ROOT}/presence": team.presence,
    f"{_ROOT}/agents/{{agent}}/work": team.work,
    f"{_ONE}/claim": serving.claim,
    f"{_ONE}/take": serving.take,
    f"{_ONE}/release": serving.release,
    f"{_ONE}/close": serving.close,
    f"{_ONE}/transfer": serving.transfer,
    f"{_ONE}/reply": serving.reply,
    f"{_ONE}/approve": serving.approve,
    f"{_ONE}/recall": serving.recall,
    f"{_ONE}/note": serving.note,
    f"{_ONE}/correct": teaching.correct,
    f"{_ROOT}/teaching": teaching.decide,
    f"{_ROOT}/teaching/lessons": teaching.ask_lesson,
    f"{_ONE}/tickets": tickets.open_ticket,
    f"{_ROOT}/tickets": tickets.open_alone,
    f"{_ROOT}/tickets/{{ticket}}/steps": tickets.step,
}


def routes() -> list[Any]:
    """All calls, ready for a router."""
    return [
        *(web.get(path, call) for path, call in _GETS.items()),
        *(web.post(path, call) for path, call in _POSTS.items()),
    ]
