"""Actions of every conduct, for the contract that both places of running them keep."""

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

Events = list[dict[str, Any]]


class Says(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_says"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text=f"{tracker.sender_id}: {tracker.latest_message.get('text')}")
        tracker.slots["order_number"] = "scribbled over"
        return [SlotSet("order_number", "20261122")]


class Raises(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_raises"

    async def run(self, _: CollectingDispatcher, __: Tracker, ___: dict[str, Any]) -> Events:
        raise ValueError("for the test")


class Hangs(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_hangs"

    async def run(self, _: CollectingDispatcher, __: Tracker, ___: dict[str, Any]) -> Events:
        await asyncio.sleep(30)
        return []


class Rejects(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_rejects"

    async def run(self, _: CollectingDispatcher, __: Tracker, ___: dict[str, Any]) -> Events:
        raise ActionExecutionRejection(self.name(), "not now")


class AnswersUnwritable(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_answers_unwritable"

    def run(self, _: CollectingDispatcher, __: Tracker, ___: dict[str, Any]) -> Events:
        return [{"event": "slot", "name": "order_number", "value": object()}]


class AnswersUnknownEvent(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_answers_unknown_event"

    def run(self, _: CollectingDispatcher, __: Tracker, ___: dict[str, Any]) -> Events:
        return [{"event": "no such event"}]


class AnswersNothing(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_answers_nothing"

    def run(self, _: CollectingDispatcher, __: Tracker, ___: dict[str, Any]) -> None:
        return None
