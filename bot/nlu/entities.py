"""Entities of a turn, at their places in the text as it was typed."""

from pathlib import Path
from typing import Any, Self

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.entity_rules import numbers_and_dates, without_overlaps
from bot.nlu.gazetteer import Gazetteer, Names, read_names
from bot.nlu.normaliser import normal_of
from bot.nlu.saved import digest_of, load_values, save_values
from bot.nlu.turn import Memory, requested_slot


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ShopEntities(GraphComponent, EntityExtractorMixin):  # type: ignore[misc]
    """Numbers, amounts and dates by shape; couriers, products and the like by name."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`names`: entity to the file of its names."""
        return {"names": {}}

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, names: Names
    ) -> None:
        self._config, self._storage, self._resource, self._names = config, storage, resource, names
        self._gazetteer = Gazetteer(names)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """An extractor that reads its names at training."""
        del execution_context
        return cls({**cls.get_default_config(), **config}, model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> Self:
        """The extractor with the names of its training."""
        del execution_context
        with model_storage.read_from(resource) as folder:
            names = load_values(folder / "names.json")
        return cls({**cls.get_default_config(), **config}, model_storage, resource, names)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Makes Rasa train this component again when its files change."""
        return digest_of(config.get("names", {}).values())

    def train(self, training_data: TrainingData) -> Resource:
        """Store the names with the model."""
        del training_data
        names = {entity: read_names(Path(path)) for entity, path in self._config["names"].items()}
        with self._storage.write_to(self._resource) as folder:
            save_values(folder / "names.json", names)
        return self._resource

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
