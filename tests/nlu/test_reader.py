"""From features to readings: parts, second requests, habits."""

from dataclasses import replace

import numpy as np
import pytest

from bot.nlu.ngrams import Vocabulary, feature_codes, learn_vocabulary
from bot.nlu.normal import acts, normal
from bot.nlu.reader import Reader, turn_of
from bot.nlu.training import Own, Plan, train_reader

SOUNDS = {"票": "piao", "漂": "piao", "快": "kuai", "块": "kuai"}
Lines = list[tuple[str, str]]


@pytest.fixture(scope="module")
def lines(small_turns: dict[str, str]) -> Lines:
    return [
        (normal(text).signs, intent) for intent, texts in small_turns.items() for text in texts.split("|")
    ]


@pytest.fixture(scope="module")
def vocabulary(lines: Lines) -> Vocabulary:
    return learn_vocabulary([text for text, _ in lines], SOUNDS)


def trained(lines: Lines, vocabulary: Vocabulary, own: list[Own] | None = None) -> Reader:
    turns = [turn_of(vocabulary, text) for text, _ in lines]
    reader, _ = train_reader(turns, [intent for _, intent in lines], [], Plan(2.0, 2, 0.8, 1.0), own or [])
    return replace(reader, second_from=0.3)


@pytest.fixture(scope="module")
def reader(lines: Lines, vocabulary: Vocabulary) -> Reader:
    return trained(lines, vocabulary)


def second(reader: Reader, vocabulary: Vocabulary, text: str) -> tuple[str, str]:
    reading = reader.read(turn_of(vocabulary, normal(text).signs))
    return reading.ranking[0][0], reading.second[0] if reading.second else ""


@pytest.mark.parametrize("text", ["我要开发票，我的快递到哪了", "我要开发票另外我的快递到哪了"])
def test_two_requests_are_both_heard(reader: Reader, vocabulary: Vocabulary, text: str) -> None:
    assert set(second(reader, vocabulary, text)) == {"invoice", "logistics_track"}


@pytest.mark.parametrize(
    "text",
    ["我要开发票 谢谢你", "你好 我要开发票", "我要开发票 发票怎么开", "我的电话13800138000 我要开发票"],
)
def test_one_request_is_one(reader: Reader, vocabulary: Vocabulary, text: str) -> None:
    assert second(reader, vocabulary, text) == ("invoice", "")


def test_a_turn_is_cut_where_it_goes_on_to_something_else_and_not_before_the_other_one() -> None:
    assert acts("开发票另外查快递") == ("开发票", "另外查快递")
    assert acts("换另外一个颜色") == ("换另外一个颜色",)
    assert acts("到哪了?几点到") == ("到哪了?", "几点到")


def test_a_homophone_has_the_sound_of_what_was_meant(vocabulary: Vocabulary) -> None:
    meant, typed = (set(feature_codes(text, vocabulary.heard)) for text in ("票", "漂"))
    assert len(meant & typed) >= 2  # the syllable, and how long the turn is


def test_letters_beyond_the_first_plane_are_features_of_their_own(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.counts("𠮷🙂").numbers) <= 1  # the length at most
    assert vocabulary.counts("").numbers.tolist() == []


def test_a_vocabulary_is_the_same_after_it_was_stored(
    vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("vocabulary")
    vocabulary.save(folder)
    again, first = Vocabulary.opened(folder).counts("我要开漂"), vocabulary.counts("我要开漂")
    assert again.numbers.tolist() == first.numbers.tolist()
    assert np.allclose(again.weights, first.weights)
    assert not list(folder.glob("*.pkl"))


def test_what_a_merchants_shoppers_mean_is_learned_without_forgetting_the_rest(
    lines: Lines, vocabulary: Vocabulary
) -> None:
    phrase = turn_of(vocabulary, "单子跑哪了")
    own = [Own(phrase, "invoice") for _ in range(20)]
    plain, taught = trained(lines, vocabulary), trained(lines, vocabulary, own)
    assert plain.read(phrase).ranking[0][0] != "invoice"
    assert taught.read(phrase).ranking[0][0] == "invoice"
    for text, intent in lines[::5]:
        if plain.read(turn_of(vocabulary, text)).ranking[0][1] > 0.5:
            assert taught.read(turn_of(vocabulary, text)).ranking[0][0] == intent
