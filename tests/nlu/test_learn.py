"""A merchant teaches the bot from his own chats."""

import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.nlu.learn import learn, read_labelled, roll_back


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


def copying(shop: Path) -> object:
    def train(more: Sequence[Path], folder: Path) -> Path:
        assert all("物流" in path.read_text("utf-8") for path in more)
        folder.mkdir()
        return Path(shutil.copy(shop / "models/old.tar.gz", folder / "new.tar.gz"))

    return train


def test_a_lesson_leaves_a_new_model_and_its_turns_and_can_be_taken_back(shop: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lesson = learn(labelled(shop, "logistics_track"), shop / "models", shop / "own.jsonl", copying(shop))  # type: ignore[arg-type]
    assert lesson.before == lesson.after == 1.0
    assert lesson.model == shop / "models/new.tar.gz"
    assert len(read_labelled(shop / "own.jsonl")) == lesson.turns
    assert roll_back(shop / "models") == shop / "models/old.tar.gz"
    assert (shop / "models/retired/new.tar.gz").is_file()


def test_a_model_that_reads_worse_is_refused(shop: Path, worse_model: Path) -> None:
    def train(more: Sequence[Path], folder: Path) -> Path:
        assert more
        folder.mkdir()
        return Path(shutil.copy(worse_model, folder / "new.tar.gz"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lesson = learn(labelled(shop, "logistics_track"), shop / "models", shop / "own.jsonl", train)
    assert lesson.after < lesson.before
    assert lesson.model is None
    assert [path.name for path in (shop / "models").iterdir()] == ["old.tar.gz"]
    assert not (shop / "own.jsonl").exists()


def test_there_must_be_a_model_to_go_back_to(shop: Path) -> None:
    with pytest.raises(SetupError, match="no older model"):
        roll_back(shop / "models")


def test_a_line_without_intent_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "1", "text": "在吗"}\n', encoding="utf-8")
    with pytest.raises(SetupError, match="line 1"):
        read_labelled(path)
