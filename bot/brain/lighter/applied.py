"""The events that count, found without Rasa's walk where nothing was taken back.

Rasa asks each event for four of its kinds, by way of the abstract base classes' caches, whenever it looks for
the last message or begins to predict. Where no form runs and nothing was reverted, each event counts.
"""

from typing import Any

from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain.lighter.known import is_known

_stock = DialogueStateTracker.applied_events
_BEGINS = frozenset({Restarted, SessionStarted})
# Of these every one counts; others may take back what came before them.
_PLAIN = _BEGINS | {
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    FollowupAction,
    SlotSet,
    UserUttered,
}


def apply_plainly() -> None:
    """From now on conversations without forms and reverts are read so."""
    if is_known("events that count found plainly"):
        DialogueStateTracker.applied_events = _applied


def restore() -> None:
    """Rasa's own way again, to compare with."""
    DialogueStateTracker.applied_events = _stock


def _applied(self: DialogueStateTracker) -> list[Any]:
    events = list(self.events)
    kinds = list(map(type, events))
    if not _PLAIN.issuperset(kinds):
        applied: list[Any] = _stock(self)
        return applied
    kinds.reverse()
    after = min((kinds.index(kind) for kind in _BEGINS if kind in kinds), default=len(events))
    return events[len(events) - after :]
