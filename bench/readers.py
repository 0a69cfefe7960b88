"""The two readers that are compared: ours, and stock Rasa in an environment of its own with TensorFlow."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measures import Read
from bot.nlu.parse import Pipeline
from bot.nlu.turn import ANGER, DECISION

ROOT = Path(__file__).parent.parent
_QUIET = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass(frozen=True)
class Turn:
    """One turn of an eval file."""

    text: str
    prev_agent: str


@dataclass(frozen=True)
class Costs:
    """Training in CPU-seconds and seconds, milliseconds of CPU for a turn, megabytes of the model."""

    train_cpu_s: float
    train_s: float
    parse_cpu_ms: float
    model_mb: float


class Ours:
    """The project's pipeline, trained from nothing as `config.yml` says."""

    def __init__(self, data: Path, model: Path | None) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.train_cpu_s = self.train_s = float("nan")
        self._model = model or self._trained(data)
        self._pipeline = Pipeline.of(self._model)
        self._spent, self._turns = 0.0, 0

    def _trained(self, data: Path) -> Path:
        env = {**_QUIET, "RASA_CACHE_DIRECTORY": f"{self._folder.name}/cache"}
        command = [
            str(ROOT / ".venv/bin/rasa"),
            "train",
            "nlu",
            "--nlu",
            str(data),
            "--out",
            self._folder.name,
        ]
        begun, spent = time.perf_counter(), sum(os.times()[2:4])
        subprocess.run(
            command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.train_s, self.train_cpu_s = time.perf_counter() - begun, sum(os.times()[2:4]) - spent
        return next(Path(self._folder.name).glob("*.tar.gz"))

    def read(self, turns: Sequence[Turn]) -> list[Read]:
        """The turns as read one by one, CPU time counted."""
        begun = time.process_time()
        messages = [self._pipeline.read(turn.text, turn.prev_agent) for turn in turns]
        self._spent, self._turns = self._spent + time.process_time() - begun, self._turns + len(turns)
        return [
            Read(
                tuple((one["name"], float(one["confidence"])) for one in message.get("intent_ranking") or ()),
                (message.get(DECISION) or {}).get("decision", "ask"),
                float(message.get(ANGER) or 0.0),
            )
            for message in messages
        ]

    def costs(self) -> Costs:
        megabytes = self._model.stat().st_size / 1e6
        return Costs(self.train_cpu_s, self.train_s, 1000 * self._spent / max(1, self._turns), megabytes)


def read_by_stock(python: Path, data: Path, turns: Sequence[Turn]) -> tuple[list[Read], Costs]:
    """jieba + CountVectors + DIET + FallbackClassifier 0.6 trained on the same data, reading the same turns."""
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "turns.json", Path(folder) / "reads.json"
        asked.write_text(json.dumps([turn.text for turn in turns]), encoding="utf-8")
        command = [
            str(python.absolute()),
            str(ROOT / "bench/stock_rasa.py"),
            str(data),
            str(asked),
            str(told),
        ]
        subprocess.run(command, cwd=folder, env=_QUIET, check=True)
        answer = json.loads(told.read_text(encoding="utf-8"))
    reads = [
        Read(
            tuple((name, float(p)) for name, p in one["ranking"]),
            "answer" if one["confident"] else "ask",
            0.0,
        )
        for one in answer["reads"]
    ]
    return reads, Costs(**answer["costs"])
