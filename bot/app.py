"""The wiring: which parts make which process. The only place that names concrete parts."""

import argparse
import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog
import yaml
from aiohttp import web

from bot.archive.accounts import Accounts, AgentRole
from bot.archive.audit import Audit
from bot.archive.bound import BoundElsewhere
from bot.archive.canned_book import CannedBook, Shipped
from bot.archive.database import Database
from bot.archive.faq_book import FaqBook
from bot.archive.hook_book import HookBook
from bot.archive.lessons import LessonBook
from bot.archive.media import Media
from bot.archive.older import OlderEvents
from bot.archive.past import PastAnswers
from bot.archive.reporter import Reporter
from bot.archive.reports import Reports
from bot.archive.second_factors import SecondFactors, take_factor
from bot.archive.services import Service
from bot.archive.store import Store
from bot.archive.teaching import Teaching
from bot.archive.tickets import TicketBook
from bot.archive.webhooks import Letters
from bot.channels.callers import Callers
from bot.channels.identity import Identities
from bot.channels.line_watch import LineWatch
from bot.channels.shop_hooks import ShopHooks
from bot.channels.shopper_socket import News
from bot.channels.shopper_uploads import ShopperUploads
from bot.channels.standing import Line
from bot.channels.uploads import TakesIn
from bot.channels.web import WebChannel
from bot.channels.web_pages import WebPages
from bot.checks import checks
from bot.console.app import add_console
from bot.console.pages import console_pages
from bot.console.parts import ConsoleParts
from bot.console.status import Status
from bot.console.workshop import Workshop
from bot.desk.attendance import Attendance
from bot.desk.desk_rules import DeskRules, read_desk_rules
from bot.desk.eta import Waits
from bot.desk.skills import skill_called_for
from bot.errors import NameTakenError, SetupError
from bot.faq_now import WORKSHOP, FaqNow, faq_file
from bot.log.board import Board
from bot.log.live import Live
from bot.log.murmurs import Murmurs
from bot.log.posted import Posted
from bot.outlets import doors_of, parts_of
from bot.process import Process
from bot.setting_up.actions_place import actions_place
from bot.settings import Settings

logger = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parent.parent


def shipped_replies() -> list[Shipped]:
    """What agents find by `/` before the shop has written its own."""
    told = yaml.safe_load((ROOT / "bot" / "console" / "canned.yml").read_text(encoding="utf-8"))
    return msgspec.convert(told, list[Shipped])


