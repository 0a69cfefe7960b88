"""What a policy sees of a conversation, kept from one prediction to the next.

Rasa replays all of a conversation's events, with all slots, for each policy and each prediction: five
times a turn. Here a replay goes on from where the last one stopped; what can't go on begins anew.
"""

from operator import is_
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain.lighter.known import is_known

_stock = Domain.states_for_tracker_history
_KEPT = "_replayed_by_us"
# What was heard last is the same after them.
_OF_THE_BOT = frozenset({ActionExecuted, BotUttered, SlotSet})

State = dict[str, dict[str, Any]]


class _Replay:
    """A tracker that lags behind another, and the states before each action that it has passed."""

    def __init__(self, tracker: DialogueStateTracker, domain: Domain) -> None:
        self.domain = domain
        # Most slots are told to actions only: a state has nothing of them.
        slots = [slot for slot in tracker.slots.values() if slot.influence_conversation]
        self._behind = DialogueStateTracker(tracker.sender_id, slots)
        self._seen: list[Any] = []
        self._before: list[State] = []
        self._now: State | None = None
        self._acted = False
        self._user: tuple[bool | None, dict[str, Any]] | None = None

    def goes_on_to(self, events: list[Any]) -> bool:
        """Whether these events begin with the ones that were replayed."""
        seen = self._seen
        if len(events) < len(seen) or not all(map(is_, seen, events)):
            return False
        # How a message was read is part of every state since; said only after an action, it is of past ones, too.
        acted = self._acted
        for event in events[len(seen) :]:
            if isinstance(event, DefinePrevUserUtteredFeaturization) and acted:
                return False
            acted = _is_acted(event, acted)
        return True

    def states(self, events: list[Any]) -> list[State]:
        """The state before each action among `events`, and the one after them all. They stay the replay's."""
        for event in events[len(self._seen) :]:
            if isinstance(event, ActionExecuted):
                self._before.append(self._state())
            if not isinstance(event, SlotSet) or event.key in self._behind.slots:
                self._behind.update(event)
            if type(event) not in _OF_THE_BOT:
                self._user = None
            self._acted = _is_acted(event, self._acted)
            self._seen.append(event)
            self._now = None
        if self._now is None:
            self._now = self._state()
        return [*self._before, self._now]

    def _state(self) -> State:
        """What Rasa's `get_active_state` gives, with what was heard last made once."""
        behind = self._behind
        loop = behind.active_loop
        state: State = {
            "user": self._heard(behind.latest_message),
            "slots": self.domain._get_slots_sub_state(behind),  # noqa: SLF001 - as Rasa does
            "prev_action": behind.latest_action,
            "active_loop": {"name": loop.name} if loop else {},
        }
        return {kind: sub for kind, sub in state.items() if sub}

    def _heard(self, message: UserUttered | None) -> dict[str, Any]:
        by_text = message.use_text_for_featurization if message else None
        if self._user is None or self._user[0] is not by_text:
            self._user = (by_text, self.domain._get_user_sub_state(self._behind))  # noqa: SLF001 - as Rasa does
        return self._user[1]


def _is_acted(event: Any, acted: bool) -> bool:  # noqa: FBT001 - the answer so far
    """Whether there was an action since the last message."""
    return isinstance(event, ActionExecuted) or (acted and not isinstance(event, UserUttered))


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
    # Whoever asks may cut them to his needs.
    return [{kind: {**sub} for kind, sub in state.items()} for state in _replayed(tracker, self)]


def seen_states(tracker: DialogueStateTracker, domain: Domain) -> list[State]:
    """The conversation's states, for who leaves them as they are."""
    if Domain.states_for_tracker_history is _states:
        return _replayed(tracker, domain)
    states: list[State] = tracker.past_states(domain)
    return states


def _replayed(tracker: DialogueStateTracker, domain: Domain) -> list[State]:
    replay: _Replay | None = tracker.__dict__.get(_KEPT)
    events = tracker.applied_events()
    if replay is None or replay.domain is not domain or not replay.goes_on_to(events):
        replay = tracker.__dict__[_KEPT] = _Replay(tracker, domain)
    return replay.states(events)
