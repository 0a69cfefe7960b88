"""A console that really runs: its own database, the tests' Redis, a real HTTP server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from desk_rules import RULES

from bot.archive.accounts import Accounts, Agent, AgentRole
from bot.archive.audit import Audit
from bot.archive.canned_book import CannedBook, Shipped
from bot.archive.database import Database
from bot.archive.faq_book import FaqBook
from bot.archive.follower import Archivist
from bot.archive.hook_book import HookBook
from bot.archive.lessons import LessonBook
from bot.archive.media import Media
from bot.archive.passwords import Passwords
from bot.archive.past import PastAnswers
from bot.archive.reporter import Reporter
from bot.archive.reports import Reports
from bot.archive.second_factors import SecondFactors
from bot.archive.store import Store
from bot.archive.teaching import Teaching
from bot.archive.tickets import TicketBook
from bot.archive.webhooks import Letters
from bot.console.app import add_console
from bot.console.known import Known, KnownAnswers
from bot.console.parts import ConsoleParts
from bot.console.workshop import Workshop
from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.desk.eta import Waits
from bot.desk.follower import Deskhand
from bot.log.board import Board
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.live import Live
from bot.log.log import Log
from bot.log.murmurs import Murmurs
from bot.log.posted import Posted

from .kept_workshop import KeptWorkshop

PASSWORD = "correct horse 41"
SHIPPED = [
    Shipped(
        "催快递",
        "我已经联系快递公司。",
        "Chase the parcel",
        "I asked.",
        "orders",
        "ckd",
        "parcel",
        "cuikuaidi ckd",
    ),
    Shipped("结束语", "感谢您的耐心。", "Goodbye", "Bye.", "closing", "jsy", "bye", "jieshuyu jsy"),
]
FAQ = Known(
    ("怎么开发票", "可以开电子发票吗"),
    "电子发票可以在订单详情里申请。",
    "Ask for an invoice in the order's details.",
)
LABELS = {"logistics_track": {"zh": "查物流", "en": "Track a parcel"}}


class AnyTime:
    """The clock by which codes are read; it stands unless a test moves it."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000

    def passes(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class Desk:
    """The whole desk behind one address, and the shoppers who write to it."""

    def __init__(self, log: Log, board: Board, parts: ConsoleParts, server: TestServer) -> None:
        self.log = log
        self.board = board
        self.parts = parts
        self.url = str(server.make_url("")).rstrip("/")
        self._server = server
        self.app = server.app
        self.clock = AnyTime()
        self._sessions: list[ClientSession] = []

    async def hire(self, name: str, role: str = "agent") -> Agent:
        return await self.parts.accounts.add(name, AgentRole(role), PASSWORD, f"客服{name}")

    def browser(self, lang: str = "zh-CN") -> "Browser":
        session = ClientSession(
            base_url=self.url,
            cookie_jar=CookieJar(unsafe=True),
            headers={"Accept-Language": lang, "Origin": self.url},
        )
        self._sessions.append(session)
        return Browser(self, session)

    async def agent(self, name: str, role: str = "agent") -> "Browser":
        """A new agent, signed in."""
        await self.hire(name, role)
        browser = self.browser()
        assert (await browser.signs_in(name))[0] == 200
        return browser

    async def customer_says(self, conversation: str, text: str, **who: Any) -> None:
        cid = f"c:{msgspec.json.encode(text).hex()[:40]}{asyncio.get_running_loop().time()}"
        customer = Customer(**{"id": "c1", "name": "林小雨", "level": "钻石", "verified": True} | who)
        said = commands.CustomerSays(cid, "web", "demo", customer, Text(text))
        await self.log.commit(conversation, said, key=cid)

    async def customer_waits(self, conversation: str, **who: Any) -> int:
        """A shopper asks for a human; the epoch since."""
        await self.customer_says(conversation, "转人工", **who)
        await self.seen(conversation)
        return (await self.log.state(conversation)).epoch

    async def seen(self, conversation: str) -> None:
        """Returns when the board shows the newest state."""
        state = await self.log.state(conversation)
        async with asyncio.timeout(60):
            while True:
                found = await self.board.summaries([conversation])
                if found and msgspec.json.decode(found[0])["seq"] >= state.seq:
                    return
                await asyncio.sleep(0.01)

    async def archived(self, *conversations: str) -> None:
        """Returns when the archive has all of these."""
        for name in conversations:
            async with asyncio.timeout(60):
                while True:
                    if await self.parts.store.archived(name) >= (await self.log.state(name)).seq:
                        break
                    await asyncio.sleep(0.02)

    async def close(self) -> None:
        for session in self._sessions:
            await session.close()


class Browser:
    """An agent's browser: cookies, the CSRF token, sockets."""

    def __init__(self, desk: Desk, session: ClientSession) -> None:
        self.desk = desk
        self.session = session
        self.csrf = ""
        self.id = ""

    async def signs_in(self, name: str, password: str = PASSWORD) -> tuple[int, Any]:
        status, content = await self.posts("sign-in", name=name, password=password)
        if status == 200:
            self.csrf, self.id = content["csrf"], content["agent"]["id"]
        return status, content

    async def gets(self, path: str) -> tuple[int, Any]:
        async with self.session.get(f"/api/console/{path}") as response:
            return response.status, await response.json()

    async def posts(self, path: str, **content: Any) -> tuple[int, Any]:
        headers = {"X-CSRF-Token": self.csrf}
        async with self.session.post(f"/api/console/{path}", json=content, headers=headers) as response:
            return response.status, await response.json() if response.status != 204 else None

    async def does(self, verb: str, conversation: str, **content: Any) -> tuple[int, Any]:
        return await self.posts(f"conversations/{conversation}/{verb}", **content)

    async def connects(self) -> "Line":
        ws = await self.session.ws_connect("/ws/console", protocols=("xiaoer.console.v1",))
        await ws.send_json({"t": "hello"})
        line = Line(ws)
        assert (await line.hears("welcome"))["agent"]["id"] == self.id
        return line


class Line:
    """An open socket; frames that were not asked for are kept aside."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws
        self.heard: list[dict[str, Any]] = []

    async def hears(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this kind with these fields."""
        async with asyncio.timeout(60):
            while True:
                frame = await self.ws.receive_json()
                self.heard.append(frame)
                if frame["t"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                    return frame

    async def says(self, kind: str, **fields: Any) -> None:
        await self.ws.send_json({"t": kind, **fields})


@pytest.fixture(scope="session")
def kept_workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptWorkshop]:
    kept = KeptWorkshop(tmp_path_factory.mktemp("workshop"))
    yield kept
    kept.close()


@pytest.fixture
async def desk(
    log: Log, board: Board, redis: Any, kept_workshop: KeptWorkshop, tmp_path: Path
) -> AsyncIterator[Desk]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'archive.db'}")
    await database.create()
    clock = AnyTime()
    app = web.Application()
    server = TestServer(app)
    live, murmurs = Live(redis, log.partitions), Murmurs(redis)
    store = Store(database)
    origins: set[str] = set()
    workshop = Workshop(kept_workshop.command)
    parts = ConsoleParts(
        log=log,
        live=live,
        board=board,
        murmurs=murmurs,
        accounts=Accounts(database, passwords=Passwords(PasswordHasher(1, 1024, 1))),
        factors=SecondFactors(database, "a secret of tests", lambda: clock.now),
        audit=Audit(database),
        store=store,
        tickets=TicketBook(database),
        rules=RULES,
        waits=Waits(log, board),
        reporter=Reporter(database),
        reports=Reports(database, RULES.timezone),
        teaching=Teaching(database),
        lessons=LessonBook(database),
        letters=Letters(database, store),
        canned=CannedBook(database, SHIPPED),
        hooks=HookBook(database, {}),
        hooks_inside=True,
        media=Media(database, "a secret of tests"),
        past=PastAnswers(database),
        faq=KnownAnswers([FAQ]),
        faq_book=FaqBook(database),
        workshop=workshop,
        posted=Posted(redis),
        origins=origins,  # type: ignore[arg-type] # the port is known a moment later
        secure=False,
        labels=LABELS,
    )
    add_console(app, parts)
    await server.start_server()
    origins.add(str(server.make_url("")).rstrip("/"))
    stop = asyncio.Event()
    followers = [
        Follower(redis, Leases(redis, name, log.partitions, "me"), hand.handle, hand.give_up)
        for name, hand in (("desk", Deskhand(log, board, RULES)), ("archive", Archivist(log, store)))
    ]
    tasks = [
        asyncio.create_task(running)
        for running in (live.run(), murmurs.run(), *(follower.run(stop) for follower in followers))
    ]
    desk = Desk(log, board, parts, server)
    desk.clock = clock
    yield desk
    await desk.close()
    await server.close()
    await workshop.close()
    stop.set()
    for task in tasks[:2]:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    await database.close()
