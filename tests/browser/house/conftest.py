"""The product, started once for the whole room, and the people before it."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from bot.setting_up.model import newest_model
from bot.setting_up.seal import seal_of

from .agent_at_work import AgentAtWork
from .running_house import ROOT, House
from .shopper_at_shop import ShopperAtShop

# Short, so that nobody waits for a minute; an agent's console says every 5 s that it is there.
AGENT_GONE_S = 8
ANSWER_WITHIN_S = 6

NewContext = Callable[..., Awaitable[BrowserContext]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.model)


def newest_copied(folder: Path) -> Path:
    """A folder with the newest model in it, and its seal."""
    archive = newest_model(ROOT / "models")
    for file in (archive, seal_of(archive)):
        if file.is_file():
            shutil.copy2(file, folder / file.name)
    return folder


@pytest.fixture(scope="session")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house; afterwards Ctrl-C must end all of it, and cleanly."""
    house = House(
        tmp_path_factory.mktemp("house") / "var",
        # What is taught here must not stay.
        XIAOER_MODELS=str(newest_copied(tmp_path_factory.mktemp("models"))),
        XIAOER_MODEL_KEY=str(ROOT / ".model.key"),
        XIAOER_HOOKS_INSIDE="true",
        XIAOER_AGENT_GONE_S=str(AGENT_GONE_S),
        XIAOER_ANSWER_WITHIN_S=str(ANSWER_WITHIN_S),
        XIAOER_SIGN_INS="100",  # all these people sit at one address
        XIAOER_APPROVE_ABOVE_YUAN="300",  # a tent is above it, what the others here buy is not
    )
    house.start()
    try:
        yield house
        pids = house.pids()
        status, seconds = house.stop()
        assert status == 0, house.told()
        assert seconds < 15
        assert [part for part, pid in pids.items() if Path(f"/proc/{pid}").exists()] == []
    finally:
        house.kill_all()


@pytest_asyncio.fixture(loop_scope="session")
async def house(_started: House) -> House:
    """The house, with everything in it ready and nobody in line."""
    await _started.is_ready()
    await _started.nobody_waits()
    return _started


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(browser: Browser) -> AsyncIterator[NewContext]:
    """Another person's browser; `theme` and `size` as he has them. No page may break its content policy."""
    complaints: list[str] = []

    async def make(*, size: tuple[int, int] = (1280, 800), theme: str = "light") -> BrowserContext:
        context = await browser.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            has_touch=size[0] < 500,
            is_mobile=size[0] < 500,
        )
        context.set_default_timeout(60_000)
        context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
        context.on(
            "console",
            lambda message: (
                complaints.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return context

    yield make
    for context in browser.contexts:
        await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def at_shop(house: House, new_context: NewContext) -> Callable[..., Awaitable[ShopperAtShop]]:
    """Puts somebody before the shop, signed in as `name`, with the chat open."""

    async def come(name: str, **look: object) -> ShopperAtShop:
        shopper = ShopperAtShop(await (await new_context(**look)).new_page(), house)
        await shopper.signs_in(name)
        await shopper.opens_chat()
        return shopper

    return come


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of who has signed in before: his next browser need not do it again."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def at_desk(
    house: House, new_context: NewContext, sessions: dict[str, Any]
) -> Callable[..., Awaitable[AgentAtWork]]:
    """Puts somebody before the console, signed in as `name`."""

    async def come(name: str = "xiaoli", **look: object) -> AgentAtWork:
        context = await new_context(**look)
        await context.add_cookies(sessions.get(name, []))
        agent = AgentAtWork(await context.new_page(), house)
        await agent.signs_in(name)
        sessions[name] = await context.cookies()
        return agent

    return come


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the pictures go: XIAOER_SHOTS, or a folder that pytest forgets."""
    folder = Path(os.environ.get("XIAOER_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
