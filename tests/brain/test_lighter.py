"""Rasa made lighter reads, predicts and refuses as Rasa does; a Rasa that is not known stays as it came."""

import asyncio
import copy
import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from brain_end import House, kinds, texts
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from structlog.testing import capture_logs

from bot.brain import memory, rasa_project
from bot.brain.acting import ActionsWithin
from bot.brain.lighter import answers, applied, calls, event_types, known, processing, quiet, rules, states
from bot.brain.lighter.left_out import is_light
from bot.brain.lighter.runner import StraightRunner, runner_class
from bot.brain.rasa_project import RasaProject
from bot.setting_up.model import newest_model

pytestmark = pytest.mark.model
ROOT = Path(__file__).resolve().parents[2]
TEXTS = (
    "我的快递到哪了",
    "退货政策是什么",
    "那个啥弄一下呗",
    "转人工",
    "asdf",
    "我要投诉你们",
    "20261122开发票",
)
TALK = (
    "我的快递到哪了",
    "那个啥弄一下呗",
    "我要开发票",
    "杭州青禾贸易有限公司",
    "退货政策是什么",
    "不用了",
    "谢谢",
    "转人工",
)


@pytest.fixture
def lighter() -> Iterator[None]:
    """Everything on, and off again."""
    answers.compile_answers()
    calls.tell_as_written()
    event_types.remember_types()
    applied.apply_plainly()
    quiet.copy_nothing()
    states.keep_states()
    rules.index_rules()
    processing.spare_processing()
    yield
    restore_all()


def restore_all() -> None:
    for room in (answers, applied, calls, event_types, processing, quiet, rules, states):
        room.restore()


@pytest.mark.parametrize(
    "answer",
    [
        {"events": [], "responses": []},
        {
            "events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}],
            "responses": [{"text": "x"}],
        },
        {},
        {"events": [{"event": "nobody"}]},
        {"events": 3},
        {"events": [{"event": "slot", "name": "a"}]},
        {"events": [{"event": "slot", "name": 1, "value": 1}]},
        {"events": [{"event": "followup", "name": "a", "timestamp": True}]},
        {"events": [{"event": "active_loop", "name": None, "timestamp": 1.5, "metadata": {}}]},
        {"events": [{"event": "active_loop", "metadata": []}]},
        {"events": [{"event": "action", "hide_rule_turn": "x"}]},
        {"events": [{"event": []}]},
        {"events": [3], "responses": None},
        {"responses": ["x"]},
        [],
        None,
        "x",
    ],
)
def test_an_answer_is_taken_or_refused_as_by_rasa(answer: Any, lighter: None) -> None:
    action = RemoteAction("action_x", None)

    def taken() -> bool:
        try:
            return bool(action._validate_action_result(answer))
        except ValidationError:
            return False

    light = taken()
    answers.restore()
    assert light == taken()


@pytest.mark.parametrize("name", [*sorted({e.type_name for e in all_subclasses(Event)}), "topic", "nobody"])
@pytest.mark.parametrize("default", [None, ActionExecuted])
def test_an_event_is_found_by_name_as_by_rasa(name: str, default: type[Event] | None, lighter: None) -> None:
    def found() -> Any:
        try:
            return Event.resolve_by_type(name, default)
        except ValueError as error:
            return str(error)

    light = [found(), found()]
    event_types.restore()
    assert light == [found(), found()]


@pytest.fixture(scope="session")
def stock_runner(project: RasaProject) -> Any:
    class Stock(RasaProject):
        runner = DaskGraphRunner

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Rasa says of every model
        return Stock(newest_model(ROOT / "models"), project.action_endpoint).graph_runner


