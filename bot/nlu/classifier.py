"""The intent classifier: trained by scikit-learn, calibrated out of fold, read with numpy alone."""

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import ShopComponent
from bot.nlu.context import Context, Said
from bot.nlu.featurizer import SAID, turn_in
from bot.nlu.habits import Habits
from bot.nlu.linear import Linear
from bot.nlu.reader import Reader
from bot.nlu.saved import Arrays, load_arrays, load_values, save_arrays, save_values
from bot.nlu.training import OutOfFold, Own, Plan, train_reader
from bot.nlu.turn import IN_CONTEXT, LEARNED, READING, SECOND, noted

FOLD = "out_of_fold"


# Also a featurizer in Rasa's eyes: only those may leave something with the training examples for a later one.
@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=True,
)
class ShopperIntents(ShopComponent, IntentClassifier):  # type: ignore[misc]
    """Sets intent, ranking and, when two requests are made in one turn, the second one."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What training asks for.

        `strength` is the inverse of the penalty on weights, `folds` the parts that calibration leaves
        out in turn; `pull` and `settle` say how far what was said before is trusted (`Context`).
        """
        return {"strength": 2.0, "folds": 5, "pull": 0.8, "settle": 1.0, "ranking_length": 10}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, storage, resource)
        self._reader: Reader | None = None
        self._out_of_fold: OutOfFold | None = None

    @property
    def intents(self) -> tuple[str, ...]:
        """What a turn may be read as; empty before training."""
        return self._reader.intents.labels if self._reader is not None else ()

    def train(self, training_data: TrainingData) -> Resource:
        """Train, calibrate and store."""
        turns, labels, own = [], [], []
        for message in training_data.intent_examples:
            turn, label = turn_in(message), str(message.get(INTENT))
            if turn is not None and noted(message, LEARNED):
                own.append(Own(turn, label, str(noted(message, IN_CONTEXT) or "")))
            elif turn is not None:
                turns.append(turn)
                labels.append(label)
        said: list[Said] = next(
            (found for m in training_data.intent_examples if (found := m.get(SAID)) is not None), []
        )
        plan = Plan(*(self._config[name] for name in ("strength", "folds", "pull", "settle")))
        self._reader, self._out_of_fold = train_reader(turns, labels, said, plan, own)
        return self.kept()

    def save(self, folder: Path) -> None:
        """Write the reader, and what the decision's thresholds follow from."""
        reader, judged = self._reader, self._out_of_fold
        assert reader is not None
        assert judged is not None
        topics = reader.context.topics if reader.context is not None else None
        values = {
            "labels": reader.intents.labels,
            "temperature": reader.temperature,
            "fact_confidence": reader.fact_confidence,
            "second_from": reader.second_from,
            "topics": topics.labels if topics is not None else (),
            "read_as": judged.read_as,
        }
        arrays: Arrays = {
            "weights": reader.intents.weights.astype(np.float16),
            "bias": reader.intents.bias,
            "confidence": judged.confidence,
            "right": judged.right,
        }
        if topics is not None:
            arrays |= {"topics": topics.weights.astype(np.float16), "topics_bias": topics.bias}
            values |= {"pull": reader.context.pull, "settle": reader.context.settle} if reader.context else {}
        save_values(folder / "intents.json", values)
        save_arrays(folder / "intents.npz", arrays)
        if reader.habits is not None:
            reader.habits.save(folder)

    def recall(self, folder: Path) -> None:
        """Take up the reader."""
        values, arrays = load_values(folder / "intents.json"), load_arrays(folder / "intents.npz")
        intents = Linear(tuple(values["labels"]), arrays["weights"].astype(np.float32), arrays["bias"])
        context = None
        if values["topics"]:
            topics = Linear(
                tuple(values["topics"]), arrays["topics"].astype(np.float32), arrays["topics_bias"]
            )
            context = Context(topics, values["pull"], values["settle"])
        self._reader = Reader(
            intents,
            values["temperature"],
            values["fact_confidence"],
            context,
            values["second_from"],
            Habits.opened(folder, intents.labels),
        )
        self._out_of_fold = OutOfFold(arrays["confidence"], arrays["right"], tuple(values["read_as"]))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the out-of-fold readings for the component that chooses thresholds from them."""
        for message in training_data.intent_examples[:1]:
            message.set(FOLD, self._out_of_fold)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Each message with its intent, the ranking behind it and the second request."""
        for message in messages:
            turn = turn_in(message)
            if self._reader is None or turn is None:
                continue
            reading = self._reader.read(turn)
            likeliest = reading.ranking[: max(1, self._config["ranking_length"])]
            ranking = [{"name": intent, "confidence": share} for intent, share in likeliest]
            message.set(READING, reading)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[: self._config["ranking_length"]], add_to_output=True)
            if reading.second is not None:
                second = {"intent": reading.second[0], "confidence": reading.second[1]}
                message.set(SECOND, second, add_to_output=True)
        return messages
