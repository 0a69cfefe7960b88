"""A brain with the trained model, over a real Redis."""

import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from brain_end import ActionServer, House

from bot.brain.acting import ServedActions
from bot.brain.rasa_project import RasaProject
from bot.log.log import Log

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def project() -> RasaProject:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Rasa's and jieba's modules say when they are first imported
        return RasaProject(ROOT / "models", ServedActions("http://127.0.0.1:1/webhook"))


@pytest.fixture
async def house(log: Log, project: RasaProject) -> AsyncIterator[House]:
    actions = ActionServer()
    app = web.Application()
    app.add_routes([web.post("/webhook", actions.serve)])
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    project.action_endpoint.url = actions.url = str(server.make_url("/webhook"))
    yield House(log, project, actions)
    await project.action_endpoint.close()
    await server.close()
