"""`python -m faq.train`: makes models/faq from the entries, well under a minute on two cores."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import msgspec
import numpy as np

from faq.contrast import fit_static, save_static
from faq.decision import choose_rule, verdicts
from faq.encoder import STATIC, HubEncoder, Remembering, StaticEncoder
from faq.entry import FaqError
from faq.held_out import Fit, hold_out, quality
from faq.knowledge import (
    ENCODER_DIR,
    MODEL,
    TRAINED_FILE,
    VECTORS_FILE,
    Knowledge,
    Trained,
    is_stale,
    own_file,
    read_knowledge,
)

__all__ = ["is_stale", "main", "train"]


def train(
    path: Path = MODEL, knowledge: Knowledge | None = None, say: Callable[[str], None] = lambda _: None
) -> Trained:
    """Trains on what the shop knows and puts the result at `path`, all of it or nothing."""
    knowledge = knowledge or read_knowledge()
    fit = fit_for(knowledge.encoder)
    say(f"FAQ: {len(knowledge.entries)} entries; asking each phrasing out of fold …")
    held = hold_out(knowledge.entries, knowledge.out_of_scope, fit)
    rule = choose_rule(held)
    inside = held.in_scope
    measured = asdict(quality(inside.nearness.fused(rule.weight), inside.meant)) | verdicts(rule, held)
    trained = Trained(knowledge.digest, knowledge.encoder, rule, measured)
    say("FAQ: training on everything …")
    encoder = fit(knowledge.pages)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".faq-") as workshop:
        made = Path(workshop) / "faq"
        made.mkdir()
        if isinstance(encoder, StaticEncoder):
            save_static(encoder, made / ENCODER_DIR)
        sayings = [one for page in knowledge.shipped_pages for one in page.sayings]
        np.save(made / VECTORS_FILE, encoder.encode(sayings))
        (made / TRAINED_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(trained)))
        if path.exists():
            path.rename(Path(workshop) / "old")
        shutil.move(made, path)
    return trained


def fit_for(encoder: str) -> Fit:
    """How the encoder of this name comes about: `static` is trained, any other is loaded as it is."""
    if encoder == STATIC:
        return fit_static
    loaded = Remembering(HubEncoder(encoder))
    return lambda _: loaded


def main() -> int:
    """Trains and says what came of it; 1 with a clear sentence when the entries need mending."""
    began = time.monotonic()
    try:
        trained = train(
            knowledge=read_knowledge(own=own_file()),
            say=lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201 - a command
        )
    except FaqError as error:
        print(f"faq.train: {error}", file=sys.stderr)  # noqa: T201
        return 1
    told = ", ".join(f"{name} {value:.3f}" for name, value in trained.measured.items())
    print(f"FAQ: ready in {time.monotonic() - began:.0f} s; {told}", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
