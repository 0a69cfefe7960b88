"""The console's calls: their addresses, what they take and what they answer (docs/wire.md)."""

from typing import Any, get_args

from aiohttp import web

from bot.archive.audit import Deed
from bot.archive.canned_book import Canned, Canneds
from bot.archive.measures import GROUPS
from bot.archive.reports import Report
from bot.channels.uploads import Uploaded
from bot.console import (
    account,
    canned,
    faq,
    faq_shapes,
    hooks,
    looking,
    oversight,
    reports,
    reveal,
    serving,
    shapes,
    suggesting,
    teaching,
    team,
    tickets,
    uploads,
    workshop,
)
from bot.console.answers import language, refusal
from bot.console.door import Credentials, me, sign_in, sign_out
from bot.console.openapi import ROOT, Call, Query, openapi
from bot.conversation.ticket import TicketStage
from bot.errors import NoSuchCallError

_ONE = "conversations/{id}"
_TEXT = {"type": "string", "maxLength": 256}
_TIME = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_PERIOD = (Query("since", _TIME, required=True), Query("until", _TIME, required=True))
_BY = Query("by", {"type": "string", "enum": list(GROUPS)})
_ONLY = tuple(Query(name, _TEXT) for name in ("agent", "channel", "intent", "reason"))
_STAGES = ["open", *(stage.value for stage in TicketStage)]

