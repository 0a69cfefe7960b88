"""Entities of a turn, at their places in the text as it was typed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import ShopComponent
from bot.nlu.entity_rules import numbers_and_dates, without_overlaps
from bot.nlu.gazetteer import Gazetteer, Names, read_names
from bot.nlu.normaliser import normal_of
from bot.nlu.saved import load_values, save_values
from bot.nlu.turn import Memory, requested_slot


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ShopEntities(ShopComponent, EntityExtractorMixin):  # type: ignore[misc]
    """Numbers, amounts and dates by shape; couriers, products and the like by name."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`names`: entity to the file of its names."""
        return {"names": {}}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, storage, resource)
        self._names: Names = {}
        self._gazetteer = Gazetteer({})

    @classmethod
    def files(cls, config: dict[str, Any]) -> Iterable[str]:
        """The files of names."""
        return tuple(config["names"].values())

    def save(self, folder: Path) -> None:
        """Write the names."""
        save_values(folder / "names.json", self._names)

    def recall(self, folder: Path) -> None:
        """Take up the names."""
        self._names = load_values(folder / "names.json")
        self._gazetteer = Gazetteer(self._names)

    def train(self, training_data: TrainingData) -> Resource:
        """Store the names with the model."""
        del training_data
        self._names = {entity: read_names(Path(path)) for entity, path in self._config["names"].items()}
        return self.kept()

    def process(self, messages: list[Message], tracker: Memory = None) -> list[Message]:
        """Each message with its entities."""
        for message in messages:
            read = normal_of(message)
            found = without_overlaps(
                [*numbers_and_dates(read.clean, requested_slot(tracker)), *self._gazetteer.find(read.clean)]
            )
            entities = []
            for one in found:
                start, end = read.span(one.start, one.end)
                entities.append(
                    {
                        "entity": one.entity,
                        "value": one.value,
                        "start": start,
                        "end": end,
                        "extractor": "ShopEntities",
                    }
                )
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
