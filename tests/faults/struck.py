"""Starts a part of the product that dies, as by `kill -9`, at a named point of its code.

    python tests/faults/struck.py POINT NTH PART

The product knows nothing of it: a function of it is wrapped here, from outside, in a process that the tests
start. It is dead in the NTH moment in which that function is about to be called, or has just returned.
"""

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

BEFORE, AFTER = "before", "after"
# Name: module, class, method, when, and the command that counts ("" for every call).
POINTS = {
    "gateway before the append": ("bot.log.log", "Log", "commit", BEFORE, "CustomerSays"),
    "gateway between append and acknowledgement": ("bot.log.log", "Log", "commit", AFTER, "CustomerSays"),
    "brain before the effect": ("bot.log.follow", "Follower", "serve", BEFORE, ""),
    "brain after the effect, before the append": ("bot.log.log", "Log", "commit", BEFORE, "BotAnswers"),
    "brain after the append, before its cursor": ("bot.log.log", "Log", "commit", AFTER, "BotAnswers"),
    "archive between write and cursor": ("bot.archive.gathering", "Gathering", "write", AFTER, ""),
    "desk between board and cursor": ("bot.log.board", "Board", "put", AFTER, ""),
}
DEADLY = "这句话会让进程崩溃"
ENDLESS = "这句话会让进程停不下来"
"""NTH is "words" for a part that dies, each time anew, of a message that says the one, and spins in the other."""
SILENT_S = 5.0
"""For so long a part that spins may say nothing here; in the product it is `bot.nursery.SILENT_S`, 20 s."""


def strike(point: str, nth: int) -> None:
    """From now on this process dies at the point's `nth` moment."""
    module, holder, method, when, counted = POINTS[point]
    owner = getattr(import_module(module), holder)
    setattr(owner, method, _deadly(getattr(owner, method), when, counted, nth))


def _deadly(original: Callable[..., Any], when: str, counted: str, nth: int) -> Callable[..., Any]:
    left = nth

    def die_in_time(words: tuple[Any, ...]) -> None:
        nonlocal left
        if counted and counted not in {type(word).__name__ for word in words}:
            return
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def called(*words: Any, **named: Any) -> Any:
        if when == BEFORE:
            die_in_time(words)
        answer = await original(*words, **named)
        if when == AFTER:
            die_in_time(words)
        return answer

    return called


def strike_at_words() -> None:
    """From now on this process dies, or never ends, whenever it reads such words from the log, to handle them."""
    import_module("bot.nursery").SILENT_S = SILENT_S
    log = import_module("bot.log.log").Log
    original = log.events_until

    async def read(*words: Any, **named: Any) -> Any:
        events = await original(*words, **named)
        said = {getattr(event.body, "text", "") for event in events}
        if DEADLY in said:
            os.kill(os.getpid(), signal.SIGKILL)
        while ENDLESS in said:
            pass
        return events

    log.events_until = read


if __name__ == "__main__":
    from bot.cli import main

    if sys.argv[2] == "words":
        strike_at_words()
    else:
        strike(sys.argv[1], int(sys.argv[2]))
    sys.exit(main(sys.argv[3:]))