CALLS: tuple[Call, ...] = (
    Call("GET", "openapi.json", openapi),
    Call("POST", "sign-in", sign_in, shapes.SignedIn, Credentials),
    Call("POST", "sign-out", sign_out),
    Call("GET", "me", me, shapes.SignedIn),
    Call("POST", "me/password", account.change_password, shapes.SignedIn, account.Password),
    Call("GET", "me/factor", account.factor, account.FactorShown),
    Call("POST", "me/factor", account.offer_factor, account.FactorOffered, account.Proven),
    Call("POST", "me/factor/confirm", account.confirm_factor, account.RecoveryCodes, account.Code),
    Call("POST", "me/factor/codes", account.renew_codes, account.RecoveryCodes, account.Proven),
    Call("POST", "me/factor/off", account.remove_factor, account.FactorShown, account.Proven),
    Call(
        "GET",
        "conversations",
        looking.conversations,
        shapes.Listed,
        query=(
            Query("tab", {"type": "string", "enum": ["mine", "line", "all"]}),
            Query("after", {"type": "string", "pattern": "^[0-9]{0,15}$"}),
            Query("q", _TEXT),
        ),
    ),
    Call("GET", _ONE, looking.conversation, shapes.Opened),
    Call(
        "GET",
        f"{_ONE}/events",
        looking.events,
        shapes.Events,
        query=(
            Query("before", _TIME),
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
        ),
    ),
    Call("GET", f"{_ONE}/history", looking.history, shapes.History),
    Call("GET", f"{_ONE}/suggestions", suggesting.suggestions, suggesting.Suggested),
    Call("POST", f"{_ONE}/uploads", uploads.upload, Uploaded),
    Call("POST", f"{_ONE}/claim", serving.claim, shapes.Changed, serving.AtEpoch),
    Call("POST", f"{_ONE}/take", serving.take, shapes.Changed, serving.AtEpoch),
    Call("POST", f"{_ONE}/release", serving.release, shapes.Changed, serving.AtEpoch),
    Call("POST", f"{_ONE}/close", serving.close, shapes.Changed, serving.AtEpoch),
    Call("POST", f"{_ONE}/transfer", serving.transfer, shapes.Changed, serving.Transfer),
    Call("POST", f"{_ONE}/approve", serving.approve, shapes.Changed, serving.Approval),
    Call("POST", f"{_ONE}/reply", serving.reply, shapes.Added, serving.Reply),
    Call("POST", f"{_ONE}/recall", serving.recall, shapes.Added, serving.Recall),
    Call("POST", f"{_ONE}/note", serving.note, shapes.Added, serving.Note),
    Call("POST", f"{_ONE}/correct", teaching.correct, shapes.CorrectionKept, teaching.Corrected),
    Call("POST", f"{_ONE}/reveal", reveal.reveal, reveal.Revealed, reveal.Wish),
    Call("POST", f"{_ONE}/tickets", tickets.open_ticket, shapes.TicketStepped, tickets.Open),
    Call("GET", "agents", team.agents, shapes.Colleagues),
    Call("POST", "agents/{agent}/work", team.work, shapes.WorkSet, team.Work),
    Call("POST", "agents/{agent}/factor-reset", oversight.reset_factor, oversight.Security),
    Call("GET", "security", oversight.security, oversight.Security),
    Call("POST", "security", oversight.require_factor, oversight.Security, oversight.Required),
    Call(
        "GET",
        "audit",
        oversight.audit,
        oversight.Entries,
        query=(
            Query("before", {"type": "string", "pattern": "^[0-9a-f-]{0,32}$"}),
            Query("deed", {"type": "string", "enum": list(get_args(Deed))}),
        ),
    ),
    Call("GET", "labels", team.labels, shapes.Labels),
    Call("GET", "desk", team.desk, shapes.DeskShown),
    Call("POST", "presence", team.presence, shapes.Present, team.Spoken),
    Call(
        "GET",
        "tickets",
        tickets.tickets,
        shapes.Tickets,
        query=(
            Query("owner", _TEXT),
            Query("stage", {"type": "string", "enum": _STAGES}),
            Query("late", {"type": "string", "enum": ["1"]}),
            Query("q", _TEXT),
            Query("before", _TIME),
        ),
    ),
    Call("POST", "tickets", tickets.open_alone, shapes.TicketStepped, tickets.OpenAlone),
    Call("GET", "tickets/{ticket}", tickets.ticket, shapes.TicketShown),
    Call("POST", "tickets/{ticket}/reveal", reveal.reveal_ticket, shapes.TicketShown, reveal.WishOfTicket),
    Call("POST", "tickets/{ticket}/steps", tickets.step, shapes.TicketStepped, tickets.Step),
    Call("GET", "live", reports.live, shapes.Live),
    Call("GET", "reports", reports.report, Report, query=(*_PERIOD, _BY, *_ONLY)),
    Call("GET", "reports.csv", reports.report_csv, query=(*_PERIOD, _BY, *_ONLY), media="text/csv"),
    Call("GET", "reports/definitions", reports.definitions, shapes.Definitions),
    Call("GET", "reports/choices", reports.choices, shapes.Narrowings, query=_PERIOD),
    Call("GET", "reports/confidence", reports.confidence, shapes.Confidence, query=_PERIOD),
    Call("GET", "reports/confidence.csv", reports.confidence_csv, query=_PERIOD, media="text/csv"),
    Call(
        "GET",
        "reports/conversations",
        reports.behind,
        shapes.Behind,
        query=(
            *_PERIOD,
            Query("measure", {"type": "string"}, required=True),
            _BY,
            Query("key", _TEXT),
            *_ONLY,
        ),
    ),
    Call(
        "GET",
        "teaching",
        teaching.unsure,
        shapes.Unsure,
        query=(Query("days", {"type": "integer", "minimum": 1, "maximum": 90}),),
    ),
    Call("POST", "teaching", teaching.decide, shapes.Reviewed, teaching.Decided),
    Call("GET", "teaching/taught", teaching.taught, shapes.Taught),
    Call("GET", "teaching/lessons", teaching.lessons, shapes.Lessons),
    Call("POST", "teaching/lessons", teaching.ask_lesson, shapes.LessonAsked, teaching.Wanted),
    Call("GET", "faq", faq.faq, faq_shapes.Faq),
    Call("POST", "faq", faq.new, faq_shapes.DraftKept, faq_shapes.New),
    Call("POST", "faq/check", faq.check, workshop.Checked, faq_shapes.ToCheck),
    Call("POST", "faq/ask", faq.ask, workshop.Previewed, faq_shapes.ToAsk),
    Call("GET", "faq/{entry}", faq.entry, faq_shapes.Entry),
    Call("POST", "faq/{entry}/draft", faq.save, faq_shapes.DraftKept, faq_shapes.Saved),
    Call("POST", "faq/{entry}/discard", faq.discard, faq_shapes.Entry, faq_shapes.AtRev),
    Call("POST", "faq/{entry}/publish", faq.publish, faq_shapes.Published, faq_shapes.AtRev),
    Call("POST", "faq/{entry}/back", faq.back, faq_shapes.Published, faq_shapes.Back),
    Call("POST", "faq/{entry}/withdraw", faq.withdraw, faq_shapes.Published),
    Call("GET", "canned", canned.replies, Canneds),
    Call("POST", "canned", canned.add, Canned, canned.NewCanned),
    Call("POST", "canned/{reply}", canned.save, Canned, canned.CannedChange),
    Call("POST", "canned/{reply}/remove", canned.remove, None, canned.CannedAt),
    Call("POST", "canned/{reply}/restore", canned.restore, Canned),
    Call("GET", "webhooks", hooks.webhooks, hooks.Hooks),
    Call("POST", "webhooks", hooks.add, hooks.Secret, hooks.NewHook),
    Call("POST", "webhooks/again", hooks.again, hooks.Revived, hooks.Letters),
    Call("POST", "webhooks/drop", hooks.drop, hooks.Revived, hooks.Letters),
    Call("POST", "webhooks/pause", hooks.pause, hooks.HookShown, hooks.Pausing),
    Call("POST", "webhooks/rotate", hooks.rotate, hooks.Secret, hooks.Named),
    Call("POST", "webhooks/remove", hooks.remove, None, hooks.Named),
    Call("POST", "webhooks/test", hooks.test, hooks.Tested, hooks.Named),
)


def routes() -> list[Any]:
    """All calls, ready for a router; whatever else is asked below their root is answered in their manner."""
    return [
        *(web.route(call.method, call.address, call.handler) for call in CALLS),
        web.route("*", ROOT + "/{rest:.*}", _nothing_here),
    ]


async def _nothing_here(request: web.Request) -> web.StreamResponse:
    return refusal(NoSuchCallError(), language(request))
