"""Trains and builds what is missing or out of date, and says so while it does."""

import time
from pathlib import Path

from bot.errors import SetupError
from bot.setting_up import model, pages
from bot.setting_up.seal import seal, seal_what_was_there
from bot.setting_up.taught import OWN_TURNS
from bot.setting_up.telling import tell

THE_MODEL = "training the model"
Training = tuple[str, "model.Training", Path]


def make_all(root: Path, logs: Path, key: Path) -> None:
    """Models and pages at once: two cores have room for both. What is trained is sealed with `key`."""
    seal_older(root, key)
    trainings = _start_trainings(root, logs)
    make_pages(root, logs)
    _finish(root, trainings, key)


def must_be_made(root: Path) -> None:
    """Raises SetupError when a model or a page was never made; one that is out of date will do."""
    missing = [] if any((root / "models").glob("*.tar.gz")) else ["the model"]
    missing += [] if any((root / "models" / "faq").glob("*")) else ["the FAQ search"]
    missing += [f"the {name}" for name in pages.PAGES if not (root / "web" / name / "dist").is_dir()]
    if missing:
        raise SetupError(f"{', '.join(missing)} not made yet: leave out --no-make, or run `make model pages`")


def make_models(root: Path, logs: Path, key: Path) -> None:
    seal_older(root, key)
    _finish(root, _start_trainings(root, logs), key)


def seal_older(root: Path, key: Path) -> None:
    """Models of the time before there were seals are taken to be ours, once."""
    for archive in seal_what_was_there(root / "models", key):
        tell(f"✓ sealed {archive.name}, which was there before there were seals")


def make_pages(root: Path, logs: Path) -> None:
    for name in pages.stale_pages(root):
        began = time.monotonic()
        tell(f"… building the {name}")
        pages.build_page(root, name, logs / f"build-{name}.log")
        tell(f"✓ built the {name} ({time.monotonic() - began:.0f} s)")


def check_pages(root: Path, logs: Path) -> None:
    """The pages' own types and unit tests."""
    for name in pages.PAGES:
        pages.check_page(root, name, logs / f"check-{name}.log")
        tell(f"✓ types and unit tests of the {name}")


def _start_trainings(root: Path, logs: Path) -> list[Training]:
    trainings: list[Training] = []
    own = logs.parent / OWN_TURNS
    if model.model_is_stale(root, root / "models", own):
        tell("… training the model (a minute)")
        log = logs / "train.log"
        trainings.append((THE_MODEL, model.start_training(root, root / "models", log, own), log))
    if model.faq_is_stale(root):
        tell("… training the FAQ search")
        log = logs / "train-faq.log"
        trainings.append(("training the FAQ search", model.start_faq_training(root, logs.parent, log), log))
    return trainings


def _finish(root: Path, trainings: list[Training], key: Path) -> None:
    began = time.monotonic()
    for what, training, output in trainings:
        model.must_have_worked(training, what, output)
        if what == THE_MODEL:
            seal(model.newest_model(root / "models"), key)
        tell(f"✓ {what} ({time.monotonic() - began:.0f} s more)")
