"""How good the search is on phrasings it has not seen: each text is held out once and asked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder
from faq.entry import Entry
from faq.index import Index, Nearness, Page, Scores

FOLDS = 6
NOWHERE = -1

Fit = Callable[[Sequence[Page]], Encoder]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Questions asked out of fold, a row each: nearness to every entry, and the entry that is meant.

    `meant` is NOWHERE for a line that no entry answers.
    """

    nearness: Nearness
    meant: NDArray[np.int64]

    @property
    def in_scope(self) -> "HeldOut":
        rows = self.meant != NOWHERE
        near = self.nearness
        evidence = np.asarray(near.evidence)[rows]
        return HeldOut(Nearness(near.lexical[rows], near.dense[rows], evidence), self.meant[rows])


@dataclass(frozen=True, slots=True)
class Quality:
    """Recall at 1 and 3 and the mean reciprocal rank, each 0 to 1."""

    recall_1: float
    recall_3: float
    mrr: float


def hold_out(entries: Sequence[Entry], out_of_scope: Sequence[str], fit: Fit, folds: int = FOLDS) -> HeldOut:
    """Every text of every entry asked of an index, and of an encoder, that have never seen it."""
    near: list[Nearness] = []
    meant: list[int] = []
    for fold in range(folds):
        kept = [
            Page(
                tuple(text for at, text in enumerate(entry.texts) if (at + number) % folds != fold),
                entry.answer,
            )
            for number, entry in enumerate(entries)
        ]
        index = Index(kept, fit(kept))
        for text, target in _asked(entries, out_of_scope, fold, folds):
            near.append(index.nearness(text))
            meant.append(target)
    return HeldOut(
        Nearness(
            np.stack([one.lexical for one in near]),
            np.stack([one.dense for one in near]),
            np.array([one.evidence for one in near], dtype=np.float32),
        ),
        np.array(meant),
    )


def quality(scores: Scores, meant: NDArray[np.int64]) -> Quality:
    """How high the meant entry stands when each row is sorted by score."""
    own = np.take_along_axis(scores, meant[:, None], axis=1)
    # Entries with the same score share the worst place, so that a search that knows nothing earns nothing.
    ranks = (scores >= own).sum(axis=1)
    return Quality(float((ranks <= 1).mean()), float((ranks <= 3).mean()), float((1 / ranks).mean()))


def _asked(
    entries: Sequence[Entry], out_of_scope: Sequence[str], fold: int, folds: int
) -> Iterator[tuple[str, int]]:
    for number, entry in enumerate(entries):
        for at, text in enumerate(entry.texts):
            if (at + number) % folds == fold:
                yield text, number
    for at, text in enumerate(out_of_scope):
        if at % folds == fold:
            yield text, NOWHERE
