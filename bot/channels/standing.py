"""How a shopper's conversation stands, as her widget shows it: who answers, and her place in line."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.conversation.state import Stage, State

Position = Callable[[str], Awaitable[tuple[int | None, tuple[int, int] | None]]]
"""A conversation's place in line, and how many seconds it will take (p50, p90)."""


async def standing(state: State, position: Position) -> dict[str, Any]:
    """The `status` of docs/wire.md."""
    status: dict[str, Any] = {"stage": state.stage.value}
    if state.owner_name:
        status["agent"] = state.owner_name
    if state.rateable:
        status["rate"] = True
    if state.stage is Stage.WAITING:
        place, eta = await position(state.conversation)
        if place:
            status["position"] = place
        if eta:
            status["eta_s"] = eta
    return status
