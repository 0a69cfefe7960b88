"""A customer whose answer takes longer hears so, once, before the answer or the human comes."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.conversation.commands import BotTakesLonger
from bot.conversation.state import State
from bot.errors import StaleError
from bot.log.log import Log

T = TypeVar("T")
PATIENCE_S = 1.4
WORDS = {"zh": "正在为您查询，请稍等…", "en": "I'm looking this up, one moment please…"}
# Other channels count what we send: there a word in between costs one of few messages.
_FREE_TO_SEND = frozenset({"", "web", "onebot"})


async def tell_if_longer(log: Log, state: State, of: int, answer: Coroutine[Any, Any, T]) -> T:
    """What `answer` comes to; when that takes longer than people like to wait, they are told meanwhile."""
    if state.channel not in _FREE_TO_SEND:
        return await answer
    loop = asyncio.get_running_loop()
    telling: list[asyncio.Task[None]] = []
    clock = loop.call_later(PATIENCE_S, lambda: telling.append(loop.create_task(_tell(log, state, of))))
    try:
        made = await answer
        for told in telling:
            await told  # the word in between stands before the answer
        return made
    finally:
        clock.cancel()
        for told in telling:
            told.cancel()


async def _tell(log: Log, state: State, of: int) -> None:
    """Once for each message, also when its turn is made again; not when a human came meanwhile."""
    words = WORDS["en" if state.customer.lang.startswith("en") else "zh"]
    with contextlib.suppress(StaleError):
        await log.commit(state.conversation, BotTakesLonger(of, state.epoch, words), key=f"bot:{of}:wait")
