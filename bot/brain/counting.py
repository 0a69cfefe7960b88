"""A change counts for its customer before it is tried, wherever he asks for it; one that came to nothing does not."""

from collections.abc import Mapping
from typing import Any

import msgspec
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversation.changed import Changed
from bot.log.changes import Changes

_KEY = "confirm"  # the entity and the slot of actions/confirming.py
_WAITING = "pending"


class Trial(msgspec.Struct, frozen=True):
    """What a message may change under `key`, and the customer's other changes of the last 24 hours `before` it.

    `new`: this message is the first to try it. Without a key there is nothing to be changed.
    """

    customer: str = ""
    key: str = ""
    before: int = 0
    new: bool = False


async def begin(changes: Changes, customer: str, key: str) -> Trial:
    """Counts it. Who fails after this leaves it counted: nobody knows then whether the shop has done it."""
    if not customer or not key:
        return Trial()
    begun = await changes.begin(customer, key)
    return Trial(customer, key, begun.before, begun.new)


async def end(changes: Changes, trial: Trial, done: tuple[Changed, ...]) -> None:
    """Takes it out of the count again unless it was done, or may have been."""
    if trial.new and not any(each.key == trial.key and each.outcome != "refused" for each in done):
        await changes.take_back(trial.customer, trial.key)


def confirmed(tracker: DialogueStateTracker, pressed: Mapping[str, Any] | None) -> str:
    """The key of what this message may confirm: the pressed button's, or that of what waits for a yes; or ""."""
    if pressed is not None:
        return next((str(each["value"]) for each in pressed["entities"] if each["entity"] == _KEY), "")
    slot = tracker.slots.get(_WAITING)
    waiting = slot.value.get("entities") if slot is not None and isinstance(slot.value, dict) else None
    return str(waiting.get(_KEY) or "") if isinstance(waiting, dict) else ""
