"""A shopper before a browser, on the demo shop's own page."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.reading import is_kept

from .running_house import House

_UNSENT = "Object.keys(localStorage).filter(k => k.includes(':out:')).length"


class ShopperAtShop:
    """What she does and sees; the chat is the real widget of the real gateway."""

    def __init__(self, page: Page, house: House) -> None:
        self.page = page
        self.house = house
        self.field = page.locator(".composer textarea")
        self.log = page.get_by_role("log")
        self.status = page.locator(".status")

    async def signs_in(self, name: str) -> None:
        await self.page.goto(self.house.shop)
        await self.page.get_by_role("button", name=name).click()
        await expect(self.page.get_by_role("heading", name="我的订单")).to_be_visible()

    async def opens_chat(self) -> None:
        await self.page.locator(".launcher").click()
        await self.field.wait_for()
        await self.page.locator('.log[aria-busy="false"]').wait_for()

    async def says(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")
        await self.has_sent(text)

    async def has_sent(self, text: str) -> None:
        await expect(self.page.locator(".row.customer").last).to_contain_text(text)
        for _ in range(600):
            if not await self.page.evaluate(_UNSENT):
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"{text!r} is still on its way")

    async def hears(self, text: str) -> None:
        await expect(self.log).to_contain_text(text)

    async def asks_for_human(self) -> None:
        await self.page.locator(".head .human").click()

    async def picture(self, folder: Path, name: str) -> None:
        await is_kept(self.page, folder / f"shopper-{name}.png")
