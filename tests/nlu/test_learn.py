"""A merchant teaches the bot from his own chats."""

import json
import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.nlu.learn import Place, Score, learn, roll_back, score
from bot.nlu.parse import Pipeline
from bot.nlu.proposed import discard, publish
from bot.nlu.turn import IN_CONTEXT, LEARNED, PREV_AGENT, noted
from bot.setting_up.model import model_is_stale
from bot.setting_up.seal import seal_of
from bot.setting_up.taught import Labelled, keep, latest_of, meant_in_context, read_labelled, write_examples


@pytest.fixture
def shop(tmp_path: Path, small_model: Path) -> Path:
    (tmp_path / "models").mkdir()
    shutil.copy(small_model, tmp_path / "models/old.tar.gz")
    return tmp_path


def labelled(shop: Path, intent: str) -> Path:
    path = shop / "labelled.jsonl"
    lines = [
        {"id": f"{n}:1", "text": "查快递" if n % 2 else f"物流到哪了{n}", "intent": intent} for n in range(40)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def kept(shop: Path, *, propose: bool = False) -> Place:
    return Place(shop / "models", shop / "own.jsonl", propose)


def copying(shop: Path) -> object:
    def train(more: Sequence[Path], folder: Path) -> Path:
        assert all("物流" in path.read_text("utf-8") for path in more)
        folder.mkdir()
        return Path(shutil.copy(shop / "models/old.tar.gz", folder / "new.tar.gz"))

    return train


def test_a_lesson_leaves_a_new_model_and_its_turns_and_can_be_taken_back(shop: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lesson = learn(labelled(shop, "logistics_track"), kept(shop), copying(shop))  # type: ignore[arg-type]
    assert lesson.before == lesson.after == Score(turns=3, alone=3, heard=0, in_context=0)
    assert lesson.model == shop / "models/new.tar.gz"
    assert {turn.model for turn in read_labelled(shop / "own.jsonl")} == {"new.tar.gz"}
    in_use, forgotten = roll_back(shop / "models", shop / "own.jsonl")
    assert in_use == shop / "models/old.tar.gz"
    assert (shop / "models/retired/new.tar.gz").is_file()
    assert forgotten == 40
    assert read_labelled(shop / "own.jsonl") == []


def proposed(shop: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lesson = learn(labelled(shop, "logistics_track"), kept(shop, propose=True), copying(shop))  # type: ignore[arg-type]
    assert lesson.waits
    assert lesson.model is not None
    assert [path.name for path in (shop / "models").glob("*.tar.gz*")] == ["old.tar.gz"]
    return lesson.model


def test_a_proposed_model_is_in_use_with_its_turns_only_once_it_is_published(shop: Path) -> None:
    earlier = Labelled("e:1", "整哪去了", "logistics_track", model="old.tar.gz")
    keep(shop / "own.jsonl", [earlier])
    proposed(shop)
    assert read_labelled(shop / "own.jsonl") == [earlier]
    meanwhile = Labelled("m:1", "走到哪块了", "logistics_track", model="other.tar.gz")
    keep(shop / "own.jsonl", [earlier, meanwhile])

    published = publish(shop / "models", shop / "own.jsonl", shop / "key")

    assert published == shop / "models/new.tar.gz"
    assert published.is_file()
    assert seal_of(published).is_file()
    turns = read_labelled(shop / "own.jsonl")
    assert (len(turns), turns[0]) == (42, meanwhile)
    assert earlier in turns
    assert {turn.model for turn in turns} == {"old.tar.gz", "other.tar.gz", "new.tar.gz"}
    assert published.stat().st_mtime >= (shop / "own.jsonl").stat().st_mtime, "nothing is to be made again"
    with pytest.raises(SetupError, match="no model that waits"):
        publish(shop / "models", shop / "own.jsonl", shop / "key")


def test_a_proposed_model_that_nobody_wants_leaves_nothing(shop: Path) -> None:
    proposed(shop)

    assert discard(shop / "models") == "new.tar.gz"

    assert [path.name for path in (shop / "models").iterdir()] == ["old.tar.gz"]
    assert not (shop / "own.jsonl").exists()
    with pytest.raises(SetupError, match="no model that waits"):
        discard(shop / "models")


def test_a_model_that_reads_worse_is_refused(shop: Path, worse_model: Path) -> None:
    def train(more: Sequence[Path], folder: Path) -> Path:
        assert more
        folder.mkdir()
        return Path(shutil.copy(worse_model, folder / "new.tar.gz"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lesson = learn(labelled(shop, "logistics_track"), kept(shop), train)
    assert lesson.after.alone < lesson.before.alone
    assert "reads worse" in lesson.told()
    assert lesson.model is None
    assert [path.name for path in (shop / "models").iterdir()] == ["old.tar.gz"]
    assert not (shop / "own.jsonl").exists()


def test_there_must_be_a_model_to_go_back_to(shop: Path) -> None:
    with pytest.raises(SetupError, match="no older model"):
        roll_back(shop / "models", shop / "own.jsonl")


def test_a_line_without_intent_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "1", "text": "在吗"}\n', encoding="utf-8")
    with pytest.raises(SetupError, match="line 1"):
        read_labelled(path)


def test_a_mistyped_intent_is_refused_with_its_line_and_the_one_that_was_meant(shop: Path) -> None:
    path = labelled(shop, "logistics_track")
    lines = path.read_text("utf-8").splitlines()
    lines[6] = '{"id": "9:1", "text": "查快递", "intent": "logistics_trak"}'
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SetupError, match=r"line 7.*logistics_trak.*Did you mean logistics_track"):
        learn(path, kept(shop), copying(shop))  # type: ignore[arg-type]
    assert not (shop / "own.jsonl").exists()


def test_a_mistyped_intent_in_context_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    line = {"text": "那几点", "intent": "needs_context", "prev_agent": "明天送", "intent_in_context": "xyz"}
    path.write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(SetupError, match=r"line 1.*xyz.*It knows: invoice, needs_context"):
        read_labelled(path, {"needs_context", "invoice"})


def test_what_was_said_before_a_turn_is_taught_with_it(tmp_path: Path) -> None:
    bare = Labelled("1:1", "那几点", "needs_context", "明天给您送", "logistics_track")
    request = Labelled("2:1", "要专票", "invoice", "好的")
    unknown = Labelled("3:1", "可以吗", "needs_context", "好的")
    assert [meant_in_context(turn) for turn in (bare, request, unknown)] == ["logistics_track", "invoice", ""]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa.shared.nlu.training_data.loading import load_data  # noqa: PLC0415

        read = load_data(str(write_examples(tmp_path / "own.yml", [bare]))).intent_examples
    assert [message.get("intent") for message in read] == ["needs_context"]
    names = (LEARNED, PREV_AGENT, IN_CONTEXT)
    assert [noted(read[0], name) for name in names] == [True, "明天给您送", "logistics_track"]


def test_a_turn_that_is_labelled_again_counts_once_as_labelled_last() -> None:
    first, again = Labelled("1:1", "查下", "oos"), Labelled("1:1", "查下", "logistics_track")
    assert latest_of([first, Labelled("2:1", "在吗", "greet"), again]) == [
        again,
        Labelled("2:1", "在吗", "greet"),
    ]


def test_what_was_taught_makes_the_model_out_of_date(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    model, own = tmp_path / "models/a.tar.gz", tmp_path / "var/learned.jsonl"
    model.touch()
    assert not model_is_stale(tmp_path, tmp_path / "models", own)
    keep(own, [Labelled("1:1", "查下", "logistics_track")])
    os.utime(model, (1, 1))
    assert model_is_stale(tmp_path, tmp_path / "models", own)


def test_turns_are_scored_by_themselves_and_in_context(small_model: Path) -> None:
    turns = [
        Labelled("1:1", "那几点？", "needs_context", "您的包裹预计明天送达", "logistics_track"),
        Labelled("2:1", "我要开发票", "invoice"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert score(Pipeline.of(small_model), turns) == Score(turns=2, alone=2, heard=1, in_context=1)
