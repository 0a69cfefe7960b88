"""What every component of the pipeline has in common: how Rasa makes it, stores it and finds it again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.nlu.saved import digest_of


class ShopComponent(GraphComponent):  # type: ignore[misc] # Rasa ships no types
    """A component whose training leaves files in the model: a subclass says which, in `save` and `recall`."""

    learns: ClassVar[bool] = True
    """Whether training leaves anything to `recall`."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage, self._resource = storage, resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """The component before any training."""
        del execution_context
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> Self:
        """The component as its training left it."""
        found = cls.create(config, model_storage, resource, execution_context)
        if cls.learns:
            with model_storage.read_from(resource) as folder:
                found.recall(folder)
        return found

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Makes Rasa train this component again when a file that it reads was changed."""
        return digest_of(cls.files({**cls.get_default_config(), **config}))

    @classmethod
    def files(cls, config: dict[str, Any]) -> Iterable[str]:
        """The paths in its configuration that it learns from."""
        del config
        return ()

    def save(self, folder: Path) -> None:
        """Write what was learned, as npz and JSON."""

    def recall(self, folder: Path) -> None:
        """Take up what `save` wrote."""

    def kept(self) -> Resource:
        """The resource, once what was learned is stored with the model."""
        with self._storage.write_to(self._resource) as folder:
            self.save(folder)
        return self._resource
