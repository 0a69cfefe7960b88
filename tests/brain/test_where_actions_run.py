"""An action is the same to the bot in its own process and on an action server, whatever the action does."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from jsonschema import ValidationError
from ports import free_port
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.brain.acting import ActionsWithin, ServedActions
from bot.brain.rasa_project import RasaProject
from bot.errors import SetupError
from bot.setting_up.actions_place import actions_place

pytestmark = pytest.mark.model
HERE = Path(__file__).parent
PACKAGE = "contract_actions"


@pytest.fixture(scope="session")
def action_server() -> Iterator[str]:
    """The SDK's own server with the package."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "rasa_sdk", "--actions", PACKAGE, "--port", str(port)],
        cwd=HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 120
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                break
        except (URLError, OSError):
            assert time.monotonic() < until
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/webhook"
    server.terminate()
    server.wait(10)


@pytest.fixture(params=["in process", "action server"])
async def place(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ActionsWithin | ServedActions]:
    if request.param == "in process":
        monkeypatch.syspath_prepend(str(HERE))
        within = ActionsWithin(PACKAGE, enable_selective_domain=True)
        within.open()
        yield within
    else:
        served = ServedActions(request.getfixturevalue("action_server"), enable_selective_domain=True)
        yield served
        await served.close()


@pytest.fixture
def tracker(project: RasaProject) -> DialogueStateTracker:
    tracker = project.new_tracker("w1")
    tracker.update(UserUttered("我的快递到哪了", {"name": "logistics_track", "confidence": 1.0}))
    return tracker


@pytest.fixture
def run(place: ActionsWithin | ServedActions, project: RasaProject, tracker: DialogueStateTracker) -> Any:
    async def run(name: str) -> Any:
        action = RemoteAction(name, place)
        return await action.run(CollectingOutputChannel(), project.nlg, tracker, project.domain)

    return run


async def test_what_an_action_says_and_sets_reaches_the_bot(run: Any) -> None:
    said, slot = await run("action_says")

    assert isinstance(said, BotUttered)
    assert said.text == "w1: 我的快递到哪了"
    assert isinstance(slot, SlotSet)
    assert slot.value == "20261122"


async def test_an_action_can_not_reach_into_the_bots_memory(run: Any, tracker: DialogueStateTracker) -> None:
    await run("action_says")

    assert tracker.get_slot("order_number") is None


@pytest.mark.parametrize("name", ["action_raises", "action_answers_unwritable", "action_nobody_has"])
async def test_an_action_that_fails_is_an_error(run: Any, name: str) -> None:
    with pytest.raises(RasaException):
        await run(name)


async def test_an_event_that_nobody_knows_is_an_error(run: Any) -> None:
    with pytest.raises((ValidationError, ValueError)):
        await run("action_answers_unknown_event")


async def test_an_action_that_declines_lets_another_be_chosen(run: Any) -> None:
    with pytest.raises(ActionExecutionRejection, match="not now"):
        await run("action_rejects")


async def test_an_action_that_says_nothing_is_no_error(run: Any) -> None:
    assert await run("action_answers_nothing") == []


async def test_an_action_that_hangs_is_ended_with_the_turn(run: Any) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await run("action_hangs")

    assert len(await run("action_says")) == 2  # the next one is served


def test_a_package_that_can_not_be_imported_is_told_by_name() -> None:
    with pytest.raises(SetupError, match="no_such_package"):
        ActionsWithin("no_such_package").open()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("", "http://127.0.0.1:5055/webhook"),
        ("http://10.0.0.7:5055/webhook", "http://10.0.0.7:5055/webhook"),
        ("in_process", "in_process:actions"),
        ("in_process:shop_actions", "in_process:shop_actions"),
    ],
)
def test_the_place_is_a_setting_before_it_is_an_endpoint(url: str, place: str) -> None:
    assert actions_place(url) == place
