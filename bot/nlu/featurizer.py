"""Character and syllable n-grams of a turn, of its parts, and of what was said before it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import ShopComponent
from bot.nlu.context import Said, read_sayings
from bot.nlu.ngrams import Vocabulary, learn_vocabulary
from bot.nlu.normal import normal
from bot.nlu.normaliser import normal_of
from bot.nlu.reader import Turn, turn_of
from bot.nlu.sounds import sounds_of
from bot.nlu.turn import Memory, requested_slot, said_before

TURN, SAID = "turn", "said"
LAST_SAID = 40
"""Characters of what was said before that are read: the question comes last."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ShopperNgrams(ShopComponent):
    """Leaves each message's `Turn` for the classifier."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`at_least`: in how many training texts a feature must occur; `agent`: a file of agents' sentences by topic."""
        return {"at_least": 1, "agent": ""}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, storage, resource)
        self._vocabulary: Vocabulary | None = None

    @classmethod
    def files(cls, config: dict[str, Any]) -> Iterable[str]:
        """What agents say."""
        return tuple(filter(None, (config["agent"],)))

    def save(self, folder: Path) -> None:
        """Write the vocabulary."""
        assert self._vocabulary is not None
        self._vocabulary.save(folder)

    def recall(self, folder: Path) -> None:
        """Take up the vocabulary."""
        self._vocabulary = Vocabulary.opened(folder)

    def train(self, training_data: TrainingData) -> Resource:
        """Choose the vocabulary and store it with the model."""
        texts = [normal_of(message).signs for message in training_data.training_examples if message.get(TEXT)]
        texts += [sentence for _, sentence in self._sayings()]
        sounds = sounds_of(letter for text in texts for letter in text)
        self._vocabulary = learn_vocabulary(texts, sounds, self._config["at_least"])
        return self.kept()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for training examples; the first one carries the agents' sentences for the classifier."""
        self.process([message for message in training_data.training_examples if message.get(TEXT)])
        if self._vocabulary is not None and self._config["agent"]:
            said = [Said(topic, self._vocabulary.counts(sentence)) for topic, sentence in self._sayings()]
            for message in training_data.intent_examples[:1]:
                message.set(SAID, said)
        return training_data

    def _sayings(self) -> list[tuple[str, str]]:
        return read_sayings(Path(self._config["agent"])) if self._config["agent"] else []

    def process(self, messages: list[Message], tracker: Memory = None) -> list[Message]:
        """Each message with its `Turn`."""
        if self._vocabulary is not None:
            for message in messages:
                before = normal(said_before(message, tracker)[-LAST_SAID:]).signs
                turn = turn_of(self._vocabulary, normal_of(message).signs, before, requested_slot(tracker))
                message.set(TURN, turn)
        return messages


def turn_in(message: Message) -> Turn | None:
    """The message's `Turn`, if a trained featurizer has seen it."""
    found = message.get(TURN)
    return found if isinstance(found, Turn) else None
