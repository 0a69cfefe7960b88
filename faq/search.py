"""The one way to ask the FAQ: nearest entries, and whether they are near enough to be said."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from faq.encoder import STATIC, Encoder, HubEncoder, Remembering, StaticEncoder, Vectors
from faq.entry import Entry, FaqError
from faq.index import Index
from faq.knowledge import ENCODER_DIR, MODEL, VECTORS_FILE, Knowledge, Trained, read_knowledge, read_trained
from faq.rule import Verdict
from faq.suggest import Suggestions
from faq.text import core


class Hit(msgspec.Struct, frozen=True):
    """An entry that may answer; `score` is how often a first hit as near as this was the right one."""

    entry: str
    question: str
    score: float
    answer: str
    answer_en: str


class Search:
    """Reads the FAQ; safe to share between tasks."""

    def __init__(self, knowledge: Knowledge, trained: Trained, index: Index) -> None:
        self._entries = knowledge.entries
        self._by_id = {entry.id: entry for entry in knowledge.entries}
        self._for: dict[str, tuple[Entry, ...]] = {}
        for entry in knowledge.entries:
            for intent in dict.fromkeys(entry.intents):
                self._for[intent] = (*self._for.get(intent, ()), entry)
        self._rule = trained.rule
        self._index = index
        self._suggestions = Suggestions(knowledge.entries)
        self._last: tuple[str, int, list[Hit]] = ("", 0, [])

    def search(self, text: str, k: int = 3) -> list[Hit]:
        """The `k` nearest entries, best first; none when there is nothing to read in the text."""
        # In one turn several ask for the same text: whether it is about a rule, then what answers it.
        if self._last[:2] == (text, k):
            return list(self._last[2])
        hits = self._found(text, k)
        self._last = (text, k, hits)
        return list(hits)

    def _found(self, text: str, k: int) -> list[Hit]:
        if not core(text):
            return []
        near = self._index.nearness(text)
        fused = near.fused(self._rule.weight)
        scores = self._rule.scores(fused, near.evidence)
        best = np.argsort(-fused, kind="stable")[:k]
        return [self._hit(self._entries[at], float(scores[at])) for at in best]

    def first(self, known: Sequence[str], vectors: Vectors) -> list[str]:
        """The id of the entry nearest to each of the texts, which are entries' own; `vectors` are theirs."""
        fused = self._index.nearness_of(known, vectors).fused(self._rule.weight)
        return [self._entries[at].id for at in fused.argmax(axis=1).tolist()]

    def verdict(self, hits: Sequence[Hit]) -> Verdict:
        """`answer` the first hit, let the customer `choose` among them, or show `none`."""
        return self._rule.verdict([hit.score for hit in hits])

    def entry(self, entry_id: str) -> Entry:
        """The entry of this id; FaqError when there is none (an old button, say)."""
        try:
            return self._by_id[entry_id]
        except KeyError:
            raise FaqError(f"there is no FAQ entry {entry_id!r}") from None

    def for_intent(self, intent: str) -> tuple[Entry, ...]:
        """The entries that can answer this intent, in the order in which they are written."""
        return self._for.get(intent, ())

    def suggest(self, prefix: str, k: int = 5) -> list[str]:
        """Questions to offer while the customer is typing."""
        return self._suggestions.suggest(prefix, k)

    @staticmethod
    def _hit(entry: Entry, score: float) -> Hit:
        return Hit(entry.id, entry.question, round(score, 4), entry.answer, entry.answer_en)


class Reader:
    """A trained model, opened once: makes a search over what the shop knows, as often as that changes.

    FaqError when the model at `path` is missing or older than the FAQ's files.
    """

    def __init__(self, path: str | os.PathLike[str], knowledge: Knowledge) -> None:
        path = Path(path)
        trained = read_trained(path)
        if trained is None:
            raise FaqError(f"{path}: no trained FAQ here; run `python -m faq.train`")
        if trained.digest != knowledge.digest:
            raise FaqError(f"{path} is older than the FAQ's entries or settings; run `python -m faq.train`")
        self.encoder: Encoder = (
            StaticEncoder.load(path / ENCODER_DIR)
            if trained.encoder == STATIC
            else HubEncoder(trained.encoder)
        )
        self._trained = trained
        sayings = [one for page in knowledge.shipped_pages for one in page.sayings]
        # What the files say was read when it was trained; only the merchant's own sentences are read here.
        self.vectors = Remembering(
            self.encoder, dict(zip(sayings, np.load(path / VECTORS_FILE), strict=True))
        )

    def search(self, knowledge: Knowledge) -> Search:
        pages = knowledge.pages
        vectors = self.vectors.encode([one for page in pages for one in page.sayings])
        return Search(knowledge, self._trained, Index(pages, self.encoder, vectors))


def load(path: str | os.PathLike[str] = MODEL, knowledge: Knowledge | None = None) -> Search:
    """The search over the trained model at `path`; FaqError when it is missing or older than the entries."""
    knowledge = knowledge or read_knowledge()
    return Reader(path, knowledge).search(knowledge)
