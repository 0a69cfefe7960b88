"""What rings: once in all tabs of a browser, and not while its agent rests."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from .fake_desk import FakeDesk, Talk, now_ms
from .scenes import busy_afternoon

pytestmark = pytest.mark.asyncio(loop_scope="session")

Visit = Callable[..., Awaitable[Page]]
LISTEN = """
window.tones = 0;
const made = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones++; return made.call(this); };
window.notices = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission = () => Promise.resolve("granted");
  constructor(title, { body }) { window.notices.push(`${title}|${body}`); }
};
document.hasFocus = () => false;
"""


class Tabs:
    """Two tabs of one agent's browser, neither of them in front, both listened to."""

    def __init__(self, first: Page, second: Page) -> None:
        self.first, self.second = first, second

    async def each(self, what: str) -> list[Any]:
        return [await tab.evaluate(what) for tab in (self.first, self.second)]

    async def notices(self) -> list[str]:
        return [notice for shown in await self.each("window.notices") for notice in shown]

    async def rings(self) -> None:
        """Until one of them has rung and the other had its chance to."""
        async with asyncio.timeout(6):
            while not any(await self.each("window.tones")):  # noqa: ASYNC110 - the page tells nobody
                await asyncio.sleep(0.1)
        await asyncio.sleep(0.8)

    async def forget(self) -> None:
        await self.each("window.tones = 0; window.notices = []")


@pytest_asyncio.fixture(loop_scope="session")
async def tabs(visit: Visit, desk: FakeDesk) -> Tabs:
    busy_afternoon(desk)
    first = await visit()
    await first.context.add_init_script(LISTEN)
    await first.get_by_role("button", name="设置").click()
    await first.evaluate(LISTEN)
    await first.get_by_role("switch", name="桌面通知").locator("..").click()
    await first.keyboard.press("Escape")
    second = await first.context.new_page()
    await second.goto(first.url)
    await second.get_by_role("tab", name="排队").wait_for()
    return Tabs(first, second)


def promised(talk: Talk, warn_in_ms: int, promise: str = "norm") -> None:
    now = now_ms()
    clock = {"id": promise, "kind": "next", "since": now, "warn": now + warn_in_ms, "due": now + 75_000}
    talk.clocks = [clock]


async def test_two_tabs_ring_once_for_a_customer_who_enters_the_line(desk: FakeDesk, tabs: Tabs) -> None:
    await desk.enter_line(desk.talks["c-he"])
    await tabs.rings()
    assert sorted(await tabs.each("window.tones")) == [0, 2]


async def test_a_promise_to_ones_own_customer_rings_once_before_it_is_broken_and_not_while_one_rests(
    desk: FakeDesk, tabs: Tabs
) -> None:
    own, others, waiting = desk.talks["c-wang"], desk.talks["c-ma"], desk.talks["c-lin"]
    for talk in (own, others, waiting):  # what colleagues have, and the line, is no agent's own
        promised(talk, 700)
        await desk.tell(talk, talk.events[-1])
    assert await tabs.each("window.tones") == [0, 0]
    await tabs.rings()
    assert sorted(await tabs.each("window.tones")) == [0, 3]
    [notice] = await tabs.notices()
    assert notice.startswith("王芳 快超时了，还剩 1:1")
    assert notice.endswith("|好的，那我等您消息")

    # Rests in one tab: no tab rings. At work again, the same promise has rung; only another one does.
    await tabs.forget()
    await tabs.first.get_by_label("接待状态").click()
    await tabs.first.get_by_role("menuitem", name="小休").click()
    await expect(tabs.second.get_by_label("接待状态")).to_contain_text("小休")
    promised(own, 0, "platform")
    await desk.tell(own, own.events[-1])
    await asyncio.sleep(1.5)
    assert await tabs.each("window.tones") == [0, 0]
    await tabs.second.get_by_label("接待状态").click()
    await tabs.second.get_by_role("menuitem", name="在线").click()
    await tabs.rings()
    assert len(await tabs.notices()) == 1

    # Switched off, in all tabs and for ever.
    await tabs.forget()
    await tabs.second.get_by_role("button", name="设置").click()
    await tabs.second.get_by_role("switch", name="快超时提醒").locator("..").click()
    promised(own, 0, "another")
    await desk.tell(own, own.events[-1])
    await asyncio.sleep(1.5)
    assert await tabs.each("window.tones") == [0, 0]
    await tabs.second.reload()
    await tabs.second.get_by_role("button", name="设置").click()
    await expect(tabs.second.get_by_role("switch", name="快超时提醒")).not_to_be_checked()


async def test_a_supervisor_hears_of_the_line_and_of_a_late_ticket(desk: FakeDesk, tabs: Tabs) -> None:
    desk.agents["xiaoli"]["role"] = "supervisor"
    await tabs.first.reload()
    await tabs.second.reload()
    await tabs.second.get_by_role("tab", name="排队").wait_for()
    await tabs.first.get_by_role("tab", name="排队").wait_for()
    talk = desk.talks["c-lin"]
    promised(talk, 0)
    await desk.tell(talk, talk.events[-1])
    await tabs.rings()
    [notice] = await tabs.notices()
    assert notice.startswith("排队的 林小雨 快超时了，还剩 1:1")

    await tabs.forget()
    raised = {"ticket": "T1", "title": "杯子破损", "level": 2, "owner": "a-wang", "owner_name": "小王"}
    await desk.frame(t="raised", **raised)
    await tabs.rings()
    assert await tabs.notices() == ["工单超时，升到 2 级：杯子破损|负责人：小王"]
