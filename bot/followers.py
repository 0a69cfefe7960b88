"""The wiring of the followers' process: desk, archive, courier, and what their clocks do."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from bot.archive.accounts import Accounts
from bot.archive.database import Database
from bot.archive.faq_book import FaqBook
from bot.archive.follower import NAME as ARCHIVE, Archivist
from bot.archive.hook_book import HookBook
from bot.archive.lessons import LessonBook
from bot.archive.older import OlderEvents
from bot.archive.postman import Postman
from bot.archive.reporter import Reporter
from bot.archive.store import Store
from bot.archive.teaching import Teaching
from bot.archive.tickets import TicketBook
from bot.archive.webhooks import Letters
from bot.conversation.ticket import Ticket
from bot.courier.courier import NAME as COURIER
from bot.desk.attendance import Attendance
from bot.desk.clocks import Clocks, Limits
from bot.desk.desk_rules import read_desk_rules
from bot.desk.follower import NAME as DESK, Deskhand
from bot.desk.service import DeskService, Roster, Staff
from bot.desk.teacher import Taught, Teacher
from bot.desk.ticket_terms import Late, TicketClock
from bot.faq_now import FaqPress
from bot.log.board import Board
from bot.log.duty import Duty
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.posted import LOOK_S, Posted
from bot.log.pulls import Pulls
from bot.log.reading import Feeds
from bot.log.retire import Retiring, Upkeep
from bot.log.roll import Roll
from bot.log.trim import trim_feeds
from bot.outlets import parts_of
from bot.process import Process
from bot.setting_up.taught import learned_id

ROOT = Path(__file__).resolve().parent.parent
BRAIN = "brain"
_LULL_S = 0.1  # desk, archive and courier may be so much behind
FOLLOWERS = (BRAIN, DESK, ARCHIVE, COURIER)


async def followers(process: Process) -> None:
    """Desk, archive, courier and their clocks."""
    settings, log = process.settings, process.log
    database = Database(settings.archive_url())
    await database.create()
    store = Store(database)
    log.older = OlderEvents(store)
    board = Board(process.redis)
    rules = read_desk_rules(ROOT / settings.desk_rules)
    deskhand = Deskhand(log, board, rules)
    limits = Limits(settings.agent_gone_s, settings.answer_within_s)

    retiring = Retiring(log)
    upkeep = Upkeep(settings.log_days, store.archived, board.forget)

    async def trim(now: int) -> int:
        gone = await trim_feeds(process.redis, settings.partitions, FOLLOWERS, now)
        return gone + await retiring.sweep(now, upkeep)

    clocks = Clocks(log, board, deskhand, limits, trim)
    service = DeskService(log, board, rules, _roster(Accounts(database)))
    taught = _taught(Teaching(database))
    teacher = Teacher(log, LessonBook(database), taught, settings.data)
    pressing = TicketClock(log, _late(TicketBook(database)), board.announce)
    roll = Roll(process.redis, process.member)
    feeds = Feeds(process.redis, log.heard, _LULL_S)

    def leases(name: str, partitions: int = 1) -> Leases:
        return Leases(process.redis, name, partitions, process.member, roll)

    def follower(name: str, hand: Any) -> Follower:
        shared = leases(name, settings.partitions)
        return Follower(process.redis, shared, hand.handle, hand.give_up, feeds=feeds)

    desk = follower(DESK, deskhand)
    archive = follower(ARCHIVE, Archivist(log, store))
    hooks = HookBook(database, settings.hooks())
    postman = Postman(Letters(database, store), hooks, log.now, inside=settings.hooks_inside)
    duties = [
        Duty(leases("clocks"), clocks.tick),
        Duty(leases("service"), service.tick),
        Duty(leases("tickets"), pressing.tick, every_s=10),
        Duty(leases("lessons"), teacher.tick, every_s=3),
        Duty(leases("faq"), FaqPress(FaqBook(database), Posted(process.redis)).tick, every_s=LOOK_S),
        Duty(leases("reports"), Reporter(database).tick, every_s=5),
        Duty(leases("hooks"), postman.tick),
    ]

    async with aiohttp.ClientSession() as session:
        outlets, attendance = parts_of(settings, log, database, session), Attendance(log, board, rules.hours)
        courier = follower(COURIER, outlets.courier(attendance.position))
        reader = outlets.reader(attendance.position, Pulls(process.redis, "wecom"))
        if reader is not None:
            duties.append(Duty(leases("wecom"), reader.tick, every_s=0.3))

        async def missing() -> str:
            held = desk.held and archive.held and courier.held
            return "" if held else "waits for its share of the conversations"

        process.ready_when(missing)
        async with asyncio.TaskGroup() as group:
            for running in (desk.run, archive.run, courier.run, *(duty.run for duty in duties)):
                group.create_task(running(process.stop))
    await database.close()


def _roster(accounts: Accounts) -> Roster:
    async def staff() -> list[Staff]:
        return [
            Staff(one.id, one.display, frozenset(one.skills), one.capacity) for one in await accounts.agents()
        ]

    return staff


def _taught(teaching: Teaching) -> Callable[[], Awaitable[list[Taught]]]:
    async def turns() -> list[Taught]:
        return [
            Taught(learned_id(one.conversation, one.seq), one.text, one.taught, one.before)
            for one in await teaching.reviewed("taught", limit=100_000)
        ]

    return turns


def _late(book: TicketBook) -> Late:
    async def late(now: int) -> list[tuple[str, Ticket]]:
        return [(filed.conversation, filed.ticket) for filed in await book.late(now)]

    return late
