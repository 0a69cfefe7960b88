"""What `xiaoer learn` gives: five times the project's model is taught four fifths of the turns and read on the rest."""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.measures import Judged, Read
from bench.readers import ROOT, Ours, Turn
from bot.nlu.learn import train_with_rasa
from bot.setting_up.taught import Labelled, write_examples

FOLDS = 5


def taught(rows: Sequence[dict[str, str]]) -> tuple[list[Read], list[Read]]:
    """How each turn is read by a model that was taught the other dialogues: by itself, and in context."""
    alone: dict[int, Read] = {}
    heard: dict[int, Read] = {}
    train = train_with_rasa(ROOT)
    for fold in range(FOLDS):
        left_out = [place for place, row in enumerate(rows) if _fold_of(row) == fold]
        others = [_labelled(row) for row in rows if _fold_of(row) != fold]
        with tempfile.TemporaryDirectory() as folder:
            model = train([write_examples(Path(folder) / "own.yml", others)], Path(folder) / "model")
            reader = Ours(ROOT / "data/nlu", model)
        turns = [Turn(rows[place]["text"], "") for place in left_out]
        after = [Turn(rows[place]["text"], rows[place].get("prev_agent") or "") for place in left_out]
        alone |= zip(left_out, reader.read(turns), strict=True)
        heard |= zip(left_out, reader.read(after), strict=True)
    return [alone[place] for place in range(len(rows))], [heard[place] for place in range(len(rows))]


def _fold_of(row: dict[str, str]) -> int:
    """The fold of a turn's dialogue: the same for all its turns."""
    dialogue = str(row.get("id") or row["text"]).split(":")[0]
    return int.from_bytes(hashlib.sha256(dialogue.encode()).digest()[:4]) % FOLDS


def _labelled(row: dict[str, str]) -> Labelled:
    return Labelled(
        str(row.get("id") or ""),
        row["text"],
        row["intent"],
        row.get("prev_agent") or "",
        row.get("intent_in_context") or "",
    )


def judged(rows: Sequence[dict[str, str]], reads: Sequence[Read], key: str) -> Judged:
    """The readings beside what the turns mean."""
    angers = tuple(int(row.get("anger") or 0) for row in rows)
    return Judged(tuple(row[key] for row in rows), tuple(reads), angers)


def main(path: str) -> None:  # pragma: no cover - by hand
    """Prints the two accuracies."""
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line]
    alone, heard = taught(rows)
    print(sum(r.intent == row["intent"] for r, row in zip(alone, rows, strict=True)) / len(rows))
    print(sum(r.intent == row["intent_in_context"] for r, row in zip(heard, rows, strict=True)) / len(rows))
