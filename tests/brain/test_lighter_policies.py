"""Rasa's policies made lighter see and predict what Rasa's own do, whatever has happened in a conversation."""

import json
import warnings
from copy import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from rasa.core.actions.action import ActionExtractSlots
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    ReminderCancelled,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)

from bot.brain import memory
from bot.brain.lighter import applied, processing, rules, states
from bot.brain.rasa_project import RasaProject

pytestmark = pytest.mark.model

FORGETS = "forgets"
INTENTS = ("greet", "logistics_track", "invoice", "affirm", "nlu_fallback")
FORMS = ("invoice_form", "sendback_form")
_users = st.builds(
    lambda intent, entity: UserUttered(
        "x", {"name": intent, "confidence": 1.0}, [{"entity": "order_number", "value": "1"}] if entity else []
    ),
    st.sampled_from(INTENTS),
    st.booleans(),
)
_single = st.one_of(
    _users,
    st.sampled_from(("action_listen", "action_greet", "action_invoice", *FORMS)).map(ActionExecuted),
    st.sampled_from((*FORMS, None)).map(ActiveLoop),
    st.builds(SlotSet, st.sampled_from(("order_number", "requested_slot")), st.sampled_from((None, "a"))),
    st.booleans().map(DefinePrevUserUtteredFeaturization),
    st.sampled_from(FORMS).map(ActionExecutionRejected),
    st.booleans().map(LoopInterrupted),
    st.sampled_from(
        (ActionReverted, BotUttered, Restarted, SessionStarted, UserUtteranceReverted, FORGETS)
    ).map(lambda kind: kind if isinstance(kind, str) else kind()),
    st.sampled_from(FORMS).map(FollowupAction),
)
# As life has it: heard, understood, answered.
_turns = st.tuples(_users, st.sampled_from(("action_greet", "action_invoice", *FORMS))).map(
    lambda turn: [
        ActionExecuted("action_listen"),
        turn[0],
        DefinePrevUserUtteredFeaturization(False),
        ActionExecuted(turn[1]),
        BotUttered("y"),
    ]
)
_form_turns = st.tuples(st.sampled_from(FORMS), st.sampled_from((None, "a"))).map(
    lambda form: [
        ActionExecuted(form[0]),
        ActiveLoop(form[0]),
        SlotSet("requested_slot", form[1]),
        ActionExecuted("action_listen"),
        UserUttered("x", {"name": "affirm", "confidence": 1.0}),
        ActionExecuted(form[0]),
        *([] if form[1] else [ActiveLoop(None)]),
    ]
)
_happenings = st.lists(st.one_of(_turns, _form_turns, _single.map(lambda event: [event])), max_size=14).map(
    lambda parts: [event for part in parts for event in part]
)


