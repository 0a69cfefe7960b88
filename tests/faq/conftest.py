from pathlib import Path

import pytest

from faq.knowledge import MODEL, Knowledge, is_stale, read_knowledge
from faq.search import Search, load


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return read_knowledge()


@pytest.fixture(scope="session")
def model(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained FAQ: the one under models/ when it is fresh, otherwise one made for the tests."""
    if not is_stale(MODEL, knowledge):
        return MODEL
    from faq.train import train  # noqa: PLC0415 - torch: seconds, for every process that collects the tests

    path = tmp_path_factory.mktemp("models") / "faq"
    train(path, knowledge)
    return path


@pytest.fixture(scope="session")
def search(model: Path, knowledge: Knowledge) -> Search:
    return load(model, knowledge)
