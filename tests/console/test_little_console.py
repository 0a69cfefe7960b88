"""The example of docs/api, as a merchant would run it, against a real desk whose line drops."""

import asyncio
import importlib.util
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.console.parts import HUB
from bot.conversation.bodies import plain_text
from bot.conversation.events import Kind, Role
from bot.conversation.state import Stage

EXAMPLE = Path(__file__).parents[2] / "docs" / "api" / "little_console.py"


def example() -> Any:
    spec = importlib.util.spec_from_file_location("little_console", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def answers(desk: Any, conversation: str) -> list[str]:
    events = await desk.log.events(conversation, after=0, limit=200)
    return [plain_text(one.body) for one in events if one.kind is Kind.SAID and one.sender.role is Role.AGENT]


async def until_taken(desk: Any, conversation: str) -> None:
    for _ in range(1200):
        if (await desk.log.state(conversation)).stage is Stage.HUMAN:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody takes her")


async def until_answered(desk: Any, conversation: str, *words: str) -> None:
    async with asyncio.timeout(60):
        while (said := await answers(desk, conversation)) != [f"收到：{one}" for one in words]:
            assert len(said) <= len(words), said
            await asyncio.sleep(0.05)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the line is cut under it
async def test_the_little_console_takes_who_waits_and_answers_each_word_once_though_its_line_is_cut(
    desk: Any,
) -> None:
    await desk.hire("xiaoli")
    running = asyncio.create_task(example().main(desk.url, "xiaoli", "correct horse 41"))
    try:
        await desk.customer_waits("demo:one")
        await until_taken(desk, "demo:one")
        await desk.customer_says("demo:one", "少发了一件")
        await until_answered(desk, "demo:one", "少发了一件")

        for socket in tuple(desk.app[HUB]._sockets):
            socket._cut()
        await desk.customer_says("demo:one", "还在吗")
        await desk.customer_says("demo:one", "人呢")
        await until_answered(desk, "demo:one", "少发了一件", "还在吗", "人呢")

        await desk.customer_waits("demo:two")
        await until_taken(desk, "demo:two")
        await desk.customer_says("demo:two", "在线等")
        await until_answered(desk, "demo:two", "在线等")
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
