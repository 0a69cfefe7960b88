"""What the console is made of; the wiring passes it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from bot.archive.accounts import Accounts
from bot.archive.audit import Audit
from bot.archive.canned_book import CannedBook
from bot.archive.faq_book import FaqBook
from bot.archive.hook_book import HookBook
from bot.archive.lessons import LessonBook
from bot.archive.media import Media
from bot.archive.past import PastAnswers
from bot.archive.reporter import Reporter
from bot.archive.reports import Reports
from bot.archive.second_factors import SecondFactors
from bot.archive.store import Store
from bot.archive.teaching import Teaching
from bot.archive.tickets import TicketBook
from bot.archive.webhooks import Letters
from bot.console.known import KnownAnswers
from bot.console.workshop import Workshop
from bot.desk.desk_rules import DeskRules
from bot.desk.eta import Waits
from bot.log.board import Board
from bot.log.live import Live
from bot.log.log import Log
from bot.log.murmurs import Murmurs
from bot.log.posted import Posted

if TYPE_CHECKING:
    from bot.console.hub import Hub
    from bot.console.pace import SignInPace


@dataclass(frozen=True)
class ConsoleParts:
    """`origins` are the addresses under which browsers reach our own pages, like `https://shop.example`.

    `secure` makes cookies Secure: true when the public address is https. `live` and `murmurs` must run
    in this process. `labels` name the intents for people: {intent: {"zh", "en"}}. `sign_ins` may be tried from one address in a minute. `faq` is what the merchant answers himself. Webhooks of the console lead into the inner network only with `hooks_inside`.
    """

    log: Log
    live: Live
    board: Board
    murmurs: Murmurs
    accounts: Accounts
    factors: SecondFactors
    audit: Audit
    store: Store
    origins: frozenset[str]
    secure: bool
    tickets: TicketBook
    rules: DeskRules
    waits: Waits
    reporter: Reporter
    reports: Reports
    teaching: Teaching
    lessons: LessonBook
    letters: Letters
    hooks: HookBook
    media: Media
    canned: CannedBook
    past: PastAnswers
    faq_book: FaqBook
    workshop: Workshop
    posted: Posted
    faq: KnownAnswers = field(default_factory=KnownAnswers)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sign_ins: int = 10
    hooks_inside: bool = False


PARTS = web.AppKey("console_parts", ConsoleParts)
HUB: "web.AppKey[Hub]" = web.AppKey("console_hub")
PACE: "web.AppKey[SignInPace]" = web.AppKey("console_pace")
