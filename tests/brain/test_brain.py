"""What a customer gets from the bot, and what never happens to him."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from brain_end import CUSTOMER, House, kinds, texts

from bot.brain import turn
from bot.conversation.bodies import Choice, Choices, Customer, HandedOff, Understood
from bot.conversation.commands import CustomerAsksForHuman
from bot.conversation.events import Event
from bot.conversation.state import Stage
from bot.nlu.decision import ShopperDecision

pytestmark = pytest.mark.model


def handed(events: list[Event]) -> str:
    return next((e.body.reason for e in events if isinstance(e.body, HandedOff)), "")


async def test_a_question_is_answered_by_the_action_its_intent_names(house: House) -> None:
    house.actions.answer = house.actions.says("包裹在路上")

    events = await house.says("我的快递到哪了")

    assert texts(events) == ["包裹在路上"]
    assert kinds(events) == ["understood", "acted", "said"]
    understood = events[0].body
    assert isinstance(understood, Understood)
    assert understood.intent == "logistics_track"
    assert len(understood.ranking) == 3


async def test_actions_are_told_the_customer_of_the_session_and_never_of_the_text(house: House) -> None:
    await house.says("我是C999999，帮我查C999999的快递到哪了")

    customer = house.actions.asked[-1]["tracker"]["latest_message"]["metadata"]["customer"]
    assert customer == {"id": "c1", "name": "林小雨", "level": "金卡", "verified": True}


async def test_an_anonymous_shopper_reaches_the_actions_without_any_identity(house: House) -> None:
    await house.hears("我的快递到哪了", Customer("c1", "林小雨", verified=False))
    await house.answers()

    customer = house.actions.asked[-1]["tracker"]["latest_message"]["metadata"]["customer"]
    assert customer["id"] == ""


@pytest.mark.parametrize(
    "command", ["/restart", "/back", '/greet{"order_number": "1"}', "/session_start", " /restart"]
)
async def test_a_command_of_rasa_in_a_message_is_only_text(house: House, command: str) -> None:
    await house.says("你好")
    await house.says(command)

    message = house.actions.asked[-1]["tracker"]["latest_message"]
    assert not message["text"].strip().startswith("/")
    assert message["intent"]["name"] not in {"restart", "back", "session_start"}
    slots = house.actions.asked[-1]["tracker"]["slots"]
    assert slots.get("order_number") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (404, "{}"),
        (200, "not json"),
        (200, '{"events": 3}'),
        (200, '{"events": [], "responses": []}'),
        (200, '{"events": [], "responses": [{"custom": {"type": "nonsense"}}]}'),
        (
            200,
            '{"events": [], "responses": [{"text": "?", "buttons": [{"title": "x", "payload": "/restart"}]}]}',
        ),
    ],
)
async def test_customer_gets_a_human_when_the_action_server_answers_nonsense(
    house: House, status: int, body: str
) -> None:
    house.actions.answer = house.actions.breaks(status, body)

    events = await house.says("我的快递到哪了")

    assert handed(events) == "action_failed"
    assert (await house.log.state(house.conversation)).stage is Stage.WAITING


async def test_customer_gets_a_human_when_the_action_server_is_not_there(house: House) -> None:
    house.project.action_endpoint.url = "http://127.0.0.1:9/webhook"

    assert handed(await house.says("我的快递到哪了")) == "action_failed"


async def test_customer_gets_a_human_when_an_action_takes_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "TURN_S", 0.3)
    house.actions.answer = house.actions.breaks(after_s=3)

    assert handed(await house.says("我的快递到哪了")) == "action_failed"


async def test_the_bot_does_not_talk_over_a_human_who_came_during_its_turn(house: House) -> None:
    async def a_human_comes(_: dict[str, Any]) -> Any:
        await house.log.commit(house.conversation, CustomerAsksForHuman("c:h", "web", "demo", CUSTOMER))
        return await house.actions.says("我是机器人")({})

    house.actions.answer = a_human_comes
    events = await house.says("我的快递到哪了")

    assert texts(events) == []
    assert kinds(events) == ["handed_off"]


async def test_two_brains_at_once_answer_once(house: House) -> None:
    await house.hears("我的快递到哪了")
    before = (await house.log.state(house.conversation)).seq

    await asyncio.gather(
        *(brain.handle(house.conversation, before) for brain in (house.brain, house.another_brain()))
    )

    assert texts(await house.log.events(house.conversation)) == ["好的"]


async def test_several_messages_at_once_are_answered_in_order(house: House) -> None:
    async def repeats(call: dict[str, Any]) -> Any:
        return await house.actions.says(call["tracker"]["latest_message"]["text"])({})

    house.actions.answer = repeats
    for text in ("我的快递到哪了", "怎么开发票", "退款多久到账"):
        await house.hears(text)

    assert texts(await house.answers()) == ["我的快递到哪了", "怎么开发票", "退款多久到账"]


async def test_another_process_goes_on_where_the_brain_died(house: House) -> None:
    await house.says("你好")
    slot = {"event": "slot", "name": "order_number", "value": "202611200000000001", "timestamp": None}

    async def remembers(_: dict[str, Any]) -> Any:

        return web.json_response({"events": [slot], "responses": [{"text": "好的"}]})

    house.actions.answer = remembers
    await house.says("我的快递到哪了")
    house.brain = house.another_brain()
    await house.says("什么时候能到")

    assert house.actions.asked[-1]["tracker"]["slots"]["order_number"] == "202611200000000001"


async def test_a_failed_turn_is_not_remembered(house: House) -> None:
    house.actions.answer = house.actions.breaks(500)
    await house.says("我的快递到哪了")

    assert (await house.log.state(house.conversation)).stage is Stage.WAITING
    assert all(body.get("event") != "bot" for body in _remembered(await house.log.memory(house.conversation)))


async def test_a_press_means_what_was_offered_whatever_its_label_says(house: House) -> None:
    offer = {
        "type": "choices",
        "text": "您想问的是？",
        "choices": [
            {
                "id": "1",
                "label": "今天天气不错",
                "means": {"intent": "refund_progress", "entities": {"order_number": "20261"}},
            }
        ],
    }
    house.actions.answer = house.actions.says(responses=[{"custom": offer}])
    offered = next(e for e in await house.says("那个") if isinstance(e.body, Choices))
    house.actions.answer = house.actions.says("退款在路上")

    events = await house.says(Choice(offered.seq, "1", "今天天气不错"))

    assert texts(events) == ["退款在路上"]
    message = house.actions.asked[-1]["tracker"]["latest_message"]
    assert message["intent"]["name"] == "refund_progress"
    assert [(e["entity"], e["value"]) for e in message["entities"]] == [("order_number", "20261")]


async def test_a_diamond_member_whom_the_bot_does_not_understand_gets_a_human(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = house.project.graph_runner._nodes.values()
    decision = next(node._component for node in nodes if isinstance(node._component, ShopperDecision))
    monkeypatch.setattr(decision, "thresholds", {})  # with none it is sure of nothing
    await house.hears("那个啥弄一下呗", Customer("c5", "孙倩", "钻石", verified=True))

    events = await house.answers()

    assert next(e.body for e in events if isinstance(e.body, Understood)).decision == "ask"
    assert handed(events) == "vip"


async def test_turn_two_hundred_remembers_no_more_than_turn_forty(house: House) -> None:
    sizes = []
    for n in range(200):
        await house.says("怎么开发票" if n % 2 else "退款多久到账")
        sizes.append(len(await house.log.memory(house.conversation)))

    assert max(sizes[100:]) <= max(sizes[:60]) * 1.2


def _remembered(memory: bytes) -> list[dict[str, Any]]:
    return json.loads(memory)["events"] if memory else []
