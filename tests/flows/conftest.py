"""The trained model, a seeded shop to be copied, and houses about them."""

import os
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from flows_end import House, Shop, make_seed, open_house

from actions import get_ready
from bot.brain.acting import ServedActions
from bot.brain.lighter import answers
from bot.brain.rasa_project import RasaProject
from bot.log.log import Log

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("XIAOER_MODELS") or ROOT / "models")


@pytest.fixture(scope="session")
def project() -> Iterator[RasaProject]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Rasa's and jieba's modules say when they are first imported
        get_ready()  # as the action server does before it serves: the FAQ takes a while
        made = RasaProject(MODELS, ServedActions("http://127.0.0.1:1/webhook"))
    answers.compile_answers()  # as in the product: an action's answer is checked in no time
    yield made
    answers.restore()


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_seed(tmp_path_factory.mktemp("seeded") / "shop.db")


@pytest.fixture
def houses(
    log: Log, project: RasaProject, seed: Path, tmp_path: Path
) -> Callable[[], AbstractAsyncContextManager[House]]:
    """Opens a house about a shop of its own; several may be opened one after the other."""
    opened = 0

    @asynccontextmanager
    async def another() -> AsyncIterator[House]:
        nonlocal opened
        opened += 1
        async with open_house(log, project, Shop(seed, tmp_path / str(opened))) as house:
            yield house

    return another


@pytest.fixture
async def house(houses: Callable[[], AbstractAsyncContextManager[House]]) -> AsyncIterator[House]:
    async with houses() as opened:
        yield opened
