"""Learning from a merchant's own labelled turns, kept outside the repository, and going back."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.errors import SetupError
from bot.nlu.parse import Pipeline, newest
from bot.nlu.proposed import propose
from bot.setting_up.inherited import inherited
from bot.setting_up.taught import (
    Labelled,
    forget,
    keep,
    latest_of,
    meant_in_context,
    read_labelled,
    with_model,
    write_examples,
)

_LINES_TOLD = 4
Trainer = Callable[[Sequence[Path], Path], Path]
"""Trains on these files and folders, leaves the model in a folder, and tells its archive."""


@dataclass(frozen=True)
class Score:
    """Turns read right: by themselves, and of those with an agent's sentence before them after that one."""

    turns: int
    alone: int
    heard: int
    in_context: int

    def told(self) -> str:
        """The shares."""
        after = f", {self.in_context / self.heard:.1%} after what was said before" if self.heard else ""
        return f"{self.alone / self.turns:.1%}{after}"


@dataclass(frozen=True)
class Lesson:
    """What a lesson gave on turns that neither model had seen, and the new model unless it was worse.

    `waits`: it is in use only once it is published.
    """

    turns: int
    before: Score
    after: Score
    model: Path | None
    waits: bool = False

    def told(self) -> str:
        """The figures in a few lines."""
        figures = (
            f"{self.turns} turns, {self.before.turns} of them held out.\n"
            f"Of those read right before: {self.before.told()}\n"
            f"Of those read right after:  {self.after.told()}"
        )
        if self.model is None:
            return f"{figures}\nThe new model reads worse, so it was not kept; nothing has changed."
        if self.waits:
            return f"{figures}\n{self.model.name} waits: `xiaoer models publish`, or `discard`."
        return f"{figures}\nNew model: {self.model.name}. `xiaoer models rollback` goes back."

    def figures(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "turns": self.turns,
            "before": asdict(self.before),
            "after": asdict(self.after),
            "model": self.model.name if self.model else "",
        }


@dataclass(frozen=True)
class Place:
    """Where models and learned turns are kept, and whether a new model waits there for a person's word."""

    models: Path
    own: Path
    propose: bool = False


def learn(
    labelled: Path, place: Place, train: Trainer, say: Callable[[str], None] = lambda _: None
) -> Lesson:
    """Train with these turns and those learned before; a model that reads worse is refused and forgotten.

    `say` hears each step by its name when it begins: measuring, trying, comparing, training.
    """
    models, own = place.models, place.own
    say("measuring")
    current = Pipeline.of(newest(models))
    every = [*(read_labelled(own) if own.is_file() else []), *read_labelled(labelled, current.intents)]
    turns = latest_of(every)
    held_out = [turn for turn in turns if turn.is_held_out]
    taught = [turn for turn in turns if not turn.is_held_out]
    if not held_out or not taught:
        raise SetupError(f"{labelled}: too few dialogues to teach and to measure on; some ten are needed.")
    before = score(current, held_out)
    with tempfile.TemporaryDirectory() as folder:
        say("trying")
        tried = train([write_examples(Path(folder) / "taught.yml", taught)], Path(folder) / "tried")
        say("comparing")
        after = score(Pipeline.of(tried), held_out)
        if after.alone + after.in_context < before.alone + before.in_context:
            return Lesson(len(turns), before, after, None)
        say("training")
        final = train([write_examples(Path(folder) / "all.yml", turns)], Path(folder) / "final")
        learned = with_model(every, final.name)
        if place.propose:
            return Lesson(len(turns), before, after, propose(models, final, learned), waits=True)
        keep(own, learned)
        kept = models / final.name
        shutil.move(final, kept)
        os.utime(kept)  # newer than the turns that it has learned: nothing to be made again
    return Lesson(len(turns), before, after, kept)


def roll_back(models: Path, own: Path) -> tuple[Path, int]:
    """Retire the newest model (to `models/retired/`) and the turns that came with it.

    Tells the model that is in use now, and how many turns were forgotten.
    """
    if len(list(models.glob("*.tar.gz"))) < 2:
        raise SetupError(f"{models}/ has no older model to go back to.")
    retired = models / "retired"
    retired.mkdir(exist_ok=True)
    last = newest(models)
    for file in models.glob(f"{last.name}*"):  # with its seal
        shutil.move(file, retired / file.name)
    forgotten = forget(own, last.name)
    in_use = newest(models)
    os.utime(in_use)  # else the next start would train again what was just put away
    return in_use, forgotten


def score(pipeline: Pipeline, turns: Sequence[Labelled]) -> Score:
    """How many of these turns are read as they are labelled."""
    heard = [turn for turn in turns if meant_in_context(turn)]
    alone = sum(_first(pipeline, turn.text) == turn.intent for turn in turns)
    after = sum(_first(pipeline, turn.text, turn.prev_agent) == meant_in_context(turn) for turn in heard)
    return Score(len(turns), alone, len(heard), after)


def train_with_rasa(project: Path) -> Trainer:
    """`rasa train` on the project's data and what is given besides."""

    def train(more: Sequence[Path], folder: Path) -> Path:
        data = [str(project / "data/nlu"), str(project / "data/rules"), *map(str, more)]
        command = [sys.executable, "-m", "rasa", "train", "--data", *data, "--out", str(folder)]
        env = {
            **inherited(),
            "RASA_TELEMETRY_ENABLED": "false",
            "RASA_CACHE_DIRECTORY": str(folder.parent / "cache"),
        }
        done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            told = [stream.strip().splitlines()[-_LINES_TOLD:] for stream in (done.stderr, done.stdout)]
            raise SetupError("\n".join(["rasa train failed:", *told[0], *told[1]]))
        return newest(folder)

    return train


def _first(pipeline: Pipeline, text: str, prev_agent: str = "") -> str:
    ranking = pipeline.read(text, prev_agent).get("intent_ranking") or [{"name": ""}]
    return str(ranking[0]["name"])
