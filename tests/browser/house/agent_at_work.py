"""An agent before a browser, in the real console."""

from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.reading import is_kept

from .running_house import House


class AgentAtWork:
    """What he does and sees."""

    def __init__(self, page: Page, house: House) -> None:
        self.page = page
        self.house = house
        self.facts = page.get_by_role("region", name="资料")
        self.log = page.get_by_role("log")

    async def signs_in(self, name: str) -> None:
        """Unless his browser is signed in already."""
        secrets = self.house.secrets()
        password = secrets["agent_password" if name == "xiaoli" else "supervisor_password"]
        asked, inside = self.page.get_by_label("账号"), self.page.get_by_role("tab", name="排队")
        await self.page.goto(f"{self.house.gateway}/console/")
        await asked.or_(inside).first.wait_for()
        if await asked.count():
            await asked.fill(name)
            await self.page.get_by_label("密码").fill(password)
            await self.page.get_by_role("button", name="登录").click()
        await inside.wait_for()

    async def looks_at_line(self) -> None:
        await self.page.get_by_role("tab", name="排队").click()

    def row(self, name: str) -> Locator:
        return self.page.locator(".row", has_text=name)

    async def opens(self, name: str) -> None:
        await self.row(name).click()
        await self.log.wait_for()

    async def claims(self, name: str) -> None:
        await self.looks_at_line()
        await self.opens(name)
        await self.page.get_by_role("button", name="接入", exact=True).click()
        await self.page.get_by_role("button", name="结束会话").wait_for()

    async def replies(self, text: str) -> None:
        await self.page.get_by_label("回复", exact=True).fill(text)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator(".said.from-agent").last).to_contain_text(text)

    async def closes(self) -> None:
        await self.page.get_by_role("button", name="结束会话").click()
        await self.page.get_by_role("dialog").get_by_role("button", name="结束会话").click()
        await self.page.get_by_text("会话已结束").first.wait_for()

    async def picture(self, folder: Path, name: str) -> None:
        await is_kept(self.page, folder / f"agent-{name}.png")
