"""Whether a page reads well: no barrier that axe knows, nothing wider than the screen. And how it looked."""

import os
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

Theme = Literal["light", "dark"]
AXE = Path(__file__).parents[2] / "web" / "console" / "node_modules" / "axe-core" / "axe.min.js"
# Colours in the middle of a fade are not what anyone reads.
_SETTLED = """async () => {
  for (;;) {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const fades = document.getAnimations().filter(one => one.playState !== 'finished' && one.effect.getComputedTiming().endTime < Infinity);
    if (!fades.length) return;
    await Promise.allSettled(fades.map(one => one.finished));
  }
}"""
_ALL = "axe.run({resultTypes: ['violations']}).then(told => told.violations)"
_COLOURS = "axe.run({resultTypes: ['violations'], runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}).then(told => told.violations)"


async def reads_well(page: Page, picture: Path, *, first: Theme = "light", both: bool = False) -> None:
    """In the theme that it has, `first`, and with `both` in the other too: a theme changes colours alone.

    Kept as `picture` with the theme in its name when XIAOER_SHOTS is set, or when it does not read well.
    """
    if not await page.evaluate("'axe' in window"):
        # Evaluated from outside, since the page's policy admits no such script.
        await page.evaluate(f"{AXE.read_text(encoding='utf-8')}; 0")
    await _reads_well(page, picture.with_name(f"{picture.name}-{first}.png"), _ALL)
    if both:
        other: Theme = "dark" if first == "light" else "light"
        await _turns(page, other)
        await _reads_well(page, picture.with_name(f"{picture.name}-{other}.png"), _COLOURS)
        await _turns(page, first)


async def is_kept(page: Page, picture: Path) -> None:
    """How it looks once it has settled, as `picture`; only when somebody wants to see it: XIAOER_SHOTS is set."""
    if "XIAOER_SHOTS" in os.environ:
        await page.wait_for_timeout(300)
        await page.screenshot(path=picture)


async def _turns(page: Page, theme: Theme) -> None:
    await page.emulate_media(color_scheme=theme)
    if not await page.locator("#console").count():
        return  # the shop's pages follow the theme by their styles alone
    await page.locator("html.dark" if theme == "dark" else "html:not(.dark)").wait_for(state="attached")


async def _reads_well(page: Page, picture: Path, rules: str) -> None:
    await page.evaluate(_SETTLED)
    violations = await page.evaluate(rules)
    if violations:
        await page.wait_for_timeout(350)  # what nobody counts as a fade may be on its way, too
        violations = await page.evaluate(rules)
    sticks_out = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if violations or sticks_out > 0 or "XIAOER_SHOTS" in os.environ:
        await page.screenshot(path=picture)
    barriers = [
        (
            one["id"],
            [node["html"][:140] + " | " + node.get("failureSummary", "")[:200] for node in one["nodes"]],
        )
        for one in violations
    ]
    assert not barriers, barriers
    assert sticks_out <= 0, f"{sticks_out} px wider than the screen"