def policy(project: RasaProject, name: str) -> Any:
    node = next(node for key, node in project.graph_runner._nodes.items() if name in key)
    return node._component


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happens=_happenings)
@example(
    happens=[
        UserUttered("x", {"name": "greet", "confidence": 1.0}),
        ActionExecuted("action_listen"),
        DefinePrevUserUtteredFeaturization(False),
        ActionExecuted("action_greet"),
        DefinePrevUserUtteredFeaturization(True),
        ActionExecuted("action_greet"),
    ]
)
def test_whatever_happened_the_policies_see_and_predict_as_rasas(
    project: RasaProject, happens: list[Event | str]
) -> None:
    domain, tracker = project.domain, project.new_tracker("w1")
    policies = [policy(project, "RulePolicy"), policy(project, "MemoizationPolicy")]

    def seen() -> list[Any]:
        found: list[Any] = [list(map(id, tracker.applied_events()))]
        found.append(domain.states_for_tracker_history(tracker))
        for one in policies:
            try:
                found.append(one.predict_action_probabilities(tracker, domain, rule_only_data={}))
            except Exception as error:  # noqa: BLE001 - what Rasa refuses is to be refused
                found.append(repr(error))
        return found

    for event in happens:
        if isinstance(event, str):
            kept = list(tracker.events)[len(tracker.events) // 2 :]
            tracker.events.clear()
            tracker.events.extend(kept)
        else:
            tracker.update(event)
        # Rasa's own replay marks messages as it goes, late marks too: what it sees at first it does not see again.
        domain.states_for_tracker_history(tracker)
        applied.apply_plainly()
        states.keep_states()
        rules.index_rules()
        try:
            light = seen()
        finally:
            applied.restore()
            states.restore()
            rules.restore()
        assert light == seen()


_values = st.sampled_from(("a", "b", "should_not_be_set", None))
_states = st.fixed_dictionaries(
    {},
    optional={
        "prev_action": st.sampled_from(({"action_name": "action_listen"}, {"action_name": "a"}, {"action_text": "t"})),
        "user": st.one_of(st.fixed_dictionaries({"intent": _values}), st.just({"text": "hallo"})),
        "slots": st.fixed_dictionaries({"order_number": st.sampled_from(((1.0,), "should_not_be_set"))}),
        "active_loop": st.fixed_dictionaries({"name": _values}),
    },
)  # fmt: skip


@given(
    told=st.lists(st.lists(_states, min_size=1, max_size=3), max_size=8),
    now=st.lists(_states, max_size=4),
)
def test_rules_that_are_looked_up_are_those_that_rasa_finds(told: list[Any], now: list[Any]) -> None:
    lookup = {json.dumps(rule, sort_keys=True): "action_x" for rule in told}
    one = RulePolicy.__new__(RulePolicy)

    assert rules._possible_keys(one, lookup, now) == rules._stock_keys(one, lookup, now)


@pytest.mark.parametrize("heard", [{"intent": "greet"}, {"text": "x"}, {"intent": "greet", "text": "x"}])
@pytest.mark.parametrize("longest", [None, 1])
def test_a_rule_about_a_messages_text_is_found_when_rasa_finds_it(
    project: RasaProject, heard: dict[str, str], longest: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = [
        {"prev_action": {"action_name": "action_greet"}},
        {"prev_action": {"action_name": "action_listen"}, "user": heard},
    ]
    one = copy(policy(project, "RulePolicy"))
    one.lookup = {**one.lookup, "rules": {json.dumps(rule): "action_x"}}
    one.__dict__.pop(rules._KEPT, None)
    monkeypatch.setattr(one.featurizer, "max_history", longest)
    tracker = project.new_tracker("w1")
    for event in (
        ActionExecuted("action_greet"),
        ActionExecuted("action_listen"),
        UserUttered("x", {"name": "greet", "confidence": 1.0}),
    ):
        tracker.update(event)

    for by_text in (True, False):
        light = rules._find(one, tracker, project.domain, by_text)
        stock = rules._stock_find(one, tracker, project.domain, by_text)
        assert light[0] == stock[0]
        assert light[1] == stock[1] or stock[0] is None


def test_what_whoever_asks_does_to_states_stays_his(project: RasaProject) -> None:
    tracker = project.new_tracker("w1")
    for event in (ActionExecuted("action_listen"), UserUttered("x", {"name": "greet", "confidence": 1.0})):
        tracker.update(event)
    first = states._states(project.domain, tracker)
    first[-1]["user"].clear()
    del first[0]

    assert states._states(project.domain, tracker) == states._stock(project.domain, tracker)


def test_a_long_conversation_that_is_shortened_is_seen_as_it_now_is(project: RasaProject) -> None:
    tracker = project.new_tracker("w1")
    for n in range(3 * memory.KEPT_EVENTS):
        tracker.update(
            ActionExecuted("action_listen")
            if n % 2
            else UserUttered("x", {"name": INTENTS[n % len(INTENTS)]})
        )
        assert states._states(project.domain, tracker) == states._stock(project.domain, tracker)
        memory.shorten(tracker)
    assert len(tracker.events) <= 2 * memory.KEPT_EVENTS


DOMAIN = """
intents: [greet, invoice]
entities: [order_number, city]
actions: [action_look]
slots:
  order_number: {type: text, mappings: [{type: from_entity, entity: order_number}]}
  wish: {type: text, mappings: [{type: from_intent, intent: invoice, value: invoice}]}
  said: {type: text, mappings: [{type: from_text}]}
  told: {type: text, mappings: [{type: custom}]}
  none: {type: text, mappings: []}
"""


@pytest.mark.parametrize("more", ["", "action_validate_slot_mappings"])
async def test_a_message_fills_the_slots_that_rasa_fills(project: RasaProject, more: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a slot without mappings, says Rasa
        domain = Domain.from_yaml(
            DOMAIN.replace("action_look", f"action_look, {more}" if more else "action_look")
        )
    tracker = project.new_tracker("w1")
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(
        UserUttered(
            "20261", {"name": "invoice", "confidence": 1.0}, [{"entity": "order_number", "value": "20261"}]
        )
    )

    async def filled(known: Domain) -> list[Event]:
        action = ActionExtractSlots(None)
        events: list[Event] = await action.run(CollectingOutputChannel(), project.nlg, tracker, known)
        return events

    light = processing.fillable(domain)
    assert [slot.name for slot in light.slots] != [slot.name for slot in domain.slots] or more
    if not more:
        assert {event.key for event in await filled(domain)} == {"order_number", "wish", "said"}
        assert await filled(light) == await filled(domain)
    else:
        assert light is domain


@pytest.mark.parametrize("intent", ["greet", "nobody_means_this"])
@pytest.mark.parametrize("entity", ["order_number", "nothing_like_this"])
def test_what_the_domain_does_not_know_is_warned_of_as_by_rasa(
    project: RasaProject, intent: str, entity: str
) -> None:
    read = {"intent": {"name": intent, "confidence": 1.0}, "entities": [{"entity": entity, "value": "1"}]}

    def warned(check: Any) -> list[str]:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            check(project, read)
        return [str(one.message) for one in told]

    light = warned(processing._check)
    assert light == warned(processing._stock["_check_for_unseen_features"])
    assert bool(light) == (intent != "greet" or entity != "order_number")


def test_the_next_action_is_the_one_that_rasa_takes(project: RasaProject) -> None:
    tracker = project.new_tracker("w1")
    for event in (ActionExecuted("action_listen"), UserUttered("x", {"name": "greet", "confidence": 1.0})):
        tracker.update(event)
    light, foreseen = processing._predict(project, tracker)
    stock, also = processing._stock["predict_next_with_tracker_if_should"](project, tracker)

    assert (type(light), light.name(), foreseen) == (type(stock), stock.name(), also)
    assert isinstance(project, MessageProcessor)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [SlotSet("order_number", "1"), FollowupAction("invoice_form")],
        [BotUttered("y"), SlotSet("order_number", "1"), BotUttered("z")],
        [BotUttered("y"), ReminderCancelled("later")],
    ],
)
async def test_what_an_action_did_has_the_effects_that_rasa_gives_it(
    project: RasaProject, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled: list[Event] = []

    async def cancel(done: list[Event], _: Any) -> None:
        cancelled.extend(event for event in done if isinstance(event, ReminderCancelled))

    monkeypatch.setattr(project, "_cancel_reminders", cancel)
    light, stock = CollectingOutputChannel(), CollectingOutputChannel()
    tracker = project.new_tracker("w1")

    await processing._have_effect(project, events, tracker, light)
    cancelled_lightly = cancelled.copy()
    cancelled.clear()
    await processing._stock["execute_side_effects"](project, events, tracker, stock)

    assert light.messages == stock.messages
    assert cancelled_lightly == cancelled
    assert [message["text"] for message in light.messages] == [
        event.text for event in events if isinstance(event, BotUttered)
    ]
