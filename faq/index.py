"""How near a shopper's words are to each entry: by words (BM25) and by meaning (vectors)."""

import logging
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import bm25s
import numpy as np
from numpy.typing import NDArray

from faq.encoder import Encoder, Vectors, unit
from faq.text import core, terms

Scores = NDArray[np.float32]

# Shares of the nearest single text against the entry as a whole (its texts and its answer together).
# Out of fold the whole ranks better; the single text is what makes a known phrasing stand out.
_NEAREST_BY_WORDS = 0.25
_NEAREST_BY_MEANING = 0.3
# Evidence from which saying more does not make a question clearer: five or six characters. Without the
# bound long tales were trusted for their length.
_ENOUGH = 50.0

# It tells at DEBUG whenever an index is built, and sets that level itself.
logging.getLogger("bm25s").setLevel(logging.WARNING)
_SENTENCE = re.compile(r"[\n。；：;:]")
_SHORTEST_SENTENCE = 4


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of one entry: how it is asked and how it is answered."""

    texts: tuple[str, ...]
    answer: str

    @property
    def sayings(self) -> tuple[str, ...]:
        """The texts, then the answer's sentences."""
        return _sayings(self.texts, self.answer)


@dataclass(frozen=True, slots=True)
class Nearness:
    """Per entry, how near the question is: by words and by meaning, each 0 to 1.

    `evidence` tells how much was said at all, as the logarithm of what its rarer terms weigh: two common
    words may be very near to an entry without meaning it.
    """

    lexical: Scores
    dense: Scores
    evidence: float | Scores

    def fused(self, weight: float) -> Scores:
        """Both together; `weight` is the share of the words."""
        mixed: Scores = np.float32(weight) * self.lexical + np.float32(1 - weight) * self.dense
        return mixed


class Bm25:
    """BM25 over characters, pairs of characters and words, as a share of what the question could reach.

    The share, not the sum, because only a share says when nothing is near: a term that no document has
    counts against all of them.
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        corpus = [list(document) or [""] for document in documents]
        seen = Counter(term for document in corpus for term in set(document))
        count = len(corpus)
        self._weight = {term: math.log(1 + (count - n + 0.5) / (n + 0.5)) for term, n in seen.items()}
        self._unseen = math.log(1 + (count + 0.5) / 0.5)
        index = bm25s.BM25(k1=1.2, b=0.5, method="lucene")
        index.index(corpus, show_progress=False)
        self._worth, self._where = index.scores["data"], index.scores["indices"]
        begins = index.scores["indptr"]
        self._stretch = {
            term: slice(begins[at], begins[at + 1]) for term, at in index.vocab_dict.items() if term
        }
        self._count = count
        self._none = np.zeros(count, dtype=np.float32)

    def scores(self, asked: Sequence[str], reach: float | None = None) -> Scores:
        """One score per document for the question's terms, 0 to 1; `reach` is theirs, where it is known already."""
        known = [stretch for term in asked if (stretch := self._stretch.get(term)) is not None]
        if not known:
            return self._none
        # The library adds up term by term, which takes longer than everything else that a search does.
        worth = np.concatenate([self._worth[stretch] for stretch in known])
        where = np.concatenate([self._where[stretch] for stretch in known])
        summed = np.bincount(where, weights=worth, minlength=self._count)
        return (summed / (self.reach(asked) if reach is None else reach)).astype(np.float32)

    def reach(self, asked: Sequence[str]) -> float:
        """The sum that a document with all of the question's terms would come near to."""
        weight, unseen = self._weight.get, self._unseen
        return sum([weight(term, unseen) for term in asked])


class Index:
    """All pages, searchable. `vectors` are those of the pages' sayings, when they are known already."""

    def __init__(self, pages: Sequence[Page], encoder: Encoder, vectors: Vectors | None = None) -> None:
        texts = [[_written(text) for text in page.texts] for page in pages]
        self._starts = np.cumsum([0, *(len(page) for page in texts[:-1])])
        self._by_text = Bm25([text for page in texts for text in page])
        self._by_page = Bm25(
            [[*(term for text in own for term in text), *_written(page.answer)]
             for own, page in zip(texts, pages, strict=True)]
        )  # fmt: skip
        sayings = [page.sayings for page in pages]
        self._encoder = encoder
        self.vectors = (
            encoder.encode([one for page in sayings for one in page]) if vectors is None else vectors
        )
        begins = np.cumsum([0, *(len(page) for page in sayings[:-1])])
        self._middles = unit(np.add.reduceat(self.vectors, begins, axis=0))
        asked = np.concatenate(
            [begin + np.arange(len(page.texts)) for begin, page in zip(begins, pages, strict=True)]
        )
        self._asked = self.vectors[asked]

    def nearness(self, text: str) -> Nearness:
        lexical, evidence = self._by_words(terms(text))
        return Nearness(lexical, self._by_meaning(self._encoder.encode([text])[0]), evidence)

    def nearness_of(self, known: Sequence[str], vectors: Vectors) -> Nearness:
        """A row for each of the texts; `vectors` are theirs. Their terms are kept: for what entries say."""
        by_words = [self._by_words(_written(text)) for text in known]
        lexical = np.stack([lexical for lexical, _ in by_words])
        evidence = np.array([evidence for _, evidence in by_words], dtype=np.float32)
        return Nearness(lexical, self._by_meaning(vectors.T).T, evidence)

    def _by_words(self, words: Sequence[str]) -> tuple[Scores, float]:
        """How near each page is, and the evidence."""
        reach = self._by_page.reach(words)
        nearest = np.maximum.reduceat(self._by_text.scores(words), self._starts)
        lexical = _mixed(nearest, self._by_page.scores(words, reach), _NEAREST_BY_WORDS)
        return lexical, math.log1p(min(reach, _ENOUGH))

    def _by_meaning(self, meaning: Vectors) -> Scores:
        """How near each page is to a vector, or to each column of several."""
        nearest = np.maximum.reduceat(self._asked @ meaning, self._starts)
        dense = _mixed(nearest, self._middles @ meaning, _NEAREST_BY_MEANING)
        near: Scores = dense.clip(0, 1)
        return near


@lru_cache(maxsize=1024)
def _sayings(texts: tuple[str, ...], answer: str) -> tuple[str, ...]:
    """Kept as what is `_written`."""
    return (*texts, *(part for part in _SENTENCE.split(answer) if len(core(part)) >= _SHORTEST_SENTENCE))


@lru_cache(maxsize=4096)
def _written(text: str) -> tuple[str, ...]:
    """The terms of an entry's text, kept: with each edition and draft nearly all of them come again."""
    return tuple(terms(text))


def _mixed(nearest: Scores, whole: Scores, share: float) -> Scores:
    mixed: Scores = np.float32(share) * nearest + np.float32(1 - share) * whole
    return mixed
