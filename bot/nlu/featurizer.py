"""Character, syllable and word n-grams of a turn, of its parts, and of what was said before it."""

from typing import Any, Self

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.ngrams import Vocabulary, learn_vocabulary
from bot.nlu.normal import normal
from bot.nlu.normaliser import normal_of
from bot.nlu.reader import Turn, turn_of
from bot.nlu.saved import load_arrays, load_values, save_arrays, save_values
from bot.nlu.sounds import sounds_of
from bot.nlu.turn import Memory, requested_slot, said_before

TURN = "turn"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ShopperNgrams(GraphComponent):  # type: ignore[misc]
    """Leaves each message's `Turn` for the classifier."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`at_least`: in how many training texts a feature must occur."""
        return {"at_least": 2}

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, vocabulary: Vocabulary | None
    ) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._vocabulary = vocabulary

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """A featurizer that has seen nothing."""
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
        """The featurizer with the vocabulary of its training."""
        del execution_context
        with model_storage.read_from(resource) as folder:
            known = load_values(folder / "vocabulary.json")
            rarity = load_arrays(folder / "vocabulary.npz")["rarity"]
        numbers = {feature: number for number, feature in enumerate(known["features"])}
        vocabulary = Vocabulary(numbers, rarity, known["sounds"])
        return cls({**cls.get_default_config(), **config}, model_storage, resource, vocabulary)

    def train(self, training_data: TrainingData) -> Resource:
        """Choose the vocabulary and store it with the model."""
        texts = [normal_of(message).signs for message in training_data.training_examples if message.get(TEXT)]
        sounds = sounds_of(letter for text in texts for letter in text)
        vocabulary = learn_vocabulary([(text, ()) for text in texts], sounds, self._config["at_least"])
        self._vocabulary = vocabulary
        with self._storage.write_to(self._resource) as folder:
            save_values(folder / "vocabulary.json", {"features": list(vocabulary.numbers), "sounds": sounds})
            save_arrays(folder / "vocabulary.npz", {"rarity": vocabulary.rarity})
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for training examples."""
        self.process([message for message in training_data.training_examples if message.get(TEXT)])
        return training_data

    def process(self, messages: list[Message], tracker: Memory = None) -> list[Message]:
        """Each message with its `Turn`."""
        if self._vocabulary is not None:
            for message in messages:
                before = normal(said_before(message, tracker)[-200:]).signs
                turn = turn_of(self._vocabulary, normal_of(message).signs, before, requested_slot(tracker))
                message.set(TURN, turn)
        return messages


def turn_in(message: Message) -> Turn | None:
    """The message's `Turn`, if a trained featurizer has seen it."""
    found = message.get(TURN)
    return found if isinstance(found, Turn) else None
