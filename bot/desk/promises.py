"""The clocks of one conversation: what was promised to its customer, and by when. Pure."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from bot.conversation.state import Stage, State
from bot.desk.desk_rules import Promise
from bot.desk.hours import Hours


class Clock(msgspec.Struct, frozen=True):
    """A running promise: since when, when to warn, and when it is broken (ms)."""

    id: str
    kind: Literal["first", "next", "resolution"]
    since: int
    warn: int
    due: int


def running(state: State, promises: Sequence[Promise], hours: Hours, warn_at: float) -> list[Clock]:
    """The clocks that run now, the next one due first.

    Only a person's word stops them: what the bot or the house says meanwhile does not.
    """
    if state.stage not in (Stage.WAITING, Stage.HUMAN):
        return []
    clocks = [
        _clock(promise, since, hours, warn_at)
        for promise in promises
        if (since := _since(state, promise.kind))
    ]
    return sorted(clocks, key=lambda clock: clock.due)


def _since(state: State, kind: str) -> int:
    """When this kind of clock began; 0 when it does not run."""
    if kind == "resolution":
        return state.waiting_since or state.claimed_at
    if not state.owed_since:
        return 0
    heard = state.first_word_at > 0
    if kind == "first":
        return 0 if heard else state.waiting_since or state.owed_since
    return state.owed_since if heard else 0


def _clock(promise: Promise, since: int, hours: Hours, warn_at: float) -> Clock:
    if promise.always:
        due = since + int(promise.within_s * 1000)
        warn = since + int(promise.within_s * 1000 * warn_at)
    else:
        due = hours.after(since, promise.within_s)
        warn = hours.after(since, promise.within_s * warn_at)
    return Clock(promise.id, promise.kind, since, warn, due)
