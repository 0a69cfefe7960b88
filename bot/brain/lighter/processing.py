"""What Rasa does around each prediction, without making anew what stays the same."""

import copy
from typing import Any

from rasa.core.processor import MessageProcessor
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    FollowupAction,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain.lighter.known import is_known

_NAMES = (
    "predict_next_with_tracker_if_should",
    "run_action_extract_slots",
    "_check_for_unseen_features",
    "execute_side_effects",
)
_stock: dict[str, Any] = {name: MessageProcessor.__dict__[name] for name in _NAMES}
_EXTRACT = "action_extract_slots"
_KEPT = "_extracted_by_us"
_WITHOUT_EFFECT = frozenset({ActionExecuted, ActiveLoop, FollowupAction, SessionStarted, SlotSet})
_SAID = _WITHOUT_EFFECT | {BotUttered}


def spare_processing() -> None:
    """From now on actions are picked from those that are there, and only slots are filled that can be."""
    if not is_known("actions and domain not made anew"):
        return
    for name, light in zip(_NAMES, (_predict, _extract, _check, _have_effect), strict=True):
        setattr(MessageProcessor, name, light)


def restore() -> None:
    """Rasa's own way again, to compare with."""
    for name, stock in _stock.items():
        setattr(MessageProcessor, name, stock)


def _predict(self: MessageProcessor, tracker: DialogueStateTracker) -> tuple[Any, Any]:
    # Rasa makes all its own actions to pick one of them; `_get_action` may know it.
    again = self.should_predict_another_action(tracker.latest_action_name)
    if self.is_action_limit_reached(tracker, again):
        raise ActionLimitReached("The limit of actions to predict has been reached.")
    prediction = self._predict_next_with_tracker(tracker)
    return self._get_action(self.domain.action_names_or_texts[prediction.max_confidence_index]), prediction


async def _extract(
    self: MessageProcessor, output_channel: Any, tracker: DialogueStateTracker
) -> DialogueStateTracker:
    kept = self.__dict__.get(_KEPT)
    if kept is None or kept[0] is not self.domain:
        kept = self.__dict__[_KEPT] = (self.domain, self._get_action(_EXTRACT), fillable(self.domain))
    _, action, domain = kept
    events = await action.run(output_channel, self.nlg, tracker, domain)
    await self._send_bot_messages(events, tracker, output_channel)
    tracker.update_with_events(events, self.domain)
    return tracker


def _check(self: MessageProcessor, parse_data: dict[str, Any]) -> None:
    # Rasa first asks whether there is a domain at all, and makes an empty one to compare ours with.
    intent = parse_data["intent"]["name"]
    known = not intent or intent in self.domain.intents
    if known and all(found["entity"] in self.domain.entities for found in parse_data["entities"] or ()):
        return
    _stock["_check_for_unseen_features"](self, parse_data)


async def _have_effect(
    self: MessageProcessor, events: list[Event], tracker: DialogueStateTracker, output_channel: Any
) -> None:
    # Rasa goes through them three times, and asks each whether it is a reminder.
    kinds = set(map(type, events))
    if kinds <= _WITHOUT_EFFECT:
        return
    if kinds <= _SAID:
        await self._send_bot_messages(events, tracker, output_channel)
        return
    await _stock["execute_side_effects"](self, events, tracker, output_channel)


def fillable(domain: Domain) -> Domain:
    """The domain with those slots only that a message can fill; all of it where an action checks them."""
    if "action_validate_slot_mappings" in domain.user_actions:
        return domain
    light = copy.copy(domain)
    light.slots = [slot for slot in domain.slots if _is_fillable(slot)]
    return light


def _is_fillable(slot: Slot) -> bool:
    # A custom mapping without an action leaves the slot to whatever actions say.
    return any(mapping.get("type") != "custom" or mapping.get("action") for mapping in slot.mappings)
