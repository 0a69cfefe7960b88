"""Learning from a merchant's own labelled turns, kept outside the repository, and going back."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import SetupError
from bot.nlu.parse import Pipeline, newest
from bot.nlu.turn import PREV_AGENT

_HELD_OUT = 5
"""One dialogue in so many is only measured on."""
_LINES_TOLD = 4
Trainer = Callable[[Sequence[Path], Path], Path]
"""Trains on these files and folders, leaves the model in a folder, and tells its archive."""


@dataclass(frozen=True)
class Labelled:
    """One turn of the merchant's chats and what it means."""

    id: str
    text: str
    intent: str
    prev_agent: str

    @property
    def is_held_out(self) -> bool:
        """Whether it is measured on: the same for every turn of a dialogue (`<dialogue>:<turn>`), every time."""
        dialogue = (self.id.split(":")[0] or self.text).encode()
        return int.from_bytes(hashlib.sha256(dialogue).digest()[:4]) % _HELD_OUT == 0


@dataclass(frozen=True)
class Lesson:
    """What a lesson gave: accuracy on turns that neither model had seen, and the new model unless it was worse."""

    turns: int
    held_out: int
    before: float
    after: float
    model: Path | None

    def told(self) -> str:
        """The figures in a sentence or two."""
        figures = (
            f"{self.turns} turns, {self.held_out} of them held out: "
            f"{self.before:.1%} of those read right before, {self.after:.1%} after."
        )
        if self.model is None:
            return f"{figures}\nThe new model reads worse, so it was not kept; nothing has changed."
        return f"{figures}\nNew model: {self.model.name}. The bot reads with it after a restart."


def learn(labelled: Path, models: Path, own: Path, train: Trainer) -> Lesson:
    """Train with these turns and those learned before (in `own`); a model that reads worse is refused and forgotten."""
    turns = _all_turns(own, read_labelled(labelled))
    held_out = [turn for turn in turns if turn.is_held_out]
    taught = [turn for turn in turns if not turn.is_held_out]
    if not held_out or not taught:
        raise SetupError(f"{labelled}: too few dialogues to teach and to measure on; some ten are needed.")
    current = newest(models)
    before = _accuracy(current, held_out)
    with tempfile.TemporaryDirectory() as folder:
        tried = train([_examples(Path(folder) / "taught.yml", taught)], Path(folder) / "tried")
        after = _accuracy(tried, held_out)
        if after < before:
            return Lesson(len(turns), len(held_out), before, after, None)
        final = train([_examples(Path(folder) / "all.yml", turns)], Path(folder) / "final")
        kept = models / final.name
        shutil.move(final, kept)
        os.utime(kept)
    own.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(vars(turn), ensure_ascii=False) for turn in turns)
    own.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Lesson(len(turns), len(held_out), before, after, kept)


def roll_back(models: Path) -> Path:
    """Retire the newest model (to `models/retired/`); tells the one that is in use now."""
    found = sorted(models.glob("*.tar.gz"))
    if len(found) < 2:
        raise SetupError(f"{models}/ has no older model to go back to.")
    retired = models / "retired"
    retired.mkdir(exist_ok=True)
    last = newest(models)
    shutil.move(last, retired / last.name)
    return newest(models)


def read_labelled(path: Path) -> list[Labelled]:
    """The turns of a file of lines {"id","text","intent","prev_agent"?}."""
    turns = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} can't be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            turns.append(_labelled(line, f"{path}, line {number}"))
    return turns


def train_with_rasa(project: Path) -> Trainer:
    """`rasa train` on the project's data and what is given besides."""

    def train(more: Sequence[Path], folder: Path) -> Path:
        data = [str(project / "data/nlu"), str(project / "data/rules"), *map(str, more)]
        command = [sys.executable, "-m", "rasa", "train", "--data", *data, "--out", str(folder)]
        env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "RASA_CACHE_DIRECTORY": str(folder / "cache")}
        done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            told = [stream.strip().splitlines()[-_LINES_TOLD:] for stream in (done.stderr, done.stdout)]
            raise SetupError("\n".join(["rasa train failed:", *told[0], *told[1]]))
        return newest(folder)

    return train


def _labelled(line: str, place: str) -> Labelled:
    try:
        told: Any = json.loads(line)
        text, intent = str(told["text"]).strip(), str(told["intent"]).strip()
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError(f'{place}: expected {{"id", "text", "intent"}}.') from error
    if not text or not intent:
        raise SetupError(f"{place}: text or intent is empty.")
    return Labelled(str(told.get("id") or ""), text, intent, str(told.get(PREV_AGENT) or ""))


def _all_turns(own: Path, new: list[Labelled]) -> list[Labelled]:
    known = read_labelled(own) if own.is_file() else []
    latest = {(turn.text, turn.prev_agent): turn for turn in [*known, *new]}
    return list(latest.values())


def _accuracy(model: Path, turns: Sequence[Labelled]) -> float:
    pipeline = Pipeline.of(model)
    right = 0
    for turn in turns:
        ranking = pipeline.read(turn.text).get("intent_ranking") or [{"name": ""}]
        right += ranking[0]["name"] == turn.intent
    return right / len(turns)


def _examples(path: Path, turns: Sequence[Labelled]) -> Path:
    by_intent: dict[str, list[dict[str, Any]]] = {}
    for turn in turns:
        by_intent.setdefault(turn.intent, []).append({"text": " ".join(turn.text.split())})
    nlu = [{"intent": intent, "examples": examples} for intent, examples in sorted(by_intent.items())]
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8")
    return path
