"""The intent classifier: trained by scikit-learn, calibrated out of fold, read with numpy alone."""

from typing import Any, Self

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.featurizer import turn_in
from bot.nlu.linear import Linear
from bot.nlu.reader import Reader
from bot.nlu.saved import load_arrays, load_values, save_arrays, save_values
from bot.nlu.training import OutOfFold, train_reader
from bot.nlu.turn import READING, SECOND

FOLD = "out_of_fold"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ShopperIntents(GraphComponent, IntentClassifier):  # type: ignore[misc]
    """Sets intent, ranking and, when two requests are made in one turn, the second one."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: inverse of the penalty on weights; `folds`: parts that calibration leaves out in turn."""
        return {"strength": 10.0, "folds": 5, "ranking_length": 10}

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, reader: Reader | None
    ) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._reader = reader
        self._out_of_fold: OutOfFold | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """An untrained classifier."""
        del execution_context
        return cls({**cls.get_default_config(), **config}, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> Self:
        """The classifier as trained."""
        del execution_context
        with model_storage.read_from(resource) as folder:
            values, arrays = load_values(folder / "intents.json"), load_arrays(folder / "intents.npz")
        intents = Linear(tuple(values["labels"]), arrays["weights"].astype(np.float32), arrays["bias"])
        reader = Reader(intents, values["temperature"], values["fact_confidence"])
        found = cls({**cls.get_default_config(), **config}, model_storage, resource, reader)
        found._out_of_fold = OutOfFold(
            arrays["confidence"], arrays["right"], tuple(values["read_as"]), arrays["counted"]
        )
        return found

    def train(self, training_data: TrainingData) -> Resource:
        """Train, calibrate and store."""
        turns, labels = [], []
        for message in training_data.intent_examples:
            turn = turn_in(message)
            if turn is not None:
                turns.append(turn)
                labels.append(str(message.get(INTENT)))
        self._reader, self._out_of_fold = train_reader(
            turns, labels, self._config["strength"], self._config["folds"]
        )
        with self._storage.write_to(self._resource) as folder:
            save_values(
                folder / "intents.json",
                {
                    "labels": self._reader.intents.labels,
                    "temperature": self._reader.temperature,
                    "fact_confidence": self._reader.fact_confidence,
                    "read_as": self._out_of_fold.read_as,
                },
            )
            save_arrays(
                folder / "intents.npz",
                {
                    "weights": self._reader.intents.weights.astype(np.float16),
                    "bias": self._reader.intents.bias,
                    "confidence": self._out_of_fold.confidence,
                    "right": self._out_of_fold.right,
                    "counted": self._out_of_fold.weights,
                },
            )
        return self._resource

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
            ranking = [{"name": intent, "confidence": share} for intent, share in reading.ranking]
            message.set(READING, reading)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[: self._config["ranking_length"]], add_to_output=True)
            if reading.second is not None:
                second = {"intent": reading.second[0], "confidence": reading.second[1]}
                message.set(SECOND, second, add_to_output=True)
        return messages