async def gateway(process: Process) -> None:
    """The public edge: widget, console, their sockets, the status page. Never imports Rasa."""
    settings = process.settings
    sites, log, redis = settings.sites(), process.log, process.redis
    identities = Identities(sites, settings.signing_secret())
    board, live, murmurs = Board(redis), Live(redis, settings.partitions, log.heard), Murmurs(redis)
    database = Database(settings.archive_url())
    await database.create()
    store = Store(database)
    log.older = OlderEvents(store)
    waits = Waits(log, board)
    rules = read_desk_rules(ROOT / settings.desk_rules)
    callers = Callers(settings.proxies, settings.most_sockets)
    media = Media(database, settings.signing_secret())
    news = News(log, live, murmurs, media.measure)
    attendance = Attendance(log, board, rules.hours)
    line = Line(waits.position, attendance.away_until)
    channel = WebChannel(news, identities, sites, line, callers)
    own = _own_origins(settings)
    for origin in own:
        channel.allow_own_pages(origin)
    posted = Posted(redis)
    faq, workshop = FaqNow(posted, faq_file(settings)), Workshop(WORKSHOP)
    pages = WebPages(log, identities, sites, faq.suggest, ROOT / "web" / "widget" / "dist")

    app = web.Application(client_max_size=64 * 1024)
    uploads = ShopperUploads(TakesIn(media.keep), identities, sites, callers)
    app.add_routes([web.get("/ws/chat", channel.connect), *pages.routes(), *uploads.routes()])
    shops = frozenset(origin for site in sites.values() for origin in site.origins)
    app.add_routes(console_pages(ROOT / "web" / "console" / "dist", shops))
    add_console(
        app,
        ConsoleParts(
            log=log,
            live=live,
            board=board,
            murmurs=murmurs,
            accounts=Accounts(database),
            factors=SecondFactors(database, settings.signing_secret()),
            audit=Audit(database),
            store=store,
            tickets=TicketBook(database),
            rules=rules,
            waits=waits,
            reporter=Reporter(database),
            reports=Reports(database, rules.timezone, _skill_of(rules)),
            teaching=Teaching(database),
            lessons=LessonBook(database),
            letters=Letters(database, store),
            canned=CannedBook(database, shipped_replies()),
            hooks=HookBook(database, settings.hooks()),
            hooks_inside=settings.hooks_inside,
            media=media,
            past=PastAnswers(database),
            faq=faq.known,
            faq_book=FaqBook(database),
            workshop=workshop,
            posted=posted,
            origins=own,
            secure=settings.base_url().startswith("https:"),
            sign_ins=settings.sign_ins,
            labels=yaml.safe_load((ROOT / "data" / "labels.yml").read_text(encoding="utf-8")),
        ),
    )
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        status = Status(checks(process, database, session, actions_place(settings.actions_url)))
        doors = doors_of(parts_of(settings, log, database, session), live, attendance.position)
        hooks = ShopHooks(log, identities, sites, BoundElsewhere(database).of)
        app.add_routes([*status.routes(), *doors.routes, *hooks.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
        await runner.setup()
        await _site(runner, settings).start()
        process.ready_when(_nothing_missing)
        watch = LineWatch(channel.line_moved)
        tails = (live.run(), murmurs.run(), board.watch(watch.changed), watch.run(), channel.backlog.run())
        await _until_stopped(process, *tails, faq.follow())
        await workshop.close()
        await channel.close_all()
        if doors.onebot is not None:
            await doors.onebot.close_all()
        await runner.cleanup()
    await database.close()


def add_agent(settings: Settings, asked: argparse.Namespace, password: str) -> None:
    """Adds somebody to the desk; with `or_set`, sets the password of who is there already."""

    async def add() -> None:
        database = Database(settings.archive_url())
        await database.create()
        accounts = Accounts(database)
        try:
            await accounts.add(asked.name, AgentRole(asked.role), password, asked.display)
        except NameTakenError:
            if not asked.or_set:
                raise
            await accounts.set_password(asked.name, password)
        finally:
            await database.close()

    asyncio.run(add())


def forget_code(settings: Settings, name: str) -> None:
    """Takes the second factor of `name` away and ends his sessions. Raises UnknownAgentError."""

    async def forget() -> None:
        database = Database(settings.archive_url())
        await database.create()
        try:
            await take_factor(database, name)
        finally:
            await database.close()

    asyncio.run(forget())


def _skill_of(rules: DeskRules) -> Callable[[Service], str]:
    return lambda one: skill_called_for(one.level, one.reason, one.intent, rules.skills)


def _own_origins(settings: Settings) -> frozenset[str]:
    parts = urlsplit(settings.base_url())
    origins = {f"{parts.scheme}://{parts.netloc}"}
    if parts.hostname in {"127.0.0.1", "localhost"}:
        origins |= {f"{parts.scheme}://{host}:{parts.port}" for host in ("127.0.0.1", "localhost")}
    return frozenset(origins)


def _site(runner: web.AppRunner, settings: Settings) -> web.BaseSite:
    if settings.listen_fd < 0:
        return web.TCPSite(runner, settings.host, settings.port, backlog=1024)
    # Whoever started us holds the socket: while we are started again, connections wait instead of failing.
    return web.SockSite(runner, socket.socket(fileno=settings.listen_fd), backlog=1024)


async def _nothing_missing() -> str:
    return ""


async def _until_stopped(process: Process, *tails: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(tail) for tail in tails]
    stop = asyncio.create_task(process.stop.wait())
    done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in [stop, *tasks]:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    if stop not in done:
        raise SetupError("a part of the gateway ended by itself")
