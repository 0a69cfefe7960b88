"""Rasa imported without the libraries that a light model never uses.

Rasa's modules import at their top what its other channels, stores, featurizers and plots need: SciPy,
pandas, SQLAlchemy, eleven chat services. While Rasa and the model are loaded, those are empty modules
here. Afterwards they can be imported as ever: the actions may want them.
"""

import importlib.abc
import importlib.machinery
import json
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import structlog

from bot.brain.lighter.known import is_known
from bot.brain.tensorflow_absent import EmptyModule

logger = structlog.get_logger(__name__)

# Components whose own modules need none of the libraries below.
LIGHT = (
    "bot.nlu.",
    "rasa.core.policies.ensemble.",
    "rasa.core.policies.memoization.",
    "rasa.core.policies.rule_policy.",
    "rasa.graph_components.converters.",
    "rasa.graph_components.providers.",
    "rasa.nlu.classifiers.regex_message_handler.",
)
_NUMBERS = ("dask", "joblib", "matplotlib", "networkx", "pandas", "PIL", "scipy", "sklearn")
_CHANNELS = (
    *("aiogram", "engineio", "fbmessenger", "google", "mattermostwrapper", "rocketchat_API"),
    *("sanic", "sanic_cors", "sanic_jwt", "sanic_routing", "slack", "slack_sdk", "socketio"),
    *("twilio", "webexteamssdk"),
)
_STORES = (
    *(
        "aio_pika",
        "aiormq",
        "boto3",
        "botocore",
        "bson",
        "confluent_kafka",
        "dns",
        "gridfs",
        "kafka",
        "pamqp",
    ),
    *("portalocker", "psycopg2", "pymongo", "s3transfer", "sqlalchemy"),
)
_COMMANDS = ("babel", "colorclass", "httpx", "prompt_toolkit", "questionary", "requests", "requests_toolbelt")
_REPORTS = ("sentry_sdk", "spacy.cli", "terminaltables")
LEFT_OUT = frozenset((*_NUMBERS, *_CHANNELS, *_STORES, *_COMMANDS, *_REPORTS))


@contextmanager
def left_out(archive: Path) -> Iterator[None]:
    """Leaves them out for as long as it lasts, when every component of the model at `archive` is light."""
    if not is_known("libraries left out") or not is_light(archive):
        yield
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.given:
            sys.modules.pop(name, None)


def is_light(archive: Path) -> bool:
    """Whether the model's own graph names light components only."""
    with tarfile.open(archive) as opened:
        member = opened.extractfile("metadata.json")
        assert member is not None
        nodes = json.load(member)["predict_schema"]["nodes"]
    heavy = [node["uses"] for node in nodes.values() if not node["uses"].startswith(LIGHT)]
    if heavy:
        logger.info("all_of_rasa", told="the model has components that need more of Rasa", components=heavy)
    return not heavy


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self) -> None:
        self.given: list[str] = []

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the import system's own signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        if top in LEFT_OUT or f"{top}.{rest.partition('.')[0]}" in LEFT_OUT:
            self.given.append(fullname)
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return EmptyModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: the module is empty on purpose."""
