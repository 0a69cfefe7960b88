"""A trained model that waits for a person's word: published with the turns that it learned, or put away."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from bot.errors import SetupError
from bot.setting_up.seal import seal, seal_of
from bot.setting_up.taught import Labelled, keep, read_labelled

_FOLDER = "proposed"
_TURNS = "turns.jsonl"


def propose(models: Path, trained: Path, turns: Iterable[Labelled]) -> Path:
    """Lay a model with its turns aside, in place of another that waited; no brain sees it. Tells where it lies."""
    folder = models / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    keep(folder / _TURNS, turns)
    return Path(shutil.move(trained, folder / trained.name))


def publish(models: Path, own: Path, key: Path) -> Path:
    """Seal the model that waits and let the brains have it; its turns are the merchant's own from now on.

    Turns that he learned otherwise meanwhile stay. Raises SetupError when none waits.
    """
    waiting = _waiting(models)
    theirs = read_labelled(waiting.parent / _TURNS)
    known = {(turn.id, turn.text, turn.prev_agent) for turn in theirs}
    others = read_labelled(own) if own.is_file() else []
    keep(own, [*(turn for turn in others if (turn.id, turn.text, turn.prev_agent) not in known), *theirs])
    published = models / waiting.name
    # The seal goes before: a brain that looks in between finds no model that it would have to refuse.
    seal(waiting, key).rename(seal_of(published))
    os.utime(waiting)  # newer than its turns: nothing to be made again
    waiting.rename(published)
    shutil.rmtree(waiting.parent)
    return published


def discard(models: Path) -> str:
    """Put the model that waits away, and its turns with it; tells its name. Raises SetupError when none waits."""
    waiting = _waiting(models)
    shutil.rmtree(waiting.parent)
    return waiting.name


def _waiting(models: Path) -> Path:
    found = sorted((models / _FOLDER).glob("*.tar.gz"))
    if not found:
        raise SetupError(
            f"{models}/ has no model that waits to be published: train one with `xiaoer learn --propose`."
        )
    return found[-1]
