"""What the bot remembers of a conversation: its slots, and the last stretch of Rasa's tracker. Bounded."""

from collections import OrderedDict
from typing import Any

import msgspec
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

KEPT_EVENTS = 60
_READINGS = 3
_CACHED = 1500
_CACHED_BYTES = 16_000_000
"""As they are written in the log; live trackers take some six times that."""


_DUMPED = "_dumped_by_us"


class _Stored(msgspec.Struct):
    of: int
    slots: dict[str, Any]
    events: list[dict[str, Any]]


class _Written(msgspec.Struct):
    """A `_Stored` whose events are JSON already."""

    of: int
    slots: dict[str, Any]
    events: list[msgspec.Raw]


def dump(tracker: DialogueStateTracker, of: int) -> bytes:
    """The memory after the turn about event `of`."""
    slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None}
    # What has happened stays as it was, so each event is written once.
    events = [as_written(event) or _written(event) for event in _last(tracker)]
    return msgspec.json.encode(_Written(of, slots, events))


def restore(tracker: DialogueStateTracker, data: bytes) -> None:
    """Gives a new tracker what `dump` kept."""
    stored = msgspec.json.decode(data, type=_Stored)
    for name, value in stored.slots.items():
        if name in tracker.slots:
            tracker.update(SlotSet(name, value))
    for event in deserialise_events(stored.events):
        tracker.update(event)


def shorten(tracker: DialogueStateTracker) -> None:
    """Forgets what lies before the last stretch, so that turn 400 costs what turn 10 costs."""
    if len(tracker.events) > 2 * KEPT_EVENTS:
        kept = _last(tracker)
        tracker.events.clear()
        tracker.events.extend(kept)


def _last(tracker: DialogueStateTracker) -> list[Any]:
    events = list(tracker.events)
    if len(events) <= KEPT_EVENTS:
        return events
    # A turn begins with its user's message: half a turn would be read as another story.
    for start in range(len(events) - KEPT_EVENTS, len(events)):
        if events[start].type_name == "user":
            return events[start:]
    return events[-KEPT_EVENTS:]


def as_written(event: Any) -> msgspec.Raw | None:
    """The event as the memory has it, which is what its `as_dict` now gives; None before it was dumped."""
    written: msgspec.Raw | None = event.__dict__.get(_DUMPED)
    return written


def _written(event: Any) -> msgspec.Raw:
    """The event as JSON, which it now knows itself as."""
    written = event.__dict__[_DUMPED] = msgspec.Raw(msgspec.json.encode(_light(event)))
    return written


def _light(event: Any) -> dict[str, Any]:
    kept: dict[str, Any] = event.as_dict()
    if isinstance(event, BotUttered):
        # Cards and buttons stand in the log; what was asked is what the next short answer is read by.
        custom = (event.data or {}).get("custom") or {}
        kept["data"] = {"custom": {"text": custom["text"]}} if custom.get("text") else {}
        # More than a thousand live trackers are kept, and cards would be most of their weight.
        event.data = kept["data"]
    elif isinstance(event, UserUttered):
        # Of what was understood in earlier turns the first readings are looked at; the log has all of them.
        ranking = (event.parse_data.get("intent_ranking") or [])[:_READINGS]
        kept["parse_data"] = event.parse_data = {**event.parse_data, "intent_ranking": ranking}
    return kept


class Cache:
    """Live trackers of recent conversations, each as of the event that it was last moved on by. Bounded."""

    def __init__(self, most: int = _CACHED, most_bytes: int = _CACHED_BYTES) -> None:
        self._trackers: OrderedDict[str, tuple[int, DialogueStateTracker, int]] = OrderedDict()
        self._most, self._most_bytes = most, most_bytes
        self._bytes = 0

    def take(self, conversation: str, of: int) -> DialogueStateTracker | None:
        """The tracker as of event `of`; it is taken out, since a turn that fails spoils it."""
        known = self._trackers.pop(conversation, None)
        if known is None:
            return None
        as_of, tracker, size = known
        self._bytes -= size
        return tracker if as_of == of else None

    def put(self, conversation: str, of: int, tracker: DialogueStateTracker, size: int = 0) -> None:
        """Keeps it, and lets go of those that were longest unused; `size` is that of its dump."""
        self.take(conversation, of)
        self._trackers[conversation] = (of, tracker, size)
        self._bytes += size
        while len(self._trackers) > self._most or self._bytes > self._most_bytes:
            _, (_, _, freed) = self._trackers.popitem(last=False)
            self._bytes -= freed
