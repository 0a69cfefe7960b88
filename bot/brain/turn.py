"""One turn: a customer's event in, one finished answer out, or nothing at all."""

import asyncio
from itertools import islice
from typing import Any

import msgspec
import structlog
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain import counting, memory
from bot.brain.rasa_project import ActionFailedError, RasaProject
from bot.brain.replies import Uttered, parse_uttered
from bot.brain.unread import answer_unread
from bot.conversation.bodies import Acted, Choice, Image, Means, Reading, Understood, offers_of, plain_text
from bot.conversation.changed import Approved, Proposal
from bot.conversation.commands import BotAnswers, BotCarriesOut
from bot.conversation.events import Event
from bot.conversation.state import State
from bot.errors import BrainError
from bot.log.changes import Changes
from bot.log.log import Log

logger = structlog.get_logger(__name__)

TURN_S = 7.0
VIP = "钻石"
_PSEUDO = {"nlu_fallback", "hand_off"}
_FOR_OTHERS = ("order_number",)  # other slots may hold an address or a phone
_HOUSEKEEPING = {"action_listen", "action_session_start", "action_extract_slots"}


class Turns:
    """Makes turns with one Rasa project; keeps recent trackers alive."""

    def __init__(self, project: RasaProject, log: Log) -> None:
        self._project = project
        self._log = log
        self._changes = Changes(log.redis, log.partitions)
        self._cache = memory.Cache()

    async def make(self, state: State, event: Event) -> tuple[BotAnswers, DialogueStateTracker]:
        """The answer to `event`, and the tracker to remember once it is committed. Raises BrainError."""
        project = self._project  # of this turn, whichever comes meanwhile
        tracker = await self._tracker(project, state)
        unread = answer_unread(state, event)
        if unread is not None:
            return unread, tracker
        message = await self._message(state, event)
        trial = await self._begin(state, counting.confirmed(tracker, message.parse_data), message.metadata)
        try:
            async with asyncio.timeout(TURN_S):
                uttered = parse_uttered(await project.turn(tracker, message))
        except (ActionFailedError, TimeoutError, BrainError) as error:
            logger.warning("turn_failed", error=str(error) or type(error).__name__, seq=event.seq)
            if tracker.latest_message is None or not tracker.latest_message.intent:
                raise BrainError(str(error)) from error
            # What was understood still helps whoever takes over.
            answer = BotAnswers(
                event.seq, state.epoch, _understood(tracker, event), (), (), hand_off="action_failed"
            )
            return answer, project.new_tracker(state.conversation)
        await counting.end(self._changes, trial, uttered.changes)
        understood = _understood(tracker, event)
        hand_off, note = _settle(state, understood, uttered, filled_in=_is_filling_in(tracker))
        acted = _with_changes(_acted(tracker, event), uttered)
        proposal = uttered.proposal if hand_off == uttered.hand_off else None
        answer = BotAnswers(
            event.seq, state.epoch, understood, acted, uttered.replies, hand_off, note, proposal
        )
        return answer, tracker

    async def carry_out(self, state: State, approved: Event, proposal: Proposal) -> BotCarriesOut:
        """What came of a proposal that an agent approved. Raises BrainError when nobody can tell."""
        project, name = self._project, f"action_{proposal.intent}"
        tracker = project.new_tracker(state.conversation)
        read = _reading_of(Means(intent=proposal.intent, entities=proposal.entities), "")
        agent = approved.body.by if isinstance(approved.body, Approved) else ""
        metadata = {**_metadata(state, approved.id), "approved_by": agent}
        trial = await self._begin(state, counting.confirmed(tracker, read), metadata)
        latest = {**(read or {}), "metadata": metadata}
        call = {
            "next_action": name,
            "sender_id": state.conversation,
            "tracker": {**tracker.current_state(), "latest_message": latest, "events": []},
            "domain": {},
            "version": "",
        }
        try:
            async with asyncio.timeout(TURN_S):
                answer = await project.action_endpoint.request(json=call, method="post")
            uttered = parse_uttered((answer or {}).get("responses") or [])
        except Exception as error:
            raise BrainError(f"{name}: {type(error).__name__}") from error
        await counting.end(self._changes, trial, uttered.changes)
        acted = Acted(approved.seq, name, {}, uttered.changes)
        return BotCarriesOut(approved.seq, acted, uttered.replies)

    def remember(self, conversation: str, of: int, tracker: DialogueStateTracker, size: int) -> None:
        """Keeps the tracker of a turn that was committed; its dump has `size` bytes."""
        memory.shorten(tracker)
        self._cache.put(conversation, of, tracker, size)

    def take_up(self, project: RasaProject) -> None:
        """Makes the next turns with another project; those that are under way end with the one they began with."""
        self._project = project
        self._cache = memory.Cache()

    async def _tracker(self, project: RasaProject, state: State) -> DialogueStateTracker:
        if state.understood < state.customer_since:
            return project.new_tracker(state.conversation)  # what is remembered is of another customer
        tracker = self._cache.take(state.conversation, state.understood)
        # One that another model made a moment ago may lack slots of this one.
        if tracker is None or tracker.slots.keys() != {slot.name for slot in project.domain.slots}:
            tracker = project.new_tracker(state.conversation)
            # Who was never understood is not remembered.
            stored = await self._log.memory(state.conversation) if state.understood else b""
            if stored:
                memory.restore(tracker, stored)
        return tracker

    async def _begin(self, state: State, key: str, metadata: dict[str, Any]) -> counting.Trial:
        """Counts what may be changed, and lets the actions know how much was changed before it."""
        customer = state.customer.id if state.customer.verified else ""
        trial = await counting.begin(self._changes, customer, key)
        metadata["changes_before"] = trial.before
        return trial

    async def _message(self, state: State, event: Event) -> UserMessage:
        metadata = _metadata(state, event.id)
        body = event.body
        parse_data = None
        if isinstance(body, Choice):
            parse_data = await self._pressed(state, body)
        elif isinstance(body, Image):
            metadata["pictures"] = [body.url]
            # A picture without words has nothing to be read: it answers what was asked for, if anything was.
            parse_data = None if body.text else _reading_of(Means(intent="provide_info"), plain_text(body))
        message = UserMessage(
            _disarmed(plain_text(body)),
            CollectingOutputChannel(),
            state.conversation,
            input_channel=state.channel,
            message_id=event.id,
            metadata=metadata,
        )
        message.parse_data = parse_data
        return message

    async def _pressed(self, state: State, pressed: Choice) -> dict[str, Any] | None:
        """What Rasa would have read, had the shopper typed what the choice means; None to read its label."""
        if pressed.of <= state.customer_since:
            return None  # it was offered to another customer
        offered = await self._log.event(state.conversation, pressed.of)
        for offer in offers_of(offered.body) if offered else ():
            if offer.id == pressed.choice and offer.means:
                return _reading_of(offer.means, pressed.label)
        return None


