"""How a shopper's conversation stands, as her widget shows it: who answers, and her place in line."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from bot.conversation.state import Stage, State

Position = Callable[[str], Awaitable[tuple[int | None, tuple[int, int] | None]]]
"""A conversation's place in line, and how many seconds it will take (p50, p90)."""


class Line(NamedTuple):
    """What is known of the line; `away_until` is when the desk opens (ms, 0: unknown), None while it answers."""

    position: Position
    away_until: Callable[[], Awaitable[int | None]]


async def standing(state: State, line: Line) -> dict[str, Any]:
    """The `status` of docs/wire.md."""
    status: dict[str, Any] = {"stage": state.stage.value}
    if state.owner_name:
        status["agent"] = state.owner_name
    if state.rateable:
        status["rate"] = True
    if state.stage is Stage.WAITING:
        opens = await line.away_until()
        if opens is not None:
            # "You are next" would be true and yet a lie: nobody comes before then.
            return status | {"opens": opens}
        place, eta = await line.position(state.conversation)
        if place:
            status["position"] = place
        if eta:
            status["eta_s"] = eta
    return status
