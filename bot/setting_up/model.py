"""The trained model: made when it is missing or older than what it is trained from."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.errors import NoModelError, SetupError
from bot.setting_up.inherited import inherited
from bot.setting_up.taught import latest_of, read_labelled, write_examples

Training = subprocess.Popen[bytes]


def newest(paths: Iterable[Path]) -> float:
    """When the newest of these files was changed; 0 when there is none."""
    return max((path.stat().st_mtime for path in paths if path.is_file()), default=0.0)


def newest_model(models: Path) -> Path:
    """The archive that was made last. Raises NoModelError when there is none."""
    return models_by_age(models)[0]


def models_by_age(models: Path) -> list[Path]:
    """All archives, the newest first. Raises NoModelError when there is none."""
    found = sorted(models.glob("*.tar.gz"), key=lambda path: (path.stat().st_mtime, path.name))
    if not found:
        raise NoModelError(f"no trained model under {models}/: run `make model`")
    return found[::-1]


def model_is_stale(root: Path, models: Path, own: Path) -> bool:
    """Whether anything that the model is trained from is newer, the merchant's `own` turns among it."""
    trained = newest(models.glob("*.tar.gz"))
    sources = [
        root / "config.yml",
        root / "domain.yml",
        *(root / "data").rglob("*.yml"),
        *(root / "data").rglob("*.jsonl"),
        *(root / "data").rglob("*.txt"),
        *(root / "bot" / "nlu").glob("*.py"),
        own,
    ]
    return trained < newest(sources)


def faq_is_stale(root: Path) -> bool:
    """Whether the FAQ's search was trained from other entries than those of today."""
    trained = newest((root / "models" / "faq").rglob("*"))
    sources = [*(root / "faq").glob("*.py"), *(root / "faq").rglob("*.yml")]
    return trained < newest(sources)


def start_training(root: Path, models: Path, output: Path, own: Path) -> Training:
    """`rasa train` in the background, with what the merchant taught (`own`) if he did; its words in `output`.

    Forced, since Rasa's cache knows a component by its class and not by the modules that it uses.
    """
    models.mkdir(parents=True, exist_ok=True)
    data = ["data"]
    if own.is_file():
        examples = write_examples(output.with_name("learned.yml"), latest_of(read_labelled(own)))
        data.append(str(examples.resolve()))
    command = [sys.executable, "-m", "rasa", "train", "--force", "--data", *data]
    return _start([*command, "--out", str(models.resolve())], root, output)


def start_faq_training(root: Path, data: Path, output: Path) -> Training:
    """With what the merchant published, which lies in the `data` folder."""
    return _start([sys.executable, "-m", "faq.train"], root, output, XIAOER_DATA=str(data.resolve()))


def must_have_worked(process: Training, what: str, output: Path) -> None:
    """Raises SetupError with the last lines when the process failed."""
    if process.wait() != 0:
        tail = "\n".join(output.read_text(errors="replace").splitlines()[-12:])
        raise SetupError(f"{what} failed; the whole output is in {output}:\n{tail}")


def _start(command: list[str], root: Path, output: Path, **more: str) -> Training:
    output.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **inherited(),
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
        "TQDM_DISABLE": "1",
        **more,
    }
    with output.open("wb") as file:
        return subprocess.Popen(command, cwd=root, stdout=file, stderr=subprocess.STDOUT, env=environment)  # noqa: S603 - our own command