def _metadata(state: State, message_id: str) -> dict[str, Any]:
    """What the actions are told about whom they work for (docs/wire.md)."""
    customer = state.customer
    return {
        "conversation": state.conversation,
        "message_id": message_id,
        "channel": state.channel,
        "lang": customer.lang,
        "customer": {
            "id": customer.id if customer.verified else "",
            "name": customer.name,
            "level": customer.level,
            "verified": customer.verified,
        },
    }


def _reading_of(means: Means, label: str) -> dict[str, Any] | None:
    intent, entities = means.intent, means.entities
    if means.faq:
        intent, entities = "faq_pick", {"faq_entry": means.faq}
    if not intent:
        return None
    return {
        "text": label,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": 0} for name, value in entities.items()
        ],
        "decision": {"decision": "answer", "reason": ""},
        "anger": 0.0,
    }


def _understood(tracker: DialogueStateTracker, event: Event) -> Understood:
    data = tracker.latest_message.parse_data
    likely = (reading for reading in data.get("intent_ranking", []) if reading["name"] not in _PSEUDO)
    ranking = [
        Reading(str(reading["name"]), round(float(reading["confidence"]), 4)) for reading in islice(likely, 3)
    ]
    decision = data.get("decision") or {}
    first = (
        ranking[0] if ranking else Reading(str(data["intent"]["name"]), float(data["intent"]["confidence"]))
    )
    return Understood(
        of=event.seq,
        intent=first.intent,
        confidence=first.confidence,
        ranking=tuple(ranking),
        entities=tuple(
            {key: entity[key] for key in ("entity", "value", "start", "end") if key in entity}
            for entity in data.get("entities", [])
        ),
        anger=round(float(data.get("anger") or 0.0), 3),
        decision=str(decision.get("decision", "answer")),
        reason=str(decision.get("reason", "")),
        second=_second(data.get("second")),
    )


def _second(read: dict[str, Any] | None) -> Reading | None:
    """Another request in the same message, as the pipeline leaves it."""
    return Reading(str(read["intent"]), round(float(read["confidence"]), 4)) if read else None


def _acted(tracker: DialogueStateTracker, event: Event) -> tuple[Acted, ...]:
    """The actions of this turn, oldest first, with the slots as they now stand."""
    names: list[str] = []
    for past in reversed(tracker.events):
        if isinstance(past, UserUttered):
            break
        if isinstance(past, ActionExecuted) and past.action_name not in _HOUSEKEEPING:
            names.append(str(past.action_name))
    slots = {
        name: slot.value
        for name in _FOR_OTHERS
        if (slot := tracker.slots.get(name)) is not None and slot.value is not None
    }
    return tuple(Acted(event.seq, name, slots) for name in reversed(names))


def _with_changes(acted: tuple[Acted, ...], uttered: Uttered) -> tuple[Acted, ...]:
    """What was changed stands with the last action of the turn."""
    if not uttered.changes or not acted:
        return acted
    return (*acted[:-1], msgspec.structs.replace(acted[-1], changes=uttered.changes))


def _is_filling_in(tracker: DialogueStateTracker) -> bool:
    """Whether a form took the message as its answer: then it was understood, whatever it looks like alone."""
    for past in reversed(tracker.events):
        if isinstance(past, UserUttered):
            return False
        if isinstance(past, ActionExecuted) and str(past.action_name).endswith("_form"):
            return True
    return False


def _settle(state: State, understood: Understood, uttered: Uttered, *, filled_in: bool) -> tuple[str, str]:
    """The reason to hand over, or "": what the actions want, what the reading asks for, and who it is."""
    if uttered.hand_off:
        return uttered.hand_off, uttered.note
    if (filled_in or uttered.understood) and understood.reason != "anger" and uttered.replies:
        return "", ""
    if understood.decision == "hand_off":
        return understood.reason or "second_miss", ""
    if understood.decision == "ask" and state.customer.verified and state.customer.level == VIP:
        return "vip", ""
    if not uttered.replies:
        return "action_failed", "the bot had nothing to say"
    return "", ""


def _disarmed(text: str) -> str:
    """Text that Rasa can't mistake for a command such as /restart or /intent{…}."""
    stripped = text.lstrip()
    return "／" + stripped.lstrip("/") if stripped.startswith("/") else text
