"""jieba words with the shop's lexicon, at their places in the text as it was typed."""

from pathlib import Path
from typing import Any, Self

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.normal import normal
from bot.nlu.normaliser import normal_of
from bot.nlu.saved import digest_of, load_values, save_values
from bot.nlu.words import Cutter, cut, cutter_of, dictionary_for, read_lexicon


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class ShopTokenizer(Tokenizer):  # type: ignore[misc]
    """Cuts the normalised text with jieba; keeps only the dictionary that the training texts touch."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`lexicon`: files of the shop's own words, one a line."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "lexicon": []}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config)
        self._storage, self._resource = storage, resource
        self._cutter: Cutter = cutter_of({})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """An untrained tokenizer."""
        del execution_context
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> Self:
        """The tokenizer with the dictionary of its training."""
        found = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            found.knows(load_values(folder / "words.json"))
        return found

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Makes Rasa train this component again when its files change."""
        return digest_of(config.get("lexicon", []))

    def train(self, training_data: TrainingData) -> Resource:
        """Choose the dictionary and store it with the model."""
        texts = [normal_of(message).clean for message in training_data.training_examples if message.get(TEXT)]
        lexicon = [word for path in self._config["lexicon"] for word in read_lexicon(Path(path))]
        dictionary = dictionary_for(texts, [normal(word).clean for word in lexicon])
        self.knows(dictionary)
        with self._storage.write_to(self._resource) as folder:
            save_values(folder / "words.json", dictionary)
        return self._resource

    def knows(self, dictionary: dict[str, int]) -> None:
        """Cut with these words from now on."""
        self._cutter = cutter_of(dictionary)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of one attribute; for the message's text, with the offsets of the text as typed."""
        if attribute != TEXT:
            return [
                Token(word, start, end=end)
                for word, start, end in cut(self._cutter, str(message.get(attribute)))
            ]
        read = normal_of(message)
        return [Token(word, *read.span(start, end)) for word, start, end in cut(self._cutter, read.clean)]
