"""The real demo shop on a loopback port, the real executor of the Rasa SDK, and a shop that misbehaves."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from rasa_sdk import utils
from rasa_sdk.executor import ActionExecutor

import actions
from actions.action import ShopAction
from actions.knowledge import Known
from actions.platforms.demo import DemoPlatform
from actions.settings import Settings
from shop.app import make_app
from shop.settings import Settings as ShopSettings

API_KEY = "key-of-the-shop-in-tests"


class Running:
    """An aiohttp application on its own thread, so that every test's loop can speak to it."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = 0

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._started.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        self._runner = web.AppRunner(self._make(), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def start(self) -> str:
        self._thread.start()
        assert self._started.wait(30)
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture(scope="session")
def demo() -> Any:
    """The customers by name, and how to find an order of theirs."""
    return SimpleNamespace(
        LIN=LIN, CHEN=CHEN, WANG=WANG, ZHAO=ZHAO, SUN=SUN, ZHOU=ZHOU, order_of=order_of,
        executor_for=executor_for, Shopper=Shopper, Running=Running,
    )  # fmt: skip


@pytest.fixture(scope="session")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("shop")
    settings = ShopSettings(api_key=API_KEY, site_secret="secret-of-the-site-in-tests", data=data)
    running = Running(lambda: make_app(settings))
    yield running.start()
    running.stop()


@pytest.fixture
async def platform(shop_url: str) -> AsyncIterator[DemoPlatform]:
    platform = DemoPlatform(Settings(shop_url=shop_url, shop_api_key=API_KEY))
    yield platform
    await platform.close()


class Answer:
    """What the shopper gets to see, and what happens behind it."""

    def __init__(self, result: dict[str, Any]) -> None:
        self.changed = [
            each["custom"]["changed"] for each in result["responses"] if "changed" in each["custom"]
        ]
        self.responses = [each for each in result["responses"] if "changed" not in each["custom"]]
        self.slots = {event["name"]: event["value"] for event in result["events"] if event["event"] == "slot"}
        self.form = next((e["name"] for e in result["events"] if e["event"] == "followup"), "")
        self.customs = [each["custom"] for each in self.responses if each["custom"]]

    @property
    def text(self) -> str:
        said = [each["text"] or each["custom"].get("text", "") for each in self.responses]
        return "\n".join(part for part in said if part)

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [custom["card"] for custom in self.customs if custom.get("type") == "card"]

    @property
    def choices(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for custom in self.customs:
            found += custom.get("choices", [])
            found += custom.get("card", {}).get("choices", [])
        return found

    @property
    def handed_off(self) -> str:
        return next((each["hand_off"]["reason"] for each in self.customs if "hand_off" in each), "")

    def choice(self, label: str) -> dict[str, Any]:
        return next(each for each in self.choices if label in each["label"])

    def confirmation(self) -> dict[str, Any]:
        return next(each for each in self.choices if "confirm" in each["means"].get("entities", {}))


class Shopper:
    """One conversation through the executor, with the slots that Rasa would keep."""

    def __init__(
        self, executor: ActionExecutor, customer: str, *, lang: str = "zh-CN", channel: str = "web"
    ) -> None:
        self._executor = executor
        self._customer = customer
        self._lang = lang
        self._channel = channel
        self._messages = 0
        self.slots: dict[str, Any] = {}

    async def asks(self, intent: str, text: str = "", action: str = "", **entities: str) -> Answer:
        self._messages += 1
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": 0.9},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "intent_ranking": [{"name": intent, "confidence": 0.9}],
            "metadata": {
                "conversation": f"c-{self._customer}",
                "message_id": f"m{self._messages}",
                "channel": self._channel,
                "lang": self._lang,
                "customer": {"id": self._customer, "name": "", "level": "", "verified": bool(self._customer)},
            },
        }
        return await self.sends(action or f"action_{intent}", latest)

    async def sends(self, action: str, latest: dict[str, Any]) -> Answer:
        call = {
            "next_action": action,
            "tracker": {"sender_id": "s", "slots": self.slots, "latest_message": latest, "events": []},
            "domain": {},
            "version": "3.6.21",
        }
        answer = Answer(await self._executor.run(call))  # type: ignore[arg-type]
        self.slots |= answer.slots
        return answer

    async def fills_in(self, **slots: str) -> Answer:
        """What follows when the form that was begun has been answered so."""
        self.slots |= slots
        return await self.asks("provide_info", "", "action_form_done")

    async def presses(self, choice: dict[str, Any]) -> Answer:
        means = choice["means"]
        return await self.asks(means["intent"], choice["label"], **means.get("entities", {}))


class SmallFaq:
    """A FAQ of one entry, so that these tests need no trained model."""

    question, answer = "怎么付款？", ("支持微信支付和支付宝。", "WeChat Pay and Alipay.")

    def ask(self, text: str) -> Known:
        if "怎么付" in text:
            return Known(self.answer, ())
        if "政策" in text:
            return Known(None, (("privacy.collect", "收集哪些个人信息？"),))
        return Known(None, (("pay.how", self.question),) if "付" in text else ())

    def about(self, intent: str) -> tuple[tuple[str, str], ...]:
        return (("pay.how", self.question),) if intent == "payment_method" else ()

    def near(self, text: str) -> tuple[str, str] | None:
        return ("pay.how", self.question) if "怎么付" in text else None

    def entry(self, entry_id: str) -> tuple[str, str] | None:
        return self.answer if entry_id == "pay.how" else None


def executor_for(platform: Any, turn_s: float = 3.3) -> ActionExecutor:
    """All actions that the SDK would find, asking this platform."""
    executor = ActionExecutor()
    executor.register_package(actions)
    for action in utils.all_subclasses(ShopAction):
        if not action.__abstractmethods__:
            made = action(platform, turn_s)
            if hasattr(made, "knowledge"):
                made.knowledge = SmallFaq()
            executor.register_action(made)
    return executor


# The storefront's customers, who have something of everything between them.
LIN, CHEN, WANG, ZHAO, SUN, ZHOU = (f"C{number}" for number in range(100001, 100007))


async def order_of(platform: DemoPlatform, customer: str, words: str) -> str:
    """The number of the customer's order of a product."""
    return (await platform.orders(customer, words))[0].number


@pytest.fixture
def executor(platform: DemoPlatform) -> ActionExecutor:
    return executor_for(platform)


@pytest.fixture
def shopper(executor: ActionExecutor) -> Callable[..., Shopper]:
    """Makes the shopper of a customer id; an empty one is anonymous."""
    return lambda customer, **options: Shopper(executor, customer, **options)
