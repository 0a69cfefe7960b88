"""Last in the pipeline: whether to answer, to ask what was meant, or to hand the customer to a person."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.calibration import Threshold, threshold_for
from bot.nlu.component import ShopComponent
from bot.nlu.saved import load_values, save_values
from bot.nlu.training import OutOfFold
from bot.nlu.turn import ANGER, DECISION, SECOND, Memory, turns_before

ANSWER, ASK, HAND_OFF = "answer", "ask", "hand_off"
FOLD = "out_of_fold"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ShopperDecision(ShopComponent):
    """Sets `decision` and, unless the bot may answer, the intent that says so."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Promised precisions, the intents whose answer changes something, and when anger alone hands off."""
        return {
            "acting_precision": 0.90,
            "answering_precision": 0.80,
            "acting": [],
            "human": "request_human",
            "angry_from": 0.75,
            "misses": 2,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, storage, resource)
        self.thresholds: dict[str, Threshold] = {}

    def save(self, folder: Path) -> None:
        """Write the thresholds."""
        save_values(folder / "thresholds.json", {name: asdict(one) for name, one in self.thresholds.items()})

    def recall(self, folder: Path) -> None:
        """Take up the thresholds."""
        stored = load_values(folder / "thresholds.json")
        self.thresholds = {name: Threshold(**one) for name, one in stored.items()}

    def train(self, training_data: TrainingData) -> Resource:
        """Choose the thresholds that keep the promises out of fold, and store them with the model."""
        found = next((m.get(FOLD) for m in training_data.intent_examples if m.get(FOLD) is not None), None)
        if isinstance(found, OutOfFold):
            self.thresholds = {
                name: threshold_for(self._config[f"{name}_precision"], found.confidence, found.right)
                for name in ("acting", "answering")
            }
        return self.kept()

    def process(self, messages: list[Message], tracker: Memory = None) -> list[Message]:
        """Each message with what to do about it."""
        for message in messages:
            intent = message.get(INTENT) or {}
            if not intent.get("name"):
                continue
            decision, reason = self.decide(
                str(intent["name"]),
                float(intent["confidence"]),
                float(message.get(ANGER) or 0.0),
                self._misses_before(tracker),
                two=bool(message.get(SECOND)),
            )
            message.set(DECISION, {"decision": decision, "reason": reason}, add_to_output=True)
            if decision == ASK:
                name, confidence = DEFAULT_NLU_FALLBACK_INTENT_NAME, 1 - float(intent["confidence"])
                message.set(INTENT, {"name": name, "confidence": confidence}, add_to_output=True)
            elif decision == HAND_OFF:
                message.set(INTENT, {"name": HAND_OFF, "confidence": 1.0}, add_to_output=True)
        return messages

    def decide(
        self, intent: str, confidence: float, anger: float, misses: int, *, two: bool = False
    ) -> tuple[str, str]:
        """Decision and reason for the likeliest reading of a turn, after so many misses in a row.

        `two` requests in one turn were each read surely in a part of their own: as a whole the turn is torn
        between them, which is no doubt about either.
        """
        kind = "acting" if intent in self._config["acting"] else "answering"
        sure = two or (kind in self.thresholds and confidence >= self.thresholds[kind].confidence)
        if sure and intent == self._config["human"]:
            return ANSWER, ""
        if anger >= self._config["angry_from"]:
            return HAND_OFF, "anger"
        if sure:
            return ANSWER, ""
        if misses + 1 >= self._config["misses"]:
            return HAND_OFF, "second_miss"
        return ASK, ""

    def _misses_before(self, tracker: Memory) -> int:
        misses = 0
        for turn in turns_before(tracker):
            if (turn.get(DECISION) or {}).get("decision") != ASK:
                break
            misses += 1
        return misses
