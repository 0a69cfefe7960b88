"""What a shopper has still to be told, and how it is packed."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.conversation.bodies import HandedOff
from bot.conversation.events import Event
from bot.conversation.state import Stage, State
from bot.courier.contract import Told
from bot.courier.numbers import firsts, turn_of
from bot.courier.words import told_of
from bot.log.log import Log

_BATCH = 500
_RECENT = 60
_LOOK_AGAIN_S = 0.15

Position = Callable[[str], Awaitable[int | None]]


async def due_events(log: Log, state: State) -> list[Event]:
    """Events after the last delivered one of which the shopper is told."""
    due: list[Event] = []
    after = state.delivered
    while after < state.seq:
        events = await log.events(state.conversation, after=after, limit=_BATCH)
        if not events:
            break
        due += [
            event
            for event in events
            # What was taken back before it went is not sent at all.
            if event.seq not in state.recalled and told_of(event, state.customer.lang) is not None
        ]
        after = events[-1].seq
    return due


async def told_in(
    log: Log, state: State, due: list[Event], position: Position, patience_s: float
) -> tuple[Told, ...]:
    """What he is told, its offers numbered through the turn, with his place if he just came into the line."""
    recent = await log.last_events(state.conversation, limit=_RECENT)
    numbers = firsts(turn_of(recent, state.customer_since))
    place = None
    if any(isinstance(event.body, HandedOff) for event in due):
        place = await _place(state, position, patience_s)
    told = []
    for event in due:
        body = told_of(event, state.customer.lang, place)
        if body is not None:
            told.append(Told(event.seq, event.sender, body, numbers.get(event.seq, 1)))
    return tuple(told)


async def _place(state: State, position: Position, patience_s: float) -> int | None:
    """The place in line, once the desk has put him there."""
    clock = asyncio.get_running_loop().time
    until = clock() + patience_s
    while state.stage is Stage.WAITING:
        found = await position(state.conversation)
        if found or clock() > until:
            return found
        await asyncio.sleep(_LOOK_AGAIN_S)
    return None
