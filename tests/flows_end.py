"""A shopper and everything behind him: the log, the brain with the trained model, the actions, the demo shop."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import repeat
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from rasa_sdk import utils
from rasa_sdk.executor import ActionExecutor

import actions
from actions.action import ShopAction
from actions.platforms.base import Platform
from actions.platforms.demo import DemoPlatform
from actions.settings import Settings
from bot.brain.brain import Brain
from bot.brain.rasa_project import RasaProject
from bot.brain.turn import Turns
from bot.conversation.bodies import Choice, Customer, Offer, Said, Text, offers_of, plain_text
from bot.conversation.commands import CustomerSays
from bot.conversation.events import Event, Kind, Role
from bot.log.log import Log
from shop.app import make_app
from shop.moments import Moment, clock
from shop.seeding.fill import fill
from shop.seeding.people import DEMO
from shop.settings import Settings as ShopSettings
from shop.store import Store
from shop.values import Order

API_KEY = "key-of-the-shop-in-tests"
SECRET = "secret-of-the-site-in-tests-0123456789"
IDS = {row[0]: f"C{100001 + n}" for n, row in enumerate(DEMO)}
LEVELS = {row[0]: row[1] for row in DEMO}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


HANGS_S = 0.5


class Shop:
    """The demo shop on a loopback port, with its own database of the seed."""

    def __init__(self, seed: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(seed, folder / "shop.db")
        self.settings = ShopSettings(api_key=API_KEY, site_secret=SECRET, data=folder, tick_s=3600)
        self.app = make_app(self.settings)
        self.app.middlewares.append(self._late)
        self._delay_s = 0.0
        self.faults: Iterator[str] = repeat("")
        self.asked: list[str] = []
        self.busy_s = 0.0
        self._server = TestServer(self.app, host="127.0.0.1")
        self.url = ""

    def delay(self, seconds: float) -> None:
        """From now on every answer takes so much longer."""
        self._delay_s = seconds

    @web.middleware
    async def _late(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(f"{request.method} {'/'.join(request.path.split('/')[3::2])}")
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        fault = next(self.faults)
        if fault == "refuses":
            return web.Response(status=500)
        since = time.perf_counter()
        answer = await handler(request)
        self.busy_s += time.perf_counter() - since
        if fault == "breaks":
            return web.Response(status=500)
        if fault == "drops" and request.transport:
            request.transport.close()
        if fault == "hangs":
            await asyncio.sleep(HANGS_S)
        return answer

    async def open(self) -> None:
        await self._server.start_server()
        self.url = str(self._server.make_url("")).rstrip("/")

    async def close(self) -> None:
        await self._server.close()

    def books(self, name: str) -> list[Order]:
        """What the shop has written about a customer's orders, newest first."""
        store = Store(self.settings.data / "shop.db")
        try:
            return store.orders(IDS[name], clock(1)())
        finally:
            store.close()

    def order(self, name: str, product: str) -> Order:
        """The customer's order of a product."""
        return next(o for o in self.books(name) if any(product in item.name for item in o.items))


def make_seed(path: Path) -> Path:
    """A database with the shop's seed, to be copied."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path)
    fill(store, Moment(clock(1)().now))
    store.close()
    return path


class Actions:
    """The action server's executor, with its actions asking `platform`, behind a real socket."""

    def __init__(self, platform: Platform, turn_s: float = 6.0) -> None:
        self.executor = ActionExecutor()
        self.executor.register_package(actions)
        for action in utils.all_subclasses(ShopAction):
            if not action.__abstractmethods__ and action.__module__.startswith("actions."):
                self.executor.register_action(action(platform, turn_s))
        self.calls: list[str] = []
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.add_routes([web.post("/webhook", self._answer)])
        self._server = TestServer(app, host="127.0.0.1")
        self.url = ""

    async def open(self) -> None:
        await self._server.start_server()
        self.url = str(self._server.make_url("/webhook"))

    async def close(self) -> None:
        await self._server.close()

    async def _answer(self, request: web.Request) -> web.Response:
        call = await request.json()
        self.calls.append(call["next_action"])
        return web.json_response(await self.executor.run(call))


