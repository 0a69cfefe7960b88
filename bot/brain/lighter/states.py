"""What a policy sees of a conversation, kept from one prediction to the next.

Rasa replays all of a conversation's events, with all slots, for each policy and each prediction: five
times a turn. Here a replay goes on from where the last one stopped; what can't go on begins anew.
"""

from typing import Any

from rasa.shared.core.domain import Domain
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

_stock = Domain.states_for_tracker_history
# Of these every one counts; others may take back what came before them.
_PLAIN = frozenset(
    {ActionExecuted, BotUttered, DefinePrevUserUtteredFeaturization, FollowupAction, SlotSet, UserUttered}
)
_BEGINS = frozenset({Restarted, SessionStarted})
_KEPT = "_replayed_by_us"

State = dict[str, dict[str, Any]]


class _Replay:
    """A tracker that lags behind another, and the states before each action that it has passed."""

    def __init__(self, tracker: DialogueStateTracker, domain: Domain) -> None:
        self.domain = domain
        self._behind = tracker.init_copy()
        self._seen: list[Any] = []
        self._before: list[State] = []
        self._now: State | None = None

    def goes_on_to(self, events: list[Any]) -> bool:
        """Whether these events begin with the ones that were replayed."""
        seen = self._seen
        return len(events) >= len(seen) and all(
            known is event for known, event in zip(seen, events, strict=False)
        )

    def states(self, events: list[Any]) -> list[State]:
        """The state before each action among `events`, and the one after them all."""
        for event in events[len(self._seen) :]:
            if isinstance(event, ActionExecuted):
                self._before.append(self._state())
            self._behind.update(event)
            self._seen.append(event)
            self._now = None
        if self._now is None:
            self._now = self._state()
        # Whoever asks may cut them to his needs.
        return [{kind: {**sub} for kind, sub in state.items()} for state in (*self._before, self._now)]

    def _state(self) -> State:
        state: State = self.domain.get_active_state(self._behind)
        # Most of a state is as it was before: kept once, since nothing in it is changed here any more.
        last = self._before[-1] if self._before else {}
        return {kind: last[kind] if last.get(kind) == sub else {**sub} for kind, sub in state.items()}


def keep_states() -> None:
    """From now on a conversation's states are made once."""
    if is_known("states kept from one prediction to the next"):
        Domain.states_for_tracker_history = _states


def restore() -> None:
    """Rasa's own way again, to compare with."""
    Domain.states_for_tracker_history = _stock


def _states(
    self: Domain,
    tracker: DialogueStateTracker,
    omit_unset_slots: bool = False,  # noqa: FBT001, FBT002 - Rasa's own signature
    ignore_rule_only_turns: bool = False,  # noqa: FBT001, FBT002
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    if omit_unset_slots or ignore_rule_only_turns:  # stories and training: those are asked for rarely
        stock: list[State] = _stock(self, tracker, omit_unset_slots, ignore_rule_only_turns, rule_only_data)
        return stock
    replay: _Replay | None = tracker.__dict__.get(_KEPT)
    if replay is None or replay.domain is not self:
        replay = _Replay(tracker, self)
    events = _applied(tracker)
    if not replay.goes_on_to(events):
        replay = _Replay(tracker, self)
    tracker.__dict__[_KEPT] = replay
    return replay.states(events)


def _applied(tracker: DialogueStateTracker) -> list[Any]:
    """What Rasa's `applied_events` gives, without its walk where nothing was taken back."""
    events = list(tracker.events)
    begins = 0
    for place, event in enumerate(events, start=1):
        kind = type(event)
        if kind in _BEGINS:
            begins = place
        elif kind not in _PLAIN:
            applied: list[Any] = tracker.applied_events()
            return applied
    return events[begins:]
