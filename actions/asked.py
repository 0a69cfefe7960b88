"""What a shopper asked: the Rasa tracker of an action call, read once at the edge."""

import hashlib
from typing import Any

import msgspec

SAID = "said"  # the entity of a button that holds the words which it gives a meaning to
LONGEST_SAID = 500


class Customer(msgspec.Struct, frozen=True):
    """Who is signed in; an empty id is an anonymous shopper."""

    id: str = ""
    name: str = ""
    level: str = ""


class _Metadata(msgspec.Struct, frozen=True):
    conversation: str = ""
    message_id: str = ""
    channel: str = "web"
    lang: str = "zh-CN"
    customer: Customer = Customer()
    approved_by: str = ""
    pictures: tuple[str, ...] = ()
    changes_before: int = 0


class _Entity(msgspec.Struct, frozen=True):
    entity: str = ""
    value: Any = ""


class _Reading(msgspec.Struct, frozen=True):
    name: str | None = ""
    confidence: float = 0.0


class _Decision(msgspec.Struct, frozen=True):
    decision: str = ""
    reason: str = ""


class _Second(msgspec.Struct, frozen=True):
    intent: str = ""


class _Message(msgspec.Struct, frozen=True):
    text: str | None = ""
    intent: _Reading = _Reading()
    entities: tuple[_Entity, ...] = ()
    intent_ranking: tuple[_Reading, ...] = ()
    decision: _Decision | None = None
    second: _Second | None = None
    metadata: _Metadata | None = None


class Asked(msgspec.Struct, frozen=True):
    """One message as the brain understood it; `readings` are the intents behind it, likeliest first.

    `pressed`: a button was pressed, nothing was typed. `form` is what is being filled in and `requested`
    the slot of it that was asked for. `approved_by` is the agent who allowed what is asked for here. `second`
    is another request in the same message, or nothing. `answered`: another action has answered this message.
    `changes_before`: what was changed for the customer in the last 24 hours before what is confirmed here, in all
    his conversations.
    `assumed` is what was said before and stands where this message says nothing else.
    `reread`: a button said what these words meant.
    `pictures` are addresses of those that came with it; a picture without words has no text.
    """

    conversation: str
    message_id: str
    english: bool
    customer: Customer
    text: str
    intent: str
    entities: tuple[tuple[str, str], ...]
    readings: tuple[str, ...]
    reason: str
    slots: dict[str, Any]
    pressed: bool = False
    form: str = ""
    requested: str = ""
    approved_by: str = ""
    decision: str = ""
    second: str = ""
    answered: bool = False
    channel: str = "web"
    pictures: tuple[str, ...] = ()
    reread: bool = False
    assumed: dict[str, str] = {}
    changes_before: int = 0

    def value(self, entity: str) -> str:
        """The first value of an entity in this message, or nothing."""
        found = next((value for name, value in self.entities if name == entity), "")
        return found or self.assumed.get(entity, "")

    def remembered(self, slot: str) -> str:
        """What an earlier turn put into a slot, or nothing."""
        value = self.slots.get(slot)
        return value if isinstance(value, str) else ""

    def told(self, slot: str) -> dict[str, Any]:
        """What an earlier turn left in a slot that holds several things, or nothing."""
        value = self.slots.get(slot)
        return value if isinstance(value, dict) else {}

    def listed(self, slot: str) -> list[Any]:
        """What earlier turns collected in a slot, oldest first."""
        value = self.slots.get(slot)
        return value if isinstance(value, list) else []

    def key(self, verb: str, thing: str) -> str:
        """The key under which the shop does what this message makes us offer, once however often it is pressed."""
        told = f"{self.conversation}\n{self.message_id}\n{verb}\n{thing}"
        return hashlib.sha256(told.encode()).hexdigest()

    def knowing(self, **facts: str) -> "Asked":
        """The same with what its words say as entities, so that picking an order loses nothing of it."""
        known = {name for name, value in self.entities if value}
        added = tuple((name, value) for name, value in facts.items() if value and name not in known)
        return msgspec.structs.replace(self, entities=(*self.entities, *added)) if added else self

    def as_press(self, intent: str, entities: dict[str, str]) -> "Asked":
        """The same shopper and moment, as if he had pressed a choice that means this."""
        return msgspec.structs.replace(
            self, intent=intent, entities=tuple(entities.items()), text="", pressed=True
        )


def read_asked(tracker: dict[str, Any]) -> Asked:
    """What `Tracker.current_state()` says; what is missing or malformed counts as an anonymous shopper's."""
    try:
        message = msgspec.convert(tracker.get("latest_message") or {}, _Message, strict=False)
    except msgspec.ValidationError:
        message = _Message()
    metadata = message.metadata or _Metadata()
    slots = tracker.get("slots") or {}
    loop = tracker.get("active_loop") or {}
    certain = message.intent.confidence == 1.0 and len(message.intent_ranking) == 1
    said = next((str(each.value) for each in message.entities if each.entity == SAID), "") if certain else ""
    return Asked(
        channel=metadata.channel,
        conversation=metadata.conversation or str(tracker.get("sender_id") or ""),
        message_id=metadata.message_id or _message_id(tracker),
        english=metadata.lang.startswith("en"),
        customer=metadata.customer,
        text=said or ("" if certain and metadata.pictures else (message.text or "").strip()),
        intent=message.intent.name or "",
        entities=tuple(
            (each.entity, str(each.value)) for each in message.entities if each.value and each.entity != SAID
        ),
        readings=tuple(each.name for each in message.intent_ranking if each.name),
        reason=message.decision.reason if message.decision else "",
        slots=slots,
        pressed=certain and not metadata.pictures and not said,
        reread=bool(said),
        pictures=metadata.pictures,
        form=str(loop.get("name") or "") if isinstance(loop, dict) else "",
        requested=str(slots.get("requested_slot") or ""),
        approved_by=metadata.approved_by,
        changes_before=metadata.changes_before,
        decision=message.decision.decision if message.decision else "",
        second=message.second.intent if message.second else "",
        answered=_is_answered(tracker),
    )


def _is_answered(tracker: dict[str, Any]) -> bool:
    for event in reversed(tracker.get("events") or []):
        if event.get("event") == "user":
            return False
        name = str(event.get("name") or "")
        if event.get("event") == "action" and name not in _HOUSEKEEPING and not name.endswith("_form"):
            return True
    return False


_HOUSEKEEPING = frozenset({"action_listen", "action_extract_slots", "action_session_start"})


def _message_id(tracker: dict[str, Any]) -> str:
    # `rasa shell` sends no metadata; Rasa's own id of the message does as well.
    for event in reversed(tracker.get("events") or []):
        if event.get("event") == "user":
            return str(event.get("message_id") or event.get("timestamp") or "")
    return ""
