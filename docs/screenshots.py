# ruff: noqa: INP001 - a script, nobody imports it
"""The README's pictures, taken from the running product.

`make screenshots` starts a house of its own with fresh data and ends it afterwards;
`python docs/screenshots.py --port 8000 --data var` takes them from one that runs. With `--every FOLDER` it
also takes every screen of the shop, the chat and the console there (every_screen.py), light and dark, on a desk and in
the hand, and in English, to be looked at.
"""

import argparse
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml
from every_screen import Eye, Look, console, shop_and_chat
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--font-render-hinting=none", "--force-color-profile=srgb", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--no-sandbox",
)  # fmt: skip
MOST_BYTES = 300_000
READY_S = 120
PATIENCE_MS = 20_000
DESKTOP, WIDE, PHONE = (1280, 800), (1440, 900), (390, 844)


class House(NamedTuple):
    """Where a running `xiaoer up` answers, and how its demo agent signs in."""

    port: int
    data: Path

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def shop(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def password(self, whose: str) -> str:
        return str(json.loads((self.data / "secrets.json").read_text())[f"{whose}_password"])


def main() -> int:
    """Takes all pictures; the exit status."""
    parser = argparse.ArgumentParser(description="the README's pictures, from the running product")
    parser.add_argument("--port", type=int, help="of a running `xiaoer up`; without it one is started")
    parser.add_argument("--data", type=Path, default=ROOT / "var", help="that house's data folder")
    parser.add_argument("--every", type=Path, help="a folder for every screen in both themes and sizes")
    given = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    with own_house() if given.port is None else running(given.port, given.data) as house:
        take_all(house, given.every)
    return 0


@contextmanager
def running(port: int, data: Path) -> Iterator[House]:
    yield House(port, data)


@contextmanager
def own_house() -> Iterator[House]:
    """A house with fresh data, ended with Ctrl-C afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(_four_free_ports(), Path(folder) / "var")
        command = [sys.executable, "-m", "bot.cli", "up", "--no-make", "--port", str(house.port)]
        # Whatever the hour is, the desk in the pictures is open.
        rules = yaml.safe_load((ROOT / "desk.yml").read_text(encoding="utf-8"))
        rules["hours"] = {day: [["00:00", "24:00"]] for day in rules["hours"]}
        desk = Path(folder) / "desk.yml"
        desk.write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--data", str(house.data)],
            cwd=ROOT,
            env={**os.environ, "XIAOER_DESK_RULES": str(desk)},
        )
        try:
            _wait_ready(house, process)
            yield house
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def take_all(house: House, every: Path | None = None) -> None:
    """Shopper and agent, side by side, as the README tells it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        shopper = _signed_in(browser, house, "林小雨", DESKTOP)
        chat = _opened(shopper)
        _says(chat, "我的快递到哪了")
        chat.locator(".card.orders").last.wait_for()
        _keep(shopper, "storefront")

        chat.locator(".card.orders .order", has_text="主动降噪蓝牙耳机").last.click()
        chat.locator(".card .steps").last.wait_for()
        chat.locator(".card .card-head").last.evaluate("head => head.scrollIntoView()")
        _keep(shopper, "widget", chat.locator(".window"))

        phone = _signed_in(browser, house, "陈大明", PHONE)
        held = _opened(phone)
        _says(held, "钱扣了两次怎么回事")
        held.locator(".row.bot").last.wait_for()
        _keep(phone, "widget-phone")

        _served_by_agent(browser, house, chat)
        _managed(browser, house)
        _status(browser, house)
        if every is not None:
            _looks_everywhere(browser, house, every)
        browser.close()


def _served_by_agent(browser: Browser, house: House, chat: Locator) -> None:
    """林小雨 asks for a human; 小李 claims her with what the bot knew, and answers."""
    _says(chat, "两天没更新了，我着急用，能帮我催一下吗")
    _says(chat, "转人工")
    chat.get_by_text("已为您转人工").last.wait_for()

    desk = _at_desk(browser, house, "xiaoli", "agent")
    desk.get_by_role("tab", name="排队").click()
    desk.locator(".row", has_text="林小雨").first.click()
    desk.get_by_role("button", name="接入", exact=True).click()
    desk.get_by_label("回复", exact=True).fill(
        "林女士您好，您的包裹我看到了，这就联系快递站点，有消息马上告诉您。"
    )
    desk.keyboard.press("Enter")
    desk.locator(".said.from-agent").last.wait_for()
    chat.get_by_text("这就联系快递站点").last.wait_for()
    _says(chat, "好的，谢谢")
    desk.get_by_text("好的，谢谢").last.wait_for()
    _keep(desk, "console")

    desk.get_by_role("button", name="建工单").click()
    dialog = desk.get_by_role("dialog", name="建工单")
    dialog.get_by_label("标题").fill("包裹停滞两天，联系站点核实")
    dialog.get_by_role("button", name="建立").click()
    chat.get_by_text("24 小时内会给您回复").last.wait_for()

    # So that the next run on the same house begins with the bot again.
    desk.get_by_role("button", name="结束会话").click()
    desk.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    chat.get_by_text("本次人工服务已结束").last.wait_for()


def _at_desk(browser: Browser, house: House, name: str, role: str) -> Page:
    desk = _page(browser, WIDE)
    desk.goto(f"{house.gateway}/console/")
    _signs_in(desk, house, name, role)
    return desk


def _signs_in(desk: Page, house: House, name: str, role: str) -> None:
    desk.locator("[autocomplete=username]").fill(name)
    desk.locator("[type=password]").fill(house.password(role))
    desk.keyboard.press("Enter")
    desk.get_by_role("tab").first.wait_for()


def _managed(browser: Browser, house: House) -> None:
    """What a supervisor looks at: the ticket, the day in figures, what the bot was not sure of."""
    desk = _at_desk(browser, house, "zhuguan", "supervisor")
    desk.goto(f"{house.gateway}/console/#/tickets")
    desk.get_by_text("包裹停滞两天").first.click()
    desk.get_by_role("heading", name="处理记录").wait_for()
    _keep(desk, "tickets")
    for section, heading in (("reports", "报表"), ("teaching", "教机器人")):
        desk.goto(f"{house.gateway}/console/#/{section}")
        desk.get_by_role("heading", name=heading, level=1).wait_for()
        desk.wait_for_timeout(1500)
        _keep(desk, section)
    desk.goto(f"{house.gateway}/console/#/faq/returns.freight")
    desk.get_by_label("客户会怎么问").fill("退货邮费谁来出")
    desk.get_by_text("搜到的知识").wait_for()
    desk.wait_for_timeout(3000)
    _keep(desk, "faq")


def _looks_everywhere(browser: Browser, house: House, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    looks = [Look(size, theme) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]
    looks += [Look(DESKTOP, "light", "en"), Look(PHONE, "light", "en")]
    for look in looks:
        eye = Eye(folder, look, lambda look: _page(browser, look.size, look.theme, look.lang))
        shop_and_chat(eye, house.shop, house.gateway)
        console(eye, house.gateway, lambda page: _signs_in(page, house, "zhuguan", "supervisor"))


def _status(browser: Browser, house: House) -> None:
    page = _page(browser, (960, 560))
    page.goto(f"{house.gateway}/status")
    page.get_by_role("heading").wait_for()
    _keep(page, "status")


def _signed_in(browser: Browser, house: House, name: str, size: tuple[int, int]) -> Page:
    page = _page(browser, size)
    page.goto(f"{house.shop}/")
    page.locator("button.person", has_text=name).click()
    page.get_by_role("heading", name="我的订单").wait_for()
    return page


def _opened(page: Page) -> Locator:
    """The open chat; Playwright's selectors look through its shadow root."""
    page.get_by_role("button", name="联系客服").click()
    chat = page.locator("xiaoer-chat")
    chat.get_by_text("您好，我是智能客服小二").first.wait_for()
    return chat


def _says(chat: Locator, text: str) -> None:
    """Sends the text and waits for the acknowledgement, and for what answers it."""
    before = chat.locator(".row.bot, .happening, .row.agent").count()
    field = chat.get_by_role("textbox", name="输入消息")
    field.fill(text)
    field.press("Enter")
    until = time.monotonic() + PATIENCE_MS / 1000
    answered = chat.locator(".row.bot, .happening, .row.agent")
    while answered.count() <= before and time.monotonic() < until and text != "好的，谢谢":
        chat.page.wait_for_timeout(100)


def _page(browser: Browser, size: tuple[int, int], theme: str = "light", lang: str = "zh-CN") -> Page:
    is_phone = size == PHONE
    context = browser.new_context(
        locale=lang,
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2 if is_phone else 1,
        is_mobile=is_phone,
        has_touch=is_phone,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def _keep(page: Page, name: str, part: Locator | None = None) -> None:
    """Writes the picture, with 256 colours if it would be too big. Raises SystemExit when it still is."""
    page.wait_for_timeout(700)  # pictures loaded, fades over
    raw = part.screenshot() if part else page.screenshot()
    picture = Image.open(io.BytesIO(raw)).convert("RGB")
    path = IMAGES / f"{name}.png"
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        picture.quantize(256).save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path.name} has {path.stat().st_size:,} bytes, more than {MOST_BYTES:,}")
    print(f"{path.relative_to(ROOT)}  {picture.width}x{picture.height}  {path.stat().st_size // 1000} KB")  # noqa: T201 - for the person at the terminal


def _wait_ready(house: House, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{house.gateway}/healthz", timeout=3):  # noqa: S310 - our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise SystemExit("the house did not get ready; its own words are above")


def _four_free_ports() -> int:
    for first in range(20_000, 32_000, 4):
        try:
            for port in range(first, first + 4):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise SystemExit("no four free ports in a row")


if __name__ == "__main__":
    sys.exit(main())
