from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from .conftest import sign_in
from .fake_desk import PASSWORD, FakeDesk
from .scenes import waiting_talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

Visit = Callable[..., Awaitable[Page]]


async def test_agent_with_the_right_password_reaches_the_desk_as_online(visit: Visit) -> None:
    page = await visit(agent=None)

    await sign_in(page, "xiaoli", PASSWORD)

    await expect(page.get_by_role("button", name="接待状态: 在线")).to_be_visible()
    await expect(page.get_by_text("没有人在排队。")).to_be_visible()


async def test_agent_with_a_wrong_password_is_told_in_words_and_stays_outside(visit: Visit) -> None:
    page = await visit(agent=None)

    await sign_in(page, "xiaoli", "wrong")

    await expect(page.get_by_role("alert")).to_have_text("账号或密码不对，请再试一次。")
    await expect(page.get_by_label("密码")).to_have_value("")
    await sign_in(page, "xiaoli", PASSWORD)
    await expect(page.get_by_role("tab", name="排队")).to_be_visible()


async def test_agent_whose_session_ended_signs_in_again_and_finds_the_same_conversation(
    visit: Visit, desk: FakeDesk
) -> None:
    waiting_talk(desk)
    page = await visit()
    await page.get_by_text("林小雨").first.click()
    await expect(page.get_by_role("log")).to_contain_text("两天没动了")
    desk.sessions.clear()

    await page.get_by_role("button", name="接入", exact=True).click()

    await expect(page.get_by_role("alert")).to_contain_text("登录已过期")
    await sign_in(page, "xiaoli", PASSWORD)
    await expect(page.get_by_role("log")).to_contain_text("两天没动了")


async def test_a_reload_keeps_the_agent_signed_in(visit: Visit) -> None:
    page = await visit()

    await page.reload()

    await expect(page.get_by_role("tab", name="排队")).to_be_visible()
