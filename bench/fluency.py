"""How fluent the console is in a real Chromium: 200 conversations in the list, 5,000 messages in one of them.

`python -m bench.fluency [--slow 4]` prints, and writes nothing. The page is the built one, the desk behind it the
tests' own (`tests/browser/console/fake_desk.py`), over real sockets; `--slow` divides the CPU's speed.
"""

import argparse
import asyncio
import json
import sys
from typing import Any

from aiohttp import web
from playwright.async_api import CDPSession, Page, async_playwright

from tests.browser.conftest import FLAGS
from tests.browser.console.conftest import CONSOLE, sign_in
from tests.browser.console.fake_desk import PASSWORD, FakeDesk
from tests.browser.console.scenes import minutes_ago, waiting_talk

CHROMIUM = "/usr/bin/chromium"  # with its windows, as agents have it
MESSAGES, CONVERSATIONS = 5000, 200
LONG = "c-long"
_WATCH_FRAMES = """() => {
  window.frames_ = []; let last = performance.now();
  const tick = (now) => { frames_.push(now - last); last = now; window.ticking = requestAnimationFrame(tick); };
  window.ticking = requestAnimationFrame(tick);
}"""
_FRAMES = "() => { cancelAnimationFrame(ticking); return frames_; }"
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def busy(desk: FakeDesk) -> None:
    """The line of a bad evening, and a customer of years."""
    for n in range(CONVERSATIONS - 1):
        waiting_talk(desk, f"c-{n}", f"客户{n:03}")
    talk = waiting_talk(desk, LONG, "老顾客")
    for n in range(MESSAGES - len(talk.events)):
        role, who = ("customer", ("u-1001", "老顾客")) if n % 3 else ("bot", ("", "小二"))
        text = {"type": "text", "text": f"第 {n} 句：" + "包裹到哪里了，能不能快一点。" * (n % 4 + 1)}
        talk.add("said", text, role, who, minutes_ago((MESSAGES - n) / 10))


async def counters(cdp: CDPSession) -> dict[str, float]:
    found = (await cdp.send("Performance.getMetrics"))["metrics"]
    return {one["name"]: one["value"] for one in found}


async def watched(page: Page, cdp: CDPSession, what: str, doing: Any) -> None:
    """Prints what the frames, the page's thread and the memory were like while `doing`."""
    before = await counters(cdp)
    await page.evaluate(_WATCH_FRAMES)
    await doing()
    frames = await page.evaluate(_FRAMES)
    after = await counters(cdp)
    seconds = sum(frames) / 1000
    busy_s = after["TaskDuration"] - before["TaskDuration"]  # Chromium's ScriptDuration leaves microtasks out
    layout = after["LayoutDuration"] + after["RecalcStyleDuration"]
    layout -= before["LayoutDuration"] + before["RecalcStyleDuration"]
    slow = [frame for frame in frames if frame > 50]
    print(
        f"{what:34} {len(frames):5} frames in {seconds:5.1f} s, {len(slow):3} over 50 ms (longest {max(frames):4.0f} ms),"
        f" main thread {busy_s * 1000:5.0f} ms, layout {layout * 1000:5.0f} ms, heap {after['JSHeapUsedSize'] / 1e6:5.1f} MB,"
        f" {await page.evaluate('document.querySelectorAll(`*`).length')} elements"
    )


class Evening:
    """What an agent does and what happens to him, step by step; the last ones in a conversation of thousands."""

    def __init__(self, page: Page, desk: FakeDesk) -> None:
        self.page = page
        self.desk = desk

    async def scrolls_the_list(self) -> None:
        await self.page.mouse.move(150, 500)
        for _ in range(60):
            await self.page.mouse.wheel(0, 260)
            await asyncio.sleep(0.03)

    async def walks_with_j(self) -> None:
        for _ in range(25):
            await self.page.keyboard.press("j")
            await asyncio.sleep(0.08)

    async def a_hundred_write(self) -> None:
        for n in range(100):
            await self.desk.say(self.desk.talks[f"c-{n}"], f"还在吗 {n}")
            await asyncio.sleep(0.02)

    async def opens_the_long_one(self) -> None:
        await self.page.evaluate(f"location.hash = '#/desk/{LONG}'")
        await self.page.locator(".said", has_text=f"第 {MESSAGES - 13} 句").first.wait_for()

    async def scrolls_to_its_beginning(self) -> None:
        beginning = self.page.get_by_text("会话从这里开始")
        await self.page.mouse.move(640, 400)
        for _ in range(4000):
            if await beginning.count():
                return
            await self.page.mouse.wheel(0, -2500)
            await asyncio.sleep(0.02)
        raise SystemExit("the beginning was not reached")

    async def goes_back_to_its_end(self) -> None:
        await self.page.get_by_role("button", name="回到最新").click()
        await asyncio.sleep(0.5)

    async def sixty_arrive_in_it(self) -> None:
        for n in range(60):
            await self.desk.say(self.desk.talks[LONG], f"又一句 {n}")
            await asyncio.sleep(0.03)


async def measure(page: Page, cdp: CDPSession, desk: FakeDesk) -> None:
    """Prints the first paint and each step of the evening."""
    print(f"first contentful paint of the desk: {await page.evaluate(_PAINT):.0f} ms")
    evening = Evening(page, desk)
    for what, doing in (
        (f"{CONVERSATIONS} conversations, scrolled", evening.scrolls_the_list),
        ("25 conversations opened with J", evening.walks_with_j),
        ("100 of them write", evening.a_hundred_write),
        (f"one of {MESSAGES} messages opened", evening.opens_the_long_one),
        ("scrolled to its beginning", evening.scrolls_to_its_beginning),
        ("back to its end", evening.goes_back_to_its_end),
        ("60 messages arrive in it", evening.sixty_arrive_in_it),
    ):
        await watched(page, cdp, what, doing)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--slow", type=float, default=1, help="how many times slower than this machine")
    slow = parser.parse_args().slow
    desk = FakeDesk(CONSOLE / "dist")
    busy(desk)
    runner = web.AppRunner(desk.app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    desk.port = runner.addresses[0][1]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await chromium.new_page(locale="zh-CN", viewport={"width": 1280, "height": 800})
        page.set_default_timeout(60_000)
        address = f"http://127.0.0.1:{desk.port}/console/"
        await page.goto(address)
        await page.get_by_label("账号").wait_for()
        await page.wait_for_timeout(300)
        print(f"first contentful paint of the sign-in: {await page.evaluate(_PAINT):.0f} ms")
        await sign_in(page, "xiaoli", PASSWORD)
        await page.locator(".row").first.wait_for()
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Performance.enable")
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": slow})
        await page.goto("about:blank")
        await page.goto(address)  # the desk itself, signed in
        await page.locator(".row").first.wait_for()
        await measure(page, cdp, desk)
        print(json.dumps({"chromium": chromium.version, "slow": slow}))
        await chromium.close()
    await runner.cleanup()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
