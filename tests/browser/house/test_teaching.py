"""A supervisor makes the bot better while shoppers ask: its knowledge, its understanding, and the ways back."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import expect

from .agent_at_work import AgentAtWork
from .running_house import House
from .shopper_at_shop import ShopperAtShop
from .talking import Talker
from .test_desk_day import goes_to, reads_well

pytestmark = pytest.mark.asyncio(loop_scope="session")

AtShop = Callable[..., Awaitable[ShopperAtShop]]
AtDesk = Callable[..., Awaitable[AgentAtWork]]

QUESTION = "你们的袜子会起球吗"
OURS = "起球了拍张照"
# What nobody taught it yet; after that, a shopper says it in words of her own.
DIALECT = (
    "那个箱子晃悠到哪旮旯了", "箱子晃悠到哪旮旯去啦", "箱子在哪旮旯晃悠呢", "看看箱子晃悠到哪旮旯",
    "箱子是不是还在哪旮旯晃悠", "箱子晃悠到哪旮旯了呀", "我那箱子晃悠到哪旮旯", "箱子还在哪旮旯晃悠着",
    "瞅瞅箱子晃悠到哪旮旯了", "箱子又晃悠到哪旮旯去了", "那箱子到底晃悠到哪旮旯了", "箱子晃悠到哪旮旯了啊",
)  # fmt: skip
ANOTHER = "箱子这会儿晃悠到哪旮旯了"


async def hears_of(house: House, question: str, wanted: str, *, seconds: float = 20) -> None:
    """A shopper asks until she hears `wanted`: a process takes up what is new within seconds."""
    async with Talker(house, signed_in=False) as shopper:
        for _ in range(int(seconds / 2)):
            await shopper.asks(question)
            if wanted in shopper.words():
                return
            await asyncio.sleep(2)
        raise AssertionError(shopper.heard()[-2:])


def gave_up(house: House, *seqs: int) -> None:
    """Letters that were tried for a day in vain, as the postman leaves them."""
    body = '{"id":"demo:x:7","type":"conversation.rated","ts":1795384800000,"data":{"comment":"电话13800138000"}}'
    rows = [
        ("crm", "demo:x", seq, "conversation.rated", body, 10, 0, "dead", "HTTP 503", 1795384800000)
        for seq in seqs
    ]
    with closing(sqlite3.connect(house.data / "archive.db", timeout=10)) as database, database:
        database.executemany(f"INSERT INTO letters VALUES ({','.join('?' * 10)})", rows)


async def test_webhooks_are_added_tried_and_paused_and_what_was_not_delivered_is_sent_again_or_dropped(
    house: House, at_desk: AtDesk, pictures: Path
) -> None:
    boss = await at_desk("zhuguan")
    page = boss.page
    await goes_to(boss, "对接")
    await page.get_by_role("button", name="加一个地址").click()
    await page.get_by_label("名字").fill("crm")
    await page.get_by_label("地址", exact=True).fill("http://127.0.0.1:9/xiaoer")
    await page.get_by_label("工单流转").uncheck()
    await reads_well(page, pictures / "hooks-new")
    await page.get_by_role("button", name="添加").click()
    secret = await page.get_by_label("签名密钥").last.input_value()
    assert len(secret) >= 32
    await page.get_by_role("button", name="存好了").click()
    await page.get_by_role("button", name="发测试").click()
    await expect(page.get_by_text("crm 没有收")).to_be_visible()
    await page.get_by_role("button", name="暂停").click()
    await expect(page.get_by_text("已暂停")).to_be_visible()
    assert secret not in await page.content()
    gave_up(house, 7, 8)
    await page.reload()
    dead = page.get_by_role("region", name="没送到的")
    await expect(dead.get_by_text("HTTP 503")).to_have_count(2)
    await dead.get_by_text("看内容").first.click()
    await expect(dead.locator("pre").first).to_contain_text('"ts": 1795384800000')
    await expect(dead.locator("pre").first).not_to_contain_text("13800138000")
    await reads_well(page, pictures / "hooks")
    await dead.get_by_role("button", name="不要了").first.click()
    await expect(dead.get_by_text("HTTP 503")).to_have_count(1)
    await dead.get_by_role("button", name="重发").click()
    await expect(dead).to_contain_text("都送到了")
    await expect(page.locator(".cards").first).to_contain_text("等着送 1")
    await page.get_by_role("button", name="删除").click()
    await page.get_by_role("dialog").get_by_role("button", name="删除").click()
    await expect(page.get_by_text("还没有对接")).to_be_visible()
