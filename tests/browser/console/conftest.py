import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from .fake_desk import COOKIE, FakeDesk

CONSOLE = Path(__file__).parents[3] / "web" / "console"

Visit = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def npm(*words: str) -> None:
    program = shutil.which("npm")
    if program is None:
        pytest.fail("web/console is not built and there is no npm to build it: put Node 20 on the PATH")
    subprocess.run([program, *words], cwd=CONSOLE, check=True, timeout=300)


@pytest.fixture(scope="session")
def node_modules() -> None:
    """What the console is built from and checked with; fetched once when it is missing."""
    if not (CONSOLE / "node_modules" / "axe-core").exists():
        npm("ci")


@pytest.fixture(scope="session")
def dist(node_modules: None) -> Path:
    """The built console; builds it once when it is missing."""
    built = CONSOLE / "dist"
    if not (built / "index.html").exists():
        npm("run", "build")
    return built


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("XIAOER_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def desk(dist: Path) -> AsyncIterator[FakeDesk]:
    fake = FakeDesk(dist)
    runner = web.AppRunner(fake.app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    yield fake
    for seat in list(fake.seats):
        await seat.socket.close()
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(desk: FakeDesk, browser: Browser) -> AsyncIterator[Visit]:
    """Opens the console in the browser of an agent who is signed in, or of nobody (None).

    Afterwards no page may have broken the content policy.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            complaints.append(message.text)

    async def open_console(
        agent: str | None = "xiaoli",
        *,
        size: tuple[int, int] = (1280, 800),
        theme: str = "light",
        at: str = "",
    ) -> Page:
        context = await browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": size[0], "height": size[1]}, has_touch=size[0] < 500, is_mobile=size[0] < 500,
        )  # fmt: skip
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
        address = f"http://127.0.0.1:{desk.port}"
        if agent:  # how he signs in himself: test_sign_in.py
            await context.add_cookies([{"name": COOKIE, "value": desk.session_of(agent), "url": address}])
        await page.goto(f"{address}/console/{at}")
        if agent:
            await page.get_by_role("tab", name="排队").wait_for()
        return page

    yield open_console
    await asyncio.sleep(0.05)  # late reports of the page
    for context in contexts:
        await context.close()
    assert complaints == []


async def sign_in(page: Page, name: str, password: str) -> None:
    await page.get_by_label("账号").fill(name)
    await page.get_by_label("密码").fill(password)
    await page.get_by_role("button", name="登录").click()
