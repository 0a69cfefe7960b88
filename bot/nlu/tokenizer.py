"""jieba words with the shop's lexicon, at their places in the text as it was typed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import ShopComponent
from bot.nlu.normal import normal
from bot.nlu.normaliser import normal_of
from bot.nlu.saved import load_values, save_values
from bot.nlu.words import Cutter, cut, cutter_of, dictionary_for, read_lexicon


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class ShopTokenizer(ShopComponent, Tokenizer):  # type: ignore[misc]
    """Cuts the normalised text with jieba; keeps only the dictionary that the training texts touch."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`lexicon`: files of the shop's own words, one a line."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "lexicon": []}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        ShopComponent.__init__(self, config, storage, resource)
        Tokenizer.__init__(self, self._config)
        self._dictionary: dict[str, int] = {}
        self._cutter: Cutter = cutter_of({})

    @classmethod
    def files(cls, config: dict[str, Any]) -> Iterable[str]:
        """The shop's own words."""
        return tuple(config["lexicon"])

    def save(self, folder: Path) -> None:
        """Write the dictionary."""
        save_values(folder / "words.json", self._dictionary)

    def recall(self, folder: Path) -> None:
        """Take up the dictionary."""
        self._dictionary = load_values(folder / "words.json")
        self._cutter = cutter_of(self._dictionary)

    def train(self, training_data: TrainingData) -> Resource:
        """Choose the dictionary and store it with the model."""
        texts = [normal_of(message).clean for message in training_data.training_examples if message.get(TEXT)]
        lexicon = [word for path in self._config["lexicon"] for word in read_lexicon(Path(path))]
        self._dictionary = dictionary_for(texts, [normal(word).clean for word in lexicon])
        self._cutter = cutter_of(self._dictionary)
        return self.kept()

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of one attribute; for the message's text, with the offsets of the text as typed."""
        if attribute != TEXT:
            return [
                Token(word, start, end=end)
                for word, start, end in cut(self._cutter, str(message.get(attribute)))
            ]
        read = normal_of(message)
        return [Token(word, *read.span(start, end)) for word, start, end in cut(self._cutter, read.clean)]