@pytest.mark.parametrize("text", TEXTS)
async def test_the_plain_runner_reads_and_predicts_as_rasas(
    project: RasaProject, stock_runner: Any, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def outcome() -> tuple[Any, Any]:
        tracker = project.new_tracker("w1")
        read = await project.parse_message(UserMessage(text), tracker)
        message = UserMessage(text)
        message.parse_data = read
        await project._handle_message_with_tracker(message, tracker)
        return read, project._predict_next_with_tracker(tracker)

    assert isinstance(project.graph_runner, StraightRunner)
    light = await outcome()
    monkeypatch.setattr(project, "graph_runner", stock_runner)
    stock = await outcome()

    assert light[0] == stock[0]
    assert light[1] == stock[1]


async def test_with_everything_lighter_a_turn_does_says_and_remembers_the_same(
    house: House, lighter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.actions.answer = what_actions_do

    async def talk(conversation: str) -> list[Any]:
        house.conversation = conversation
        found: list[Any] = []
        for text in TALK:
            events = await house.says(text)
            remembered = json.loads(await house.log.memory(conversation) or b"{}")
            found.append((kinds(events), texts(events), undated(remembered)))
        return [*found, [undated({**call, "sender_id": ""}) for call in house.actions.asked]]

    light = await talk("w1")
    house.actions.asked.clear()
    restore_all()
    monkeypatch.setattr(rasa_project, "_READERS", ())
    house.project._actions.clear()
    stock = await talk("w2")
    house.project._actions.clear()

    assert light == stock
    assert any("invoice_form" in str(turn[2]) for turn in stock[:-1])


@pytest.mark.parametrize("selective", [True, False])
async def test_an_action_in_this_process_is_told_what_rasa_tells_it(
    project: RasaProject, lighter: None, selective: bool
) -> None:
    action = RemoteAction("action_x", ActionsWithin("actions", enable_selective_domain=selective))
    tracker = project.new_tracker("w1")
    read = {"intent_ranking": [{"name": name, "confidence": 0.1} for name in "abcde"]}
    card = {"custom": {"kind": "card", "text": "看一下", "rows": ["x"] * 9}, "elements": None}

    def told() -> Any:
        call = action._action_call_format(tracker, project.domain)
        return msgspec.json.decode(msgspec.json.encode(call))

    for _ in range(3):
        for event in (
            ActionExecuted("action_listen", "RulePolicy", 1.0),
            UserUttered("我的单", {"name": "a", "confidence": 1.0}, [{"entity": "x", "value": "1"}], read),
            DefinePrevUserUtteredFeaturization(False),
            SlotSet("order_number", "1"),
            ActionExecuted("action_x", "RulePolicy", 1.0),
            BotUttered("好的", card, metadata={"utter_action": "utter_x"}),
            ActiveLoop("invoice_form"),
        ):
            tracker.update(event)
        calls.tell_as_written()
        light = told()
        calls.restore()
        assert light == told()
        memory.dump(tracker, 1)
        calls.tell_as_written()
        light = told()
        calls.restore()
        assert light == told()
        memory.shorten(tracker)


async def what_actions_do(call: dict[str, Any]) -> web.StreamResponse:
    """Slots, a form that begins, and one that refuses to be filled, by the action that is called."""
    events: list[dict[str, Any]] = [{"event": "slot", "name": "topic", "value": call["next_action"]}]
    if call["next_action"] == "action_invoice":
        events.append({"event": "followup", "name": "invoice_form"})
    if call["next_action"] == "action_logistics_track":
        events.append({"event": "slot", "name": "order_number", "value": "20261122"})
    said = [] if call["next_action"].startswith("validate") else [{"text": f"做了 {call['next_action']}"}]
    return web.json_response({"events": events, "responses": said})


def undated(told: Any) -> Any:
    """Without what differs from one telling to the next."""
    if isinstance(told, list):
        return [undated(one) for one in told]
    if not isinstance(told, dict):
        return told
    never = {"timestamp", "message_id", "of", "conversation", "latest_event_time", "sender_id"}
    return {name: undated(value) for name, value in told.items() if name not in never}


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        (answers.compile_answers, lambda: RemoteAction._validate_action_result is answers._stock),
        (event_types.remember_types, lambda: Event.resolve_by_type is event_types._stock),
        (calls.tell_as_written, lambda: RemoteAction._action_call_format is calls._stock),
        (applied.apply_plainly, lambda: DialogueStateTracker.applied_events is applied._stock),
        (
            quiet.copy_nothing,
            lambda: all(
                module.copy is copy and module.structlogger is quiet._stock_loggers[module]
                for module in quiet._MODULES
            ),
        ),
        (states.keep_states, lambda: Domain.states_for_tracker_history is states._stock),
        (rules.index_rules, lambda: RulePolicy._get_possible_keys is rules._stock_keys),
        (
            processing.spare_processing,
            lambda: (
                MessageProcessor._check_for_unseen_features is processing._stock["_check_for_unseen_features"]
            ),
        ),
        (runner_class, lambda: runner_class() is DaskGraphRunner),
    ],
)
def test_a_rasa_that_is_not_known_stays_as_it_came(
    change: Callable[[], object], stays: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    restore_all()
    monkeypatch.setattr(known, "installed", lambda: "3.7.0")

    with capture_logs() as said:
        change()

    assert stays()
    assert "3.7.0" in said[0]["told"]
    assert said[0]["log_level"] == "warning"


def test_a_brain_without_what_it_never_uses_reads_the_same(project: RasaProject) -> None:
    script = """
import asyncio, json, sys
from pathlib import Path
from bot.brain.loading import import_lightly, load_project
archive = Path(sys.argv[1])
import_lightly(archive)
from bot.brain.acting import ServedActions
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
project = load_project(archive, ServedActions("http://127.0.0.1:1/webhook"))
loaded = sorted(set(sys.modules) & {"scipy", "sklearn", "pandas", "sqlalchemy", "sanic", "matplotlib", "torch"})
read = [asyncio.run(project.parse_message(UserMessage(text)))["intent_ranking"][0] for text in sys.argv[2:]]
import sqlalchemy
print(json.dumps({"loaded": loaded, "read": read, "afterwards": sqlalchemy.__version__}))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(newest_model(ROOT / "models")), *TEXTS],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=180,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["loaded"] == []
    assert told["afterwards"][0] == "2"
    for text, light in zip(TEXTS, told["read"], strict=True):
        stock = asyncio.run(project.parse_message(UserMessage(text)))["intent_ranking"][0]
        assert light["name"] == stock["name"]
        assert light["confidence"] == pytest.approx(stock["confidence"])


def test_our_own_model_is_light() -> None:
    assert is_light(newest_model(ROOT / "models"))
