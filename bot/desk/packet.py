"""What an agent is handed with a conversation: why, what it is about, what was tried."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bot.conversation import bodies
from bot.conversation.bodies import Card, CardShown, HandedOff, Understood
from bot.conversation.changed import Approved, Changed
from bot.conversation.events import Event, Kind, Role
from bot.conversation.human_wish import asks_for_human
from bot.desk.words import DONE, REASONS, SENTENCES

Labels = Mapping[str, Mapping[str, str]]

_SHOWN = 3
_ORDERS = 5
_CHANGES = 10
_QUOTE = 60
# Readings that say how a turn was handled and not what the customer is about.
_NOT_A_MATTER = frozenset({"hand_off", "nlu_fallback", "request_human", ""})


class Reading(msgspec.Struct, frozen=True):
    intent: str
    label: str
    confidence: float


class Tried(msgspec.Struct, frozen=True):
    """Something the bot did, and the first thing it said of it."""

    seq: int
    action: str
    text: str


class Prepared(msgspec.Struct, frozen=True):
    """A change above the bot's limit that an agent may approve; `of` names it in that call."""

    of: int
    text: str
    amount_fen: int
    label: str


class Packet(msgspec.Struct, frozen=True):
    """docs/wire.md. Everything is of the present service: what came after the last closing."""

    reason: str
    summary: str
    intents: tuple[Reading, ...]
    slots: dict[str, Any]
    tried: tuple[Tried, ...]
    orders: tuple[Card, ...]
    anger: float
    changes: tuple[Changed, ...] = ()
    proposal: Prepared | None = None


def make_packet(events: Sequence[Event], labels: Labels, lang: str = "zh", since: int = 0) -> Packet:
    """The packet of a conversation's events, oldest first; labels and summary in `lang` (`zh`, `en`).

    Up to event `since` another customer was there, of whom nothing is in it.
    """
    service = [event for event in _present_service(events) if event.seq > since]
    handed = [event.body for event in service if isinstance(event.body, HandedOff)]
    reason = handed[-1].reason if handed else ""
    understood = [event.body for event in service if isinstance(event.body, Understood)]
    intents = _readings(understood, labels, lang)
    tried = _tried(service)
    parts = [*_reason_words(handed, lang), *_last_words(_until_hand_off(service), lang)]
    if intents:
        parts.append(
            SENTENCES["read_as"][lang].format(
                label=intents[0].label, percent=round(intents[0].confidence * 100)
            )
        )
    if tried:
        done = "、" if lang == "zh" else ", "
        parts.append(SENTENCES["tried"][lang].format(actions=done.join(_names(tried, labels, lang))))
    return Packet(
        reason=reason,
        summary=("" if lang == "zh" else " ").join(parts),
        intents=intents,
        slots=_slots(service),
        tried=tried,
        orders=_orders(service),
        anger=understood[-1].anger if understood else 0.0,
        changes=tuple(
            line for event in service if isinstance(event.body, bodies.Acted) for line in event.body.changes
        )[-_CHANGES:],
        proposal=_prepared(service, labels, lang),
    )


def _prepared(service: Sequence[Event], labels: Labels, lang: str) -> Prepared | None:
    """What waits for an agent's approval: of the last hand-off, until it is approved."""
    handed = [event for event in service if isinstance(event.body, HandedOff)]
    if not handed or any(isinstance(event.body, Approved) for event in service if event.seq > handed[-1].seq):
        return None
    body = handed[-1].body
    proposal = body.proposal if isinstance(body, HandedOff) else None
    if proposal is None:
        return None
    label = label_of(proposal.intent, labels, lang)
    return Prepared(handed[-1].seq, proposal.text, proposal.amount_fen, label)


def _present_service(events: Sequence[Event]) -> list[Event]:
    """From the last closing on; of a closed conversation, the service that was closed."""
    closings = [at for at, event in enumerate(events) if event.kind is Kind.CLOSED]
    if closings and not any(event.kind is Kind.SAID for event in events[closings[-1] :]):
        closings.pop()
    return list(events[closings[-1] + 1 :] if closings else events)


