"""Any process may be killed at any moment: what was said stands once and in order, and gets an answer or a human."""

import asyncio
import time

import pytest

from .running_house import House
from .talking import PATIENCE_S, Talker

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTS = ["gateway", "brain", "followers", "shop", "redis"]
BEFORE, AFTER = 4, 4


@pytest.mark.parametrize("part", PARTS)
async def test_killed_part_comes_back_and_no_word_is_lost_doubled_or_out_of_order(
    house: House, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Talker(house, f"顾客{part}") as shopper:
        await shopper.asks("你好")
        said = [f"第{n}问，优惠券怎么用" for n in range(BEFORE + AFTER)]
        for n, text in enumerate(said):
            if n == BEFORE:
                killed, at = house.kill(part), time.monotonic()
            await shopper.says(text)
            await asyncio.sleep(0.1)
        await shopper.hears_back()
        answered = time.monotonic() - at
        await house.is_ready(instead_of=(part, killed))

        assert shopper.own_words() == ["你好", *said]
        assert not [refusal for refusal in shopper.refusals if not refusal["retry"]]
        handed_off = [event for event in shopper.events if event["kind"] == "handed_off"]
        assert len(handed_off) <= 1
        mine = [event["seq"] for event in shopper.events if event["from"]["role"] == "customer"]
        if not handed_off:
            await shopper.until(lambda: _answers(shopper) >= set(mine), PATIENCE_S, "an answer to each")
        await _another_browser_reads_the_same(shopper)

        await shopper.leaves_line()
        while not await shopper.asks("你好"):
            await shopper.leaves_line()
        well = time.monotonic() - at
        with capsys.disabled():
            print(  # noqa: T201 - the figures are what one runs it for
                f"\n{part:>10}: an answer or a human after {answered:.1f} s, the bot again within {well:.1f} s"
            )


def _answers(shopper: Talker) -> set[int]:
    """The messages that the bot answered."""
    ids = [event["id"].split(":") for event in shopper.events]
    return {int(parts[1]) for parts in ids if parts[0] == "bot" and parts[2] == "said"}


async def _another_browser_reads_the_same(shopper: Talker) -> None:
    async with Talker(shopper.house, shopper.name) as again:
        await again.until(lambda: again.seq >= shopper.seq, PATIENCE_S, "what was said")
        assert again.events == shopper.events
        again.status = {}  # who waits is the other one
