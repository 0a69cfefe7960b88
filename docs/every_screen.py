# ruff: noqa: INP001 - a part of screenshots.py, nobody else imports it
"""Every screen of the shop, the chat and the console, for the eye and not for the README."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page


class Look(NamedTuple):
    """How one sees it."""

    size: tuple[int, int]
    theme: str
    lang: str = "zh-CN"

    @property
    def is_phone(self) -> bool:
        return self.size[0] < 500

    @property
    def name(self) -> str:
        return f"{self.size[0]}-{self.theme}" + ("" if self.lang == "zh-CN" else "-en")


class Eye:
    """Takes the pictures of one look into a folder; `opens` gives a fresh browser's page."""

    def __init__(self, folder: Path, look: Look, opens: Callable[[Look], Page]) -> None:
        self._folder, self.look, self._opens = folder, look, opens

    def opens(self) -> Page:
        return self._opens(self.look)

    def keep(self, page: Page, name: str, *, whole: bool = False) -> None:
        page.wait_for_timeout(700)
        page.screenshot(path=self._folder / f"{name}-{self.look.name}.png", full_page=whole)

    def says(self, zh: str, en: str) -> str:
        return zh if self.look.lang == "zh-CN" else en


def shop_and_chat(eye: Eye, shop: str, gateway: str) -> None:
    """The storefront signed out and in, an order, the same again, paying; the chat beside it and by itself."""
    lang = f"?lang={eye.look.lang.split('-', maxsplit=1)[0]}"
    page = eye.opens()
    page.goto(f"{shop}/{lang}")
    eye.keep(page, "shop-signed-out")
    page.locator("button.person").first.click()
    page.wait_for_load_state()
    eye.keep(page, "shop", whole=True)
    orders = [
        str(link.get_attribute("href")).split("?", maxsplit=1)[0]
        for link in page.locator("a[href*='/orders/']").all()
    ]
    for address in dict.fromkeys(one for one in orders if one.count("/") == 2):
        page.goto(f"{shop}{address}{lang}")
        eye.keep(page, f"shop-order-{address[-4:]}", whole=True)
    page.goto(f"{shop}{orders[0]}/again{lang}")
    eye.keep(page, "shop-again", whole=True)
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    eye.keep(page, "shop-to-pay", whole=True)
    page.locator("form[action*='/pay'] button").first.click()
    page.wait_for_load_state()
    eye.keep(page, "shop-paid", whole=True)
    for name in ("outbox", "bind?ticket=gone", "nothing-here"):
        page.goto(f"{shop}/{name}{lang if '?' not in name else lang.replace('?', '&')}")
        eye.keep(page, f"shop-{name.split('?', maxsplit=1)[0]}")

    page.goto(f"{shop}/{lang}")
    page.get_by_role("button", name=eye.says("联系客服", "Chat with us")).click()
    chat = page.locator("xiaoer-chat")
    field = chat.locator(".composer textarea")
    field.wait_for()
    eye.keep(page, "chat-open")
    for zh, en in (("我的订单到哪了", "Where is my parcel"), ("怎么申请退货", "How do I return something")):
        field.fill(eye.says(zh, en))
        field.press("Enter")
        page.wait_for_timeout(2500)
        eye.keep(page, f"chat-{zh}")
    chat.locator(".head .human").click()
    leave = chat.locator(".status button")
    leave.wait_for()
    eye.keep(page, "chat-waiting")
    leave.click()
    eye.keep(page, "chat-left-line")
    page = eye.opens()
    page.goto(f"{gateway}/chat?site=demo&{lang[1:]}")
    page.locator(".composer textarea").wait_for()
    eye.keep(page, "chat-page")


def console(eye: Eye, gateway: str, signs_in: Callable[[Page], None]) -> None:
    """Whatever the navigation leads to, and what is opened from there."""
    page = eye.opens()
    page.goto(f"{gateway}/console/")
    page.locator("input").first.wait_for()
    eye.keep(page, "sign-in")
    signs_in(page)
    eye.keep(page, "line")
    if eye.look.is_phone:
        page.locator(".more > button").click()
        eye.keep(page, "more")
    addresses = [str(link.get_attribute("href")) for link in page.locator("nav a").all()]
    for address in [*addresses, "#/audit", "#/account"]:
        screen = address.rsplit("#", maxsplit=1)[-1]
        page.goto(f"{gateway}/console/#{screen}")
        eye.keep(page, f"screen{screen.replace('/', '-')}")
        page.evaluate("document.querySelector('main').scrollTo(0, 1e6)")
        eye.keep(page, f"screen{screen.replace('/', '-')}-end")
    _opened_from_there(eye, page, gateway)


def _opened_from_there(eye: Eye, page: Page, gateway: str) -> None:
    page.goto(f"{gateway}/console/#/tickets")
    page.locator("[data-ticket]").first.click()
    eye.keep(page, "ticket")
    for screen, zh, en in (
        ("tickets", "建工单", "New ticket"),
        ("webhooks", "加一个地址", "Add an address"),
        ("canned", "新建", "New reply"),
        ("faq", "新建知识", "New entry"),
    ):
        page.goto(f"{gateway}/console/#/{screen}")
        page.get_by_role("main").get_by_role("button", name=eye.says(zh, en)).first.click()
        eye.keep(page, f"{screen}-new")
        page.keyboard.press("Escape")
    page.goto(f"{gateway}/console/#/faq/returns.freight")
    eye.keep(page, "faq-entry")
    page.goto(f"{gateway}/console/#/desk")
    page.get_by_role("tab").last.click()
    page.locator(".row", has_text="林小雨").first.click()
    page.get_by_role("log").wait_for()
    eye.keep(page, "conversation")
    if eye.look.is_phone:
        page.locator(".show-facts").click()
        eye.keep(page, "facts")
    page.keyboard.press("Control+k")
    eye.keep(page, "palette")
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)
    page.keyboard.press("?")
    eye.keep(page, "keys")
    page.keyboard.press("Escape")
    page.locator("[aria-controls=settings]").click()
    eye.keep(page, "settings")
