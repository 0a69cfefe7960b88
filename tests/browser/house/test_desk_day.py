"""A day at the desk in the real product: passing on, taking back, tickets, reports, teaching, and who sees what."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.browser import reading
from tests.browser.composing import compose

from .agent_at_work import AgentAtWork
from .shopper_at_shop import ShopperAtShop

pytestmark = pytest.mark.asyncio(loop_scope="session")

AtShop = Callable[..., Awaitable[ShopperAtShop]]
AtDesk = Callable[..., Awaitable[AgentAtWork]]
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


async def reads_well(page: Page, picture: Path, *, on_phone: bool = False) -> None:
    """In both themes, and `on_phone` in English."""
    await reading.reads_well(page, picture, both=True)
    if on_phone:
        size = page.viewport_size
        assert size
        await speaks(page, "en")
        await page.set_viewport_size(PHONE)
        await reading.reads_well(page, picture.with_name(f"{picture.name}-phone-en"))
        await page.set_viewport_size(size)
        await speaks(page, "zh-CN")


async def speaks(page: Page, language: str) -> None:
    """As another tab of the same browser would choose it."""
    kept = "JSON.parse(localStorage.getItem('xiaoer.preferences') ?? '{}')"
    chosen = f"JSON.stringify({{...{kept}, language: '{language}'}})"
    await page.evaluate(f"localStorage.setItem('xiaoer.preferences', {chosen})")
    await page.evaluate("dispatchEvent(new StorageEvent('storage'))")


async def goes_to(agent: AgentAtWork, section: str) -> None:
    await agent.page.get_by_role("navigation").get_by_role("link", name=section, exact=True).click()
    await agent.page.get_by_role("heading", name=section, level=1).wait_for()


async def test_what_an_agent_takes_back_is_gone_for_the_shopper_and_no_whisper_reaches_her(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent, boss = await at_shop("周舟"), await at_desk("xiaoli"), await at_desk("zhuguan")
    await shopper.asks_for_human()
    await agent.claims("周舟")
    await agent.replies("您的密码是一二三四")
    await shopper.hears("您的密码是一二三四")
    await agent.page.get_by_role("button", name="撤回").last.click()
    await expect(agent.log).to_contain_text("已撤回")
    await shopper.hears("撤回了一条消息")
    await expect(shopper.log).not_to_contain_text("一二三四")
    await shopper.page.reload()
    await shopper.page.locator(".launcher").click()
    await shopper.hears("撤回了一条消息")
    await expect(shopper.log).not_to_contain_text("一二三四")

    await boss.page.get_by_role("tab", name="全部").click()
    await boss.opens("周舟")
    await boss.page.get_by_label("悄悄话").check()
    await boss.page.get_by_label("备注", exact=True).fill("可以补偿她二十元")
    await boss.page.keyboard.press("Enter")
    await expect(agent.log).to_contain_text("可以补偿她二十元")
    await expect(agent.log).to_contain_text("悄悄话")
    await reads_well(agent.page, pictures / "desk-whispered", on_phone=True)
    await expect(shopper.log).not_to_contain_text("二十元")
    await agent.closes()


async def test_a_conversation_is_passed_on_with_a_note_and_a_supervisor_takes_it_over(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent, boss = await at_shop("赵磊"), await at_desk("xiaoli"), await at_desk("zhuguan")
    await shopper.asks_for_human()
    await agent.claims("赵磊")
    await agent.page.keyboard.press("Escape")
    await agent.page.keyboard.press("t")
    dialog = agent.page.get_by_role("dialog", name="转交")
    await dialog.get_by_label("交给").select_option(label="支付")
    await dialog.get_by_label("交接说明").fill("他说被扣了两次款")
    await reads_well(agent.page, pictures / "pass-on", on_phone=True)
    await dialog.get_by_role("button", name="转交").click()
    await expect(agent.log).to_contain_text("他说被扣了两次款")
    await expect(shopper.status).to_contain_text("您是下一位")
    await boss.claims("赵磊")
    await expect(boss.log).to_contain_text("他说被扣了两次款")
    await shopper.hears("客服 王主管 已接入")
    await expect(shopper.log).not_to_contain_text("两次款")
    await boss.closes()


async def test_a_ticket_is_opened_from_a_conversation_told_to_the_shopper_and_worked_to_its_end(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent = await at_shop("陈大明"), await at_desk("xiaoli")
    await shopper.asks_for_human()
    await agent.claims("陈大明")
    await agent.page.set_viewport_size(PHONE)
    await agent.page.get_by_role("button", name="客户与交接资料").click()
    await agent.facts.get_by_role("button", name="建工单").click()
    dialog = agent.page.get_by_role("dialog", name="建工单")
    await dialog.get_by_label("标题").fill("杯子破损要补发")
    await agent.page.set_viewport_size(DESK)
    await reads_well(agent.page, pictures / "ticket-new")
    await dialog.get_by_role("button", name="建立").click()
    await shopper.hears("您的问题已登记，24 小时内会给您回复。")
    await expect(agent.log).to_contain_text("杯子破损要补发")
    await agent.closes()

    await goes_to(agent, "工单")
    await agent.page.get_by_role("button", name="杯子破损要补发").first.click()
    detail = agent.page.get_by_role("region", name="杯子破损要补发")
    await detail.get_by_label("进入").select_option(label="调查")
    await detail.get_by_label("备注（客户看不到）").fill("问了仓库，有货")
    await detail.get_by_label("告诉客户").fill("仓库确认有货，明天补发。")
    await detail.get_by_role("button", name="保存").click()
    await expect(detail.locator(".steps")).to_contain_text("问了仓库，有货")
    await shopper.hears("仓库确认有货，明天补发。")
    await expect(shopper.log).not_to_contain_text("问了仓库")
    await expect(detail.locator("[aria-current=step]")).to_have_text("调查")
    await reads_well(agent.page, pictures / "ticket", on_phone=True)
    await agent.page.set_viewport_size(PHONE)
    await expect(detail.get_by_role("button", name="返回列表")).to_be_in_viewport()
    await expect(agent.page.get_by_placeholder("搜索标题、客户或工单号")).to_be_hidden()


async def test_a_canned_reply_that_a_supervisor_writes_is_the_agents_at_once(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent, boss = await at_shop("周舟"), await at_desk("xiaoli"), await at_desk("zhuguan")
    await shopper.asks_for_human()
    await agent.claims("周舟")
    await goes_to(boss, "快捷回复")
    page = boss.page
    await page.keyboard.press("n")
    editor = page.get_by_role("region", name="新建")
    await editor.get_by_label("标题", exact=True).fill("赠品说明")
    await editor.get_by_label("快捷码").fill("ckd")
    await editor.get_by_label("内容", exact=True).fill("{客户}您好，{姓名}的赠品随单发出。")
    await expect(editor.get_by_role("alert")).to_have_text("没有 {姓名} 这个变量。")
    await editor.get_by_label("内容", exact=True).fill("{客户}您好，赠品随单发出。")
    await expect(editor.get_by_role("alert")).to_have_text("快捷码 /ckd 已经是「催快递」的。")
    await reads_well(page, pictures / "canned-refused")
    await editor.get_by_label("快捷码").fill("zp")
    await expect(editor.get_by_role("region", name="预览")).to_contain_text("林小雨您好，赠品随单发出。")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("link", name="赠品说明")).to_be_visible()

    area = agent.page.get_by_label("回复", exact=True)
    await area.fill("/zengpin")
    await agent.page.locator("#canned .option").first.wait_for()
    await agent.page.keyboard.press("Enter")
    await expect(area).to_have_value("周舟您好，赠品随单发出。")
    await agent.page.keyboard.press("Enter")
    await shopper.hears("周舟您好，赠品随单发出。")

    await page.get_by_role("searchbox", name="搜索快捷回复").fill("zpsm")
    await expect(page.get_by_text("1 条", exact=True)).to_be_visible()
    await page.get_by_role("button", name="删除").click()
    await page.get_by_role("dialog").get_by_role("button", name="删除").click()
    await area.fill("/zengpin")
    await expect(agent.page.get_by_text("没有对得上的快捷回复")).to_be_visible()
    await area.fill("")
    await agent.closes()


async def test_a_supervisor_sees_what_went_wrong_and_teaches_the_bot(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent, boss = await at_shop("王秀兰"), await at_desk("xiaoli"), await at_desk("zhuguan")
    await shopper.says("那个玩意儿整得咋样了呀")
    await expect(shopper.log.locator(".row.customer ~ .row.bot").last).to_be_visible()
    await shopper.asks_for_human()
    await agent.claims("王秀兰")
    await agent.log.locator(".thoughts summary").last.click()
    await agent.log.get_by_label("纠正意图").last.select_option(label="查订单")
    await expect(agent.page.get_by_text("记下了")).to_be_visible()
    await agent.closes()

    await goes_to(boss, "教机器人")
    await expect(boss.page.locator(".taught")).to_contain_text("那个玩意儿整得咋样了呀")
    await reads_well(boss.page, pictures / "teaching", on_phone=True)
    await goes_to(boss, "报表")
    await expect(boss.page.locator(".tiles button").first).to_contain_text("服务量")
    await expect(boss.page.locator(".chart canvas").first).to_be_visible()
    await boss.page.get_by_role("group", name="只看").get_by_label("渠道").select_option(value="web")
    await expect(boss.page).to_have_url(re.compile("channel=web"))
    await boss.page.reload()
    await expect(boss.page.get_by_role("group", name="只看").get_by_label("渠道")).to_have_value("web")
    await expect(boss.page.get_by_role("link", name="下载 CSV").first).to_have_attribute(
        "href", re.compile("channel=web")
    )
    for table in (0, 1):
        await boss.page.get_by_text("表格").nth(table).click()
    await expect(boss.page.locator("table").nth(1)).to_contain_text("上一周期")
    await reads_well(boss.page, pictures / "reports", on_phone=True)
    await goes_to(boss, "团队")
    await boss.page.get_by_role("group", name="小李 的技能").get_by_role("button", name="支付").click()
    li = boss.page.locator("li", has=boss.page.get_by_role("group", name="小李 的技能"))
    await li.get_by_role("button", name="保存").click()
    await expect(
        boss.page.get_by_role("group", name="小李 的技能").get_by_role("button", name="支付")
    ).to_have_attribute("aria-pressed", "true")
    await reads_well(boss.page, pictures / "team", on_phone=True)


async def test_what_is_above_the_bots_limit_is_done_once_an_agent_said_yes(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent = await at_shop("赵磊"), await at_desk("xiaoli")
    await shopper.says("帮我取消帐篷的订单")
    await shopper.log.get_by_role("button", name="确认取消订单").last.click()
    await shopper.hears("人工同事复核")
    await agent.claims("赵磊")
    await expect(agent.facts).to_contain_text("等您同意的操作")
    await reads_well(agent.page, pictures / "proposal")
    await agent.facts.get_by_role("button", name="同意，马上办理").click()
    await shopper.hears("订单已取消")
    await expect(agent.log).to_contain_text("同意了这项操作")
    await agent.closes()


async def test_an_input_methods_enter_and_esc_send_nothing_and_shut_nothing_wherever_one_writes(
    at_shop: AtShop, at_desk: AtDesk
) -> None:
    shopper, boss = await at_shop("周舟"), await at_desk("zhuguan")
    page = boss.page
    cdp = await page.context.new_cdp_session(page)
    written: list[str] = []
    page.on("request", lambda asked: written.append(asked.url) if asked.method == "POST" else None)

    async def composes(field: Locator) -> None:
        before, held = len(written), await field.input_value()
        for key in ("Enter", "Escape"):
            await compose(cdp, field, "wuliu", key)
        await expect(field).to_have_value(f"{held}wuliu")
        await cdp.send("Input.insertText", {"text": "物流"})
        await expect(field).to_have_value(f"{held}物流")
        assert [
            url for url in written[before:] if "/faq/" not in url
        ] == []  # the editor looks for likenesses

    await shopper.asks_for_human()
    await boss.claims("周舟")
    await page.keyboard.press("Escape")
    await page.keyboard.press("t")
    dialog = page.get_by_role("dialog", name="转交")
    await composes(dialog.get_by_label("交接说明"))
    await dialog.get_by_role("button", name="取消").click()
    await boss.closes()

    await goes_to(boss, "工单")
    await page.get_by_role("button", name="建工单").click()
    dialog = page.get_by_role("dialog", name="建工单")
    await dialog.get_by_label("客户称呼").fill("周先生")
    for label in ("备注（客户看不到）", "客户称呼", "标题"):
        await composes(dialog.get_by_label(label))
    await page.keyboard.press("Enter")  # nobody composes any more: this one is his own
    detail = page.get_by_role("region", name="物流")
    await composes(detail.get_by_label("备注（客户看不到）"))
    await composes(page.get_by_placeholder("搜索标题、客户或工单"))

    await page.goto(f"{boss.house.gateway}/console/#/faq/returns.freight")
    editor = page.locator("article.entry")
    await editor.wait_for()
    for field in await editor.locator(".fields > label > input, .fields textarea").all():
        await composes(field)


async def test_an_agent_sees_no_reports_and_no_teaching(at_desk: AtDesk) -> None:
    agent = await at_desk("xiaoli")
    links = agent.page.get_by_role("navigation").get_by_role("link")
    assert await links.all_inner_texts() == ["接待", "工单"]
    await agent.page.goto(f"{agent.house.gateway}/console/#/reports")
    await agent.page.get_by_role("tab", name="排队").wait_for()