class Shopper:
    """One conversation of a customer, or of somebody who is not signed in (`name` is "")."""

    def __init__(self, log: Log, brain: Brain, name: str = "", lang: str = "zh-CN", mark: str = "") -> None:
        self._log, self.brain = log, brain
        self.channel = "web"
        self.customer = (
            Customer(IDS[name], name, LEVELS[name], verified=True, lang=lang) if name else Customer(lang=lang)
        )
        self.conversation = f"w-{mark or name or 'nobody'}-{lang}"
        self._said = 0
        self.heard: list[Event] = []

    async def says(self, text: str | Said) -> list[Event]:
        """What the bot said and did to this."""
        self._said += 1
        body = Text(text) if isinstance(text, str) else text
        said = CustomerSays(f"c:{self._said}", self.channel, "demo", self.customer, body, self._means(body))
        await self._log.commit(self.conversation, said, key=f"c:{self._said}")
        before = (await self._log.state(self.conversation)).seq
        await self.brain.handle(self.conversation, before)
        self.heard = await self._log.events(self.conversation, after=before - 1)
        return self.heard

    async def presses(self, label: str) -> list[Event]:
        """Presses the newest button whose label (or order's title) has this in it."""
        of, offer = await self.offered(label)
        return await self.says(Choice(of, offer.id, offer.label))

    async def offered(self, label: str) -> tuple[int, Offer]:
        seen = await self._log.last_events(self.conversation, limit=60)
        for event in reversed(seen):
            if event.kind is Kind.SAID and event.sender.role is Role.BOT:
                for offer in offers_of(event.body):
                    if label in offer.label or (offer.order and label in offer.order.title):
                        self._pressed = offer
                        return event.seq, offer
        raise AssertionError(f"no button {label!r} among {labels_of(seen)}")

    def _means(self, body: Said) -> Any:
        return self._pressed.means if isinstance(body, Choice) else None


def labels_of(events: list[Event]) -> list[str]:
    return [offer.label for e in events if e.kind is Kind.SAID for offer in offers_of(e.body)]


def told(events: list[Event]) -> str:
    """Everything that the bot's words, cards and buttons show, in one text."""
    return "\n".join(
        f"{plain_text(e.body)}\n{e.body}"
        for e in events
        if e.kind is Kind.SAID and e.sender.role is not Role.CUSTOMER
    )


def handed(events: list[Event]) -> str:
    """Why the conversation went to a human, or ""."""
    return next((e.body.reason for e in events if e.kind is Kind.HANDED_OFF), "")  # type: ignore[union-attr]


class House:
    """All of it; `shopper()` makes conversations."""

    def __init__(self, log: Log, project: RasaProject, shop: Shop, served: Actions) -> None:
        self.log, self.project, self.shop, self.actions = log, project, shop, served
        project.action_endpoint.url = served.url
        self.brain = Brain(log, Turns(project, log))

    def shopper(self, name: str = "", lang: str = "zh-CN", mark: str = "") -> Shopper:
        return Shopper(self.log, self.brain, name, lang, mark)


@asynccontextmanager
async def open_house(log: Log, project: RasaProject, shop: Shop) -> AsyncIterator[House]:
    """A house about a shop, until the end of the block."""
    async with AsyncExitStack() as stack:
        await shop.open()
        stack.push_async_callback(shop.close)
        platform = DemoPlatform(Settings(shop_url=shop.url, shop_api_key=API_KEY))
        stack.push_async_callback(platform.close)
        served = Actions(platform)
        await served.open()
        stack.push_async_callback(served.close)
        stack.push_async_callback(project.action_endpoint.close)
        yield House(log, project, shop, served)
