"""The words the bot learns from: enough of each intent, nothing contradictory, nothing that we measure on."""

import json
from collections import Counter
from pathlib import Path

import pytest

from data import lint
from data.lint import Utterance


@pytest.fixture(scope="module")
def utterances() -> list[Utterance]:
    return lint.read_utterances()


def test_every_intent_that_people_see_is_taught_in_forty_utterances_or_more(
    utterances: list[Utterance],
) -> None:
    counts = Counter(said.intent for said in utterances)

    assert counts.keys() == lint.LABELS
    assert min(counts.values()) >= lint.FEWEST


def test_the_bot_is_taught_widely_and_knows_what_is_not_its_business(utterances: list[Utterance]) -> None:
    counts = Counter(said.intent for said in utterances)

    assert len(utterances) >= 6000
    assert counts["oos"] + counts["chitchat"] >= 600
    assert counts["needs_context"] >= 400


def test_no_sentence_means_two_things(utterances: list[Utterance]) -> None:
    assert lint.find_twice_labelled(utterances) == {}


def test_no_sentence_is_taught_twice(utterances: list[Utterance]) -> None:
    assert lint.find_repeated(utterances) == []


def test_sentences_are_written_and_not_multiplied(utterances: list[Utterance]) -> None:
    assert lint.measure_near(utterances) <= lint.MOST_NEAR


def test_shoppers_write_briefly_and_so_do_the_examples(utterances: list[Utterance]) -> None:
    lengths = sorted(len(said.text) for said in utterances)

    assert lengths[len(lengths) // 2] <= 12


def test_no_example_reads_as_an_entity_to_rasa(utterances: list[Utterance]) -> None:
    assert [said.text for said in utterances if "](" in said.text or "]{" in said.text] == []


@pytest.mark.skipif(not lint.EVAL.is_dir(), reason="the measured turns are not on this machine")
def test_nothing_that_we_measure_on_is_taught(utterances: list[Utterance]) -> None:
    texts = {"nlu": [said.text for said in utterances], **lint.read_others()}
    measured = lint.read_measured()

    assert len(measured) > 1000
    for said in texts.values():
        assert lint.find_borrowed(said, measured) == []


def test_a_reworded_turn_is_found_and_a_new_one_with_the_same_wish_is_not() -> None:
    measured = frozenset({"麻烦把我的收货地址换成单位"})

    borrowed = lint.find_borrowed(["麻烦把我的收货地址换成学校", "寄到我厂里去 之前填错了"], measured)

    assert borrowed == ["麻烦把我的收货地址换成学校"]


def test_short_turns_are_taught_with_what_the_agent_asked_before() -> None:
    turns = lint.read_rows(lint.HERE / "context" / "turns.jsonl")

    assert len(turns) >= 500
    assert all(row["prev_agent"] and row["text"] for row in turns)
    assert lint.find_unsound_rows() == []


def test_anger_has_calm_impatient_and_angry_lines_and_fault_reports_stay_calm() -> None:
    anger = {row["text"]: row["anger"] for row in lint.read_rows(lint.HERE / "lexicon" / "anger.jsonl")}

    assert len(anger) >= 600
    assert min(Counter(anger.values())[level] for level in (0, 1, 2)) >= 150
    assert {level for text, level in anger.items() if "操作" in text} == {0}


def test_the_lint_finds_each_kind_of_fault() -> None:
    taught = [
        Utterance("帮我开一张发票吧", "invoice", "a.yml"),
        Utterance("帮我开一张发票吧!", "oos", "a.yml"),
        Utterance("今天能送到我家里吗", "logistics_track", "a.yml"),
        Utterance("今天能送到我家里吗", "logistics_track", "a.yml"),
        Utterance("天气好", "weather", "a.yml"),
    ]

    faults = lint.find_faults(taught, {"turns.jsonl": ["这是量过的一句"]}, frozenset({"这是量过的一句"}))

    assert "“帮我开一张发票吧” stands under invoice, oos" in faults
    assert "“今天能送到我家里吗” stands twice" in faults
    assert "“这是量过的一句” in turns.jsonl is a turn that we measure on" in faults
    assert "weather has no name in labels.yml" in faults
    assert "goodbye has 0 utterances, fewer than 40" in faults
    assert "40.0% of the utterances nearly repeat another, more than 8%" in faults


def test_near_repeats_are_those_that_share_four_letter_triples_in_five() -> None:
    long = "麻烦帮我把这个订单的收货地址改成公司的地址谢谢"

    assert list(lint.pair_near([long, long + "了", "我的快递到哪里了呀怎么还没送到呢"])) == [(1, 0)]


def test_the_lint_agrees_with_comparing_every_pair(utterances: list[Utterance]) -> None:
    some = [said.text for said in utterances[::12]] + [said.text + "呢" for said in utterances[::12]]
    cuts = [lint.cut_letters(text, 3) for text in some]
    slowly = {
        here
        for here, cut in enumerate(cuts)
        if any(len(cut & other) > lint.NEAR * len(cut | other) for other in cuts[:here])
    }

    assert {here for here, _ in lint.pair_near(some)} == slowly
    assert slowly


def test_a_file_with_an_unknown_label_or_level_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "lexicon").mkdir()
    turn = {"prev_agent": "还有别的问题吗", "text": "没了", "intent": "nothing"}
    (tmp_path / "context" / "turns.jsonl").write_text(json.dumps(turn, ensure_ascii=False) + "\n", "utf-8")
    levels = [{"text": "快点", "anger": level} for level in (1, 3)]
    (tmp_path / "lexicon" / "anger.jsonl").write_text("\n".join(map(json.dumps, levels)), "utf-8")

    assert lint.find_unsound_rows(tmp_path) == [
        "“没了” is labelled nothing",
        "“快点” has anger 3",
        "anger / 快点 has two labels",
    ]
