"""Who gets the next customer."""

from pathlib import Path

import pytest
from desk_rules import RULES
from hypothesis import given, strategies as st

from bot.conversation.bodies import Customer
from bot.conversation.state import Stage, State
from bot.desk.assignment import Free, Waiting, assign
from bot.desk.desk_rules import Assignment, read_desk_rules
from bot.desk.skills import skill_for
from bot.errors import SetupError

TERMS = Assignment(automatic=True, anybody_after_s=120)
NOW = 1_790_000_000_000


def agent(name: str, *skills: str, load: int = 0, capacity: int = 5) -> Free:
    return Free(name, name, frozenset(skills), load, capacity)


def waits(name: str, skill: str = "", seconds: int = 0) -> Waiting:
    return Waiting(name, skill, NOW - seconds * 1000)


def given_to(line: list[Waiting], agents: list[Free]) -> dict[str, str]:
    return {gift.conversation: gift.agent for gift in assign(line, agents, TERMS, NOW)}


def test_the_least_loaded_agent_gets_the_next_customer_measured_by_what_he_can_take() -> None:
    assert given_to([waits("x")], [agent("wang", load=2), agent("li", load=1)]) == {"x": "li"}
    assert given_to([waits("x")], [agent("wang", load=2, capacity=10), agent("li", load=1, capacity=2)]) == {
        "x": "wang"
    }


def test_who_has_the_skill_comes_before_who_is_only_free() -> None:
    agents = [agent("wang"), agent("li", "payments", load=4)]
    assert given_to([waits("x", "payments")], agents) == {"x": "li"}


def test_a_customer_waits_a_moment_for_a_busy_specialist_and_then_gets_anybody() -> None:
    agents = [agent("wang"), agent("li", "payments", load=5)]
    assert given_to([waits("x", "payments", seconds=10)], agents) == {}
    assert given_to([waits("x", "payments", seconds=121)], agents) == {"x": "wang"}


def test_where_nobody_has_the_skill_today_a_generalist_takes_the_customer_at_once() -> None:
    assert given_to([waits("x", "payments")], [agent("li", "logistics"), agent("wang")]) == {"x": "wang"}
    assert given_to([waits("x", "payments")], [agent("li", "logistics")]) == {"x": "li"}


def test_a_customer_whose_specialist_is_busy_does_not_hold_up_those_behind_him() -> None:
    agents = [agent("wang"), agent("li", "payments", load=5)]
    assert given_to([waits("x", "payments"), waits("y")], agents) == {"y": "wang"}


@given(
    st.lists(st.tuples(st.sampled_from(["", "payments", "orders"]), st.integers(0, 300)), max_size=30),
    st.lists(
        st.tuples(st.sets(st.sampled_from(["payments", "orders"])), st.integers(0, 6), st.integers(1, 6)),
        max_size=6,
    ),
)
def test_nobody_gets_more_than_he_can_take_and_nobody_is_given_twice(
    customers: list[tuple[str, int]], staff: list[tuple[set[str], int, int]]
) -> None:
    line = [waits(f"x{n}", skill, seconds) for n, (skill, seconds) in enumerate(customers)]
    agents = [
        agent(f"a{n}", *skills, load=load, capacity=most) for n, (skills, load, most) in enumerate(staff)
    ]
    gifts = assign(line, agents, TERMS, NOW)
    assert len({gift.conversation for gift in gifts}) == len(gifts)
    for one in agents:
        got = sum(gift.agent == one.id for gift in gifts)
        assert got <= max(0, one.capacity - one.load)
    room = sum(max(0, one.capacity - one.load) for one in agents)
    patient_only = all(one.since > NOW - 120_000 and one.skill for one in line)
    if gifts == [] and line and room and not patient_only:
        raise AssertionError("an agent was free and a customer who could go to anybody was left waiting")


def test_what_a_conversation_calls_for_is_the_colleagues_word_then_the_level_the_reason_the_matter() -> None:
    state = State("x", stage=Stage.WAITING, intent="logistics_track", reason="asked")
    assert skill_for(state, RULES.skills) == "logistics"
    assert skill_for(State("x", intent="logistics_track", reason="complaint"), RULES.skills) == "complaints"
    diamond = Customer("c1", "林", "钻石", verified=True)
    assert skill_for(State("x", customer=diamond, intent="logistics_track"), RULES.skills) == "vip"
    claimed = Customer("", "林", "钻石", verified=False)
    assert skill_for(State("x", customer=claimed, intent="chitchat"), RULES.skills) == ""
    assert skill_for(State("x", customer=diamond, skill="aftersales"), RULES.skills) == "aftersales"


def test_every_intent_that_the_desks_rules_name_exists() -> None:
    import yaml  # noqa: PLC0415

    labels = yaml.safe_load(
        (Path(__file__).parent.parent.parent / "data/labels.yml").read_text(encoding="utf-8")
    )
    named = {intent for skill in RULES.skills for intent in skill.intents}
    assert named <= set(labels)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[]", "expected a mapping"),
        ("timezone: Asia/Shanghai\nhours: {mon: [['10:00', '09:00']]}", "overlap"),
        ("timezone: Mars/Base\nhours: {}", "Mars"),
        (
            "timezone: Asia/Shanghai\nhours: {}\nskills: [{id: a, zh: A, en: A}, {id: a, zh: B, en: B}]",
            "twice",
        ),
        (
            "timezone: Asia/Shanghai\nhours: {}\nclocks: [{id: a, zh: A, en: A, kind: never, within_s: 1}]",
            "never",
        ),
        ("hours: {", "desk.yml"),
    ],
)
def test_a_mistake_in_the_desks_rules_is_named_at_the_start(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "desk.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SetupError, match=says):
        read_desk_rules(path)
