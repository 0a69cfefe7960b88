"""The Rasa project holds together, and the action server serves it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.action import ShopAction
from actions.forms import SLOTS
from actions.labels import labels

ROOT = Path(__file__).parents[2]
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for path in sorted((ROOT / "data/rules").glob("*.yml"))
    for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]
    if "intent" in rule["steps"][0]
]
ACTION_OF = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in RULES}


def test_every_intent_has_one_rule_and_a_name_for_people() -> None:
    assert len(ACTION_OF) == len(RULES)
    assert ACTION_OF.keys() == set(DOMAIN["intents"]) | {"nlu_fallback"}
    assert labels().keys() == ACTION_OF.keys()
    assert all(label.zh and label.en for label in labels().values())


def test_every_intent_that_is_taught_has_an_answer() -> None:
    taught = {
        block["intent"]
        for path in (ROOT / "data/nlu").glob("*.yml")
        for block in yaml.safe_load(path.read_text("utf-8")).get("nlu", [])
        if "intent" in block
    }

    assert taught <= ACTION_OF.keys()


def test_the_sdk_finds_every_action_of_the_domain_and_no_other(demo: Any) -> None:
    # Other tests' own actions are found too, in a process where they ran before.
    found = {
        name
        for name, run in demo.executor_for(None).actions.items()
        if type(run.__self__).__module__.startswith("actions.")
        and "<locals>" not in type(run.__self__).__qualname__
    }

    forms = {name for name in found if name.startswith(("validate_", "action_ask_", "action_form_"))}
    assert found == set(DOMAIN["actions"])
    assert found - forms | {"action_ask_reading"} == set(ACTION_OF.values())


def test_what_is_asked_again_is_answered_by_the_action_of_its_rule() -> None:
    own = {intent: found for intent in ACTION_OF if (found := ShopAction.of(intent))}

    assert {intent: action().name() for intent, action in own.items()} == {
        intent: ACTION_OF[intent] for intent in own
    }
    assert {"order_cancel", "return_request", "open_ticket", "installation"} <= own.keys()


def test_every_form_has_a_check_a_question_for_each_slot_and_a_way_on() -> None:
    rules = yaml.safe_load((ROOT / "data/rules/forms.yml").read_text("utf-8"))["rules"]
    filled = {rule["condition"][0]["active_loop"] for rule in rules}

    assert {name: tuple(form["required_slots"]) for name, form in DOMAIN["forms"].items()} == SLOTS
    assert filled == SLOTS.keys()
    for name, slots in SLOTS.items():
        assert f"validate_{name}" in DOMAIN["actions"]
        assert {f"action_ask_{slot}" for slot in slots} <= set(DOMAIN["actions"])


def test_no_slot_is_filled_from_what_a_text_names() -> None:
    kinds = [mapping["type"] for slot in DOMAIN["slots"].values() for mapping in slot["mappings"]]

    assert set(kinds) == {"custom"}


@pytest.mark.model
def test_the_action_server_starts_without_rasa_and_answers_on_loopback() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "actions", "--port", str(port)], cwd=ROOT, env={**os.environ}
    )
    try:
        assert _get(f"http://127.0.0.1:{port}/health", server) == {"status": "ok"}
        call = {
            "next_action": "action_bot_challenge",
            "tracker": {"sender_id": "s", "slots": {}, "latest_message": {}, "events": []},
            "version": "3.6.21",
        }
        answer = _post(f"http://127.0.0.1:{port}/webhook", call)
        assert "机器人" in answer["responses"][0]["custom"]["text"]
    finally:
        server.terminate()
        assert server.wait(10) == 0


def test_a_server_that_is_set_up_wrongly_says_so_and_stops() -> None:
    wrong = {**os.environ, "XIAOER_SHOP_URL": "nowhere"}

    ended = subprocess.run(
        [sys.executable, "-m", "actions", "--port", "0"],
        cwd=ROOT, env=wrong, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert "XIAOER_SHOP_URL" in ended.stderr


def _get(url: str, server: subprocess.Popen[bytes]) -> Any:
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return json.load(answer)
        except OSError:
            if time.monotonic() > until or server.poll() is not None:
                raise
            time.sleep(0.05)


def _post(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)
