"""What a component finds out about the turn before this one, from Rasa's memory or from the message itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

Memory = Optional[DialogueStateTracker]  # noqa: UP045 - Rasa checks the hint, and does not know `|`
"""Rasa's memory of the conversation, as it hands it to a component that names `tracker`."""

NORMAL, READING = "normal", "reading"
"""Where the components leave a turn's `Normal` and its `Reading` for those after them."""
DECISION, ANGER, SECOND = "decision", "anger", "second"
PREV_AGENT = "prev_agent"
LEARNED, IN_CONTEXT = "learned", "intent_in_context"
"""Beside a training example: that it is a merchant's own turn, and what it means after `prev_agent`."""


def said_before(message: Message, tracker: Memory) -> str:
    """What bot or agent said last before this message; empty when nobody did or nobody knows."""
    given = noted(message, PREV_AGENT)
    if isinstance(given, str) and given:
        return given
    if tracker is None:
        return ""
    said: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered) and event.text:
            said.append(event.text)
    return " ".join(reversed(said))


def requested_slot(tracker: Memory) -> str:
    """The slot that a form is asking for, or nothing."""
    return str(tracker.get_slot(REQUESTED_SLOT) or "") if tracker is not None else ""


def turns_before(tracker: Memory) -> Iterator[Mapping[str, Any]]:
    """What was understood of the customer's turns before this one, latest first; looked up as far as it is asked."""
    events = reversed(tracker.events) if tracker is not None else ()
    return (event.parse_data for event in events if isinstance(event, UserUttered))


def noted(message: Message, name: str) -> Any:
    """A value that came with the message: beside its text, in its metadata, or with a training example."""
    beside = message.get(name)
    if beside is not None:
        return beside
    notes = message.get(METADATA)
    if not isinstance(notes, dict):
        return None
    example = notes.get("example")
    return (
        notes.get(name) if notes.get(name) is not None or not isinstance(example, dict) else example.get(name)
    )


def typed(message: Message) -> str:
    """The text as it was typed, possibly empty."""
    return str(message.get(TEXT) or "")