def _readings(understood: Sequence[Understood], labels: Labels, lang: str) -> tuple[Reading, ...]:
    telling = [body for body in understood if body.intent not in _NOT_A_MATTER] or [
        body for body in understood if any(one.intent not in _NOT_A_MATTER for one in body.ranking)
    ]
    if not telling:
        return ()
    last = telling[-1]
    ranking = last.ranking or (bodies.Reading(last.intent, last.confidence),)
    return tuple(
        Reading(one.intent, label_of(one.intent, labels, lang), one.confidence)
        for one in ranking
        if one.intent not in _NOT_A_MATTER
    )[:_SHOWN]


def label_of(intent: str, labels: Labels, lang: str) -> str:
    """What people call the intent; its own name when nobody named it."""
    return labels.get(intent, {}).get(lang) or intent


def _slots(service: Sequence[Event]) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    for event in service:
        match event.body:
            case Understood(entities=entities):
                found = {str(one.get("entity", "")): one.get("value") for one in entities}
            case bodies.Acted(slots=found):
                pass
            case _:
                continue
        slots |= {name: value for name, value in found.items() if name and value not in (None, "")}
    return slots


def _tried(service: Sequence[Event]) -> tuple[Tried, ...]:
    said: dict[str, str] = {}
    for event in service:
        if event.kind is Kind.SAID and event.sender.role is Role.BOT:
            said.setdefault(_turn(event.id), bodies.plain_text(event.body))
    return tuple(
        Tried(event.seq, event.body.action, said.pop(_turn(event.id), ""))
        for event in service
        if isinstance(event.body, bodies.Acted)
    )


def _turn(identifier: str) -> str:
    """Events of one of the bot's turns share the start of their ids: `bot:<seq answered>:`."""
    return ":".join(identifier.split(":", 2)[:2])


def _orders(service: Sequence[Event]) -> tuple[Card, ...]:
    """The newest card of each order, the last shown first, without what only the bot may press."""
    newest: dict[str, Card] = {}
    for event in reversed(service):
        if isinstance(event.body, CardShown) and event.body.card.order:
            card = event.body.card
            newest.setdefault(card.order, msgspec.structs.replace(card, choices=()))
    return tuple(newest.values())[:_ORDERS]


def _reason_words(handed: Sequence[HandedOff], lang: str) -> list[str]:
    if not handed:
        return []
    reason = REASONS.get(handed[-1].reason, {}).get(lang) or handed[-1].reason
    note = handed[-1].note
    return [
        SENTENCES["because"][lang].format(reason=reason),
        *([SENTENCES["note"][lang].format(note=note)] if note else []),
    ]


def _until_hand_off(service: Sequence[Event]) -> Sequence[Event]:
    """What led to the last hand-off: the summary tells that, whatever was said to the agent since."""
    handed = [at for at, event in enumerate(service) if event.kind is Kind.HANDED_OFF]
    return service[: handed[-1]] if handed else service


def _last_words(service: Sequence[Event], lang: str) -> list[str]:
    said = [
        bodies.plain_text(event.body)
        for event in service
        if event.kind is Kind.SAID and event.sender.role is Role.CUSTOMER
    ]
    # That a human was asked for stands in the reason; what it was about is news.
    said = [text for text in said if not asks_for_human(text)] or said
    if not said:
        return []
    quote = said[-1] if len(said[-1]) <= _QUOTE else said[-1][:_QUOTE] + "…"
    return [SENTENCES["says"][lang].format(text=quote)]


def _names(tried: Sequence[Tried], labels: Labels, lang: str) -> list[str]:
    names = []
    for one in tried:
        action = one.action.removeprefix("action_")
        done = DONE.get("ask" if action.startswith("ask_") else action)
        names.append(done[lang] if done else label_of(action, labels, lang))
    return list(dict.fromkeys(names))
