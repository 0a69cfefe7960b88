"""How displeased a customer is, from this turn and, fading, from those before it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import ShopComponent
from bot.nlu.linear import Linear, matrix, softmax, train_levels
from bot.nlu.ngrams import Vocabulary, learn_vocabulary
from bot.nlu.normal import normal
from bot.nlu.normaliser import normal_of
from bot.nlu.saved import load_arrays, load_values, save_arrays, save_values
from bot.nlu.turn import ANGER, Memory, turns_before

CALM, DISPLEASED, ANGRY = "0", "1", "2"
_CALM_TURNS = 2500
"""About as many turns of calm customers are read besides the examples."""
_FADING = 0.4
"""The share of the dialogue's anger that is left when another turn has been heard."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ShopperAnger(ShopComponent):
    """Sets `anger`, 0 to 1: about 0.5 when displeased, 1 when insulting or threatening."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`examples`: a file of lines {"text", "anger": 0, 1 or 2}; `cross`: intents whose turns may be angry."""
        cross = ["service_complaint", "logistics_delay", "quality_complaint", "order_urge_ship"]
        return {"examples": "data/lexicon/anger.jsonl", "cross": cross, "strength": 3.0}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, storage, resource)
        self._learned: Learned | None = None

    @classmethod
    def files(cls, config: dict[str, Any]) -> Iterable[str]:
        """The examples."""
        return (config["examples"],)

    def save(self, folder: Path) -> None:
        """Write the model of anger."""
        assert self._learned is not None
        self._learned.save(folder)

    def recall(self, folder: Path) -> None:
        """Take up the model of anger."""
        self._learned = Learned.opened(folder)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the file of examples and, as calm, from every few turns of intents that calm customers have."""
        cross = set(self._config["cross"])
        calm = [
            normal_of(m).signs
            for m in training_data.intent_examples
            if m.get(INTENT) not in cross and m.get(TEXT)
        ]
        every = max(1, len(calm) // _CALM_TURNS)
        self._learned = learn(Path(self._config["examples"]), calm[::every], self._config["strength"])
        return self.kept()

    def process(self, messages: list[Message], tracker: Memory = None) -> list[Message]:
        """Each message with its anger."""
        for message in messages:
            now = self._learned.anger(normal_of(message).signs) if self._learned is not None else 0.0
            message.set(ANGER, round(_heard(now, turns_before(tracker)), 4), add_to_output=True)
        return messages


class Learned:
    """The trained model of anger."""

    def __init__(self, vocabulary: Vocabulary, levels: Linear) -> None:
        self._vocabulary, self._levels = vocabulary, levels
        self._worth = np.array([int(level) / 2 for level in levels.labels])

    def anger(self, signs: str) -> float:
        """The expected level of one normalised text, as 0 to 1."""
        counts = self._vocabulary.counts(signs)
        if not len(counts.numbers):
            return 0.0
        return float(softmax(self._levels.scores(counts)) @ self._worth)

    def save(self, folder: Path) -> None:
        """Write the model."""
        self._vocabulary.save(folder)
        save_values(folder / "anger.json", self._levels.labels)
        arrays = {"weights": self._levels.weights, "bias": self._levels.bias}
        save_arrays(folder / "anger.npz", arrays)

    @classmethod
    def opened(cls, folder: Path) -> Self:
        """The model that `save` wrote."""
        labels, arrays = load_values(folder / "anger.json"), load_arrays(folder / "anger.npz")
        return cls(Vocabulary.opened(folder), Linear(tuple(labels), arrays["weights"], arrays["bias"]))


def learn(examples: Path, calm: Sequence[str], strength: float) -> Learned:
    """The model for a file of labelled examples and normalised turns of calm customers besides."""
    told = [json.loads(line) for line in examples.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [*(normal(one["text"]).signs for one in told), *calm]
    levels = [*(str(one["anger"]) for one in told), *(CALM for _ in calm)]
    vocabulary = learn_vocabulary(texts, {}, at_least=2)
    rows = matrix([vocabulary.counts(text) for text in texts], len(vocabulary.codes))
    return Learned(vocabulary, train_levels(rows, levels, strength))


def _heard(now: float, before: Iterable[Mapping[str, Any]]) -> float:
    # The turn before already carries those before it, so one look back is enough.
    last = next((float(turn[ANGER]) for turn in before if isinstance(turn.get(ANGER), int | float)), None)
    return now if last is None else max(now, (1 - _FADING) * now + _FADING * last)
