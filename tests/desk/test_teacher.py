"""Lessons: what people taught becomes a file for `xiaoer learn`, and what it says becomes the lesson's word."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.desk.teacher import Taught, Teacher
from bot.log.log import Log

# Stands where the project stands, and does what `xiaoer learn` does to whoever runs it: reads the file,
# says its figures, and ends with its status.
LEARNS = """
import sys, json, pathlib
folder, words = pathlib.Path('{folder}'), sys.argv[1:]
(folder / "ran.json").write_text(json.dumps(words))
if words[0] == "learn":
    turns = [json.loads(line) for line in pathlib.Path(words[-1]).read_text("utf-8").splitlines()]
    (folder / "turns.json").write_text(json.dumps(turns))
    print("\033[0mbefore: 60.0%", flush=True); print("after: 80.0%")
sys.exit({status})
"""


class Book:
    """One lesson, and every word about it."""

    def __init__(self, kind: str) -> None:
        self.lesson: Any = type("Lesson", (), {"id": "l1", "kind": kind, "state": "asked"})()
        self.notes: list[tuple[str, str]] = []

    async def open(self) -> Any:
        return None if self.notes and self.notes[-1][0] != "running" else self.lesson

    async def note(self, lesson: str, state: str, told: str, now: int) -> None:
        self.notes.append((state, told))


def school(tmp_path: Path, log: Log, book: Book, status: int) -> Teacher:
    (tmp_path / "learns.py").write_text(LEARNS.format(folder=tmp_path, status=status))

    async def turns() -> Sequence[Taught]:
        return [
            Taught("w1:3", "整得咋样了", "order_status"),
            Taught("w2:5", "那几点", "logistics_track", "今天送到"),
        ]

    return Teacher(log, book, turns, tmp_path / "var", (sys.executable, str(tmp_path / "learns.py")))


@pytest.mark.parametrize(("status", "state"), [(0, "trained"), (3, "refused"), (1, "failed")])
async def test_a_lesson_waits_for_a_word_is_refused_or_failed_as_the_training_ends_and_tells_its_figures(
    tmp_path: Path, log: Log, status: int, state: str
) -> None:
    book = Book("train")
    teacher = school(tmp_path, log, book, status)
    await teacher.tick()
    assert list(dict.fromkeys(one for one, _ in book.notes)) == ["running", state], book.notes[-1][1]
    assert ("running", "before: 60.0%") in book.notes, "who waits sees how far it is"
    assert book.notes[-1][1] == "before: 60.0%\nafter: 80.0%"
    assert json.loads((tmp_path / "turns.json").read_text()) == [
        {"id": "w1:3", "text": "整得咋样了", "intent": "order_status"},
        {"id": "w2:5", "text": "那几点", "intent": "logistics_track", "prev_agent": "今天送到"},
    ]
    assert list((tmp_path / "var").iterdir()) == [], "shoppers' words are not left lying about"
    assert json.loads((tmp_path / "ran.json").read_text())[:3] == ["learn", "--propose", "--json"]
    told = len(book.notes)
    await teacher.tick()
    assert len(book.notes) == told, "a lesson is given once"


@pytest.mark.parametrize(
    ("kind", "state"), [("publish", "published"), ("discard", "discarded"), ("rollback", "published")]
)
async def test_what_becomes_of_a_model_is_a_lesson_too(
    tmp_path: Path, log: Log, kind: str, state: str
) -> None:
    book = Book(kind)
    await school(tmp_path, log, book, 0).tick()
    assert json.loads((tmp_path / "ran.json").read_text()) == ["models", kind]
    assert book.notes[-1][0] == state


async def test_a_model_that_could_not_be_published_is_a_failed_lesson(tmp_path: Path, log: Log) -> None:
    book = Book("publish")
    await school(tmp_path, log, book, 2).tick()
    assert book.notes[-1][0] == "failed"
