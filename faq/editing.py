"""What whoever writes an entry wants to know meanwhile: what is wrong, what is like it, what shoppers would get."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from faq.entry import FEWEST_PHRASINGS, SHOP, Entry, Shop, filled, load_shop, read_entries
from faq.knowledge import MODEL, Knowledge, read_knowledge
from faq.lint import NEAR as SAME_PAIRS, likeness_of_pairs
from faq.own import Own, merged
from faq.rule import Verdict
from faq.search import Hit, Reader, Search
from faq.text import core

# Of the shipped phrasings one in a hundred is so like one of another entry, and one in seven so like as ALIKE.
SAME = 0.93
ALIKE = 0.85
_TOLD = 8


class Problem(NamedTuple):
    """Why an entry can't be published: the field, what is wrong with it, and the name that it is about."""

    field: str
    code: str
    what: str = ""


class Alike(NamedTuple):
    """A text of the draft beside one of another entry; `same` when only one of them should stay."""

    text: str
    entry: str
    question: str
    other: str
    likeness: float
    same: bool


class Moved(NamedTuple):
    """Words of another entry that find the draft first, once it is published."""

    text: str
    entry: str
    question: str


@dataclass(frozen=True)
class Tried:
    """The FAQ with a draft in it, searched as the running one is."""

    search: Search
    entries: tuple[Entry, ...]


class Bench:
    """Works on the files and the trained model of this installation; every call may take a second.

    Opened with the first call. FaqError when there is no trained model.
    """

    def __init__(self, model: Path = MODEL) -> None:
        self._model = model
        self._knowledge: Knowledge | None = None
        self._reader: Reader | None = None
        self._tried: tuple[tuple[Own, Entry | None], Tried] | None = None

    @staticmethod
    def shipped() -> tuple[Entry, ...]:
        """The entries of the files as they are written, with `{names}` for the shop's values."""
        return tuple(
            msgspec.structs.replace(entry, answer=entry.answer.strip(), answer_en=entry.answer_en.strip())
            for entry, _ in read_entries()
        )

    @staticmethod
    def shop() -> Shop:
        return load_shop(SHOP)

    def tried(self, own: Own, draft: Entry | None = None) -> Tried:
        """What is published, with the draft in its place."""
        if self._tried is None or self._tried[0] != (own, draft):
            self._tried = ((own, draft), self._try(own, draft))
        return self._tried[1]

    def asked(self, own: Own, draft: Entry | None, words: str) -> tuple[Verdict, list[Hit]]:
        """What a shopper's words find, and what becomes of it."""
        search = self.tried(own, draft).search
        hits = search.search(words)
        return search.verdict(hits), hits

    def alike(self, own: Own, draft: Entry) -> list[Alike]:
        """Texts of other entries that are like the draft's, by the encoder; the likest first."""
        tried = self.tried(own, draft)
        others = [(entry, text) for entry in tried.entries if entry.id != draft.id for text in entry.texts]
        texts = [text for text in dict.fromkeys(draft.texts) if core(text)]
        reader = self._reader
        if not texts or not others or reader is None:
            return []
        near = reader.encoder.encode(texts) @ reader.vectors.encode([text for _, text in others]).T
        found: list[Alike] = []
        for text, row in zip(texts, near, strict=True):
            at = int(np.argmax(row))
            entry, other = others[at]
            like = float(row[at])
            if like >= ALIKE:
                same = like >= SAME or likeness_of_pairs(text, other) >= SAME_PAIRS
                found.append(Alike(text, entry.id, entry.question, other, round(like, 3), same))
        return sorted(found, key=lambda one: (-one.same, -one.likeness))[:_TOLD]

    def moved(self, own: Own, draft: Entry) -> list[Moved]:
        """Known words of other entries that would find the draft, and do not now."""
        before, after = self._try(own, None), self.tried(own, draft)
        others = [(entry, text) for entry in before.entries if entry.id != draft.id for text in entry.texts]
        texts = [text for _, text in others]
        if not texts or self._reader is None:
            return []
        vectors = self._reader.vectors.encode(texts)
        first = zip(before.search.first(texts, vectors), after.search.first(texts, vectors), strict=True)
        found = [
            Moved(text, entry.id, entry.question)
            for (entry, text), told in zip(others, first, strict=True)
            if told == (entry.id, draft.id)
        ]
        return found[:_TOLD]

    def problems(self, draft: Entry, known: Sequence[str]) -> list[Problem]:
        """Why it can't be published; `known` are the ids that there are."""
        shop, found = self.shop(), []
        for field in ("question", "answer", "answer_en"):
            text = getattr(draft, field)
            if not text.strip():
                found.append(Problem(field, "empty"))
            found += [Problem(field, "no_value", name) for name in dict.fromkeys(shop.missing(text))]
        if len(draft.phrasings) < FEWEST_PHRASINGS:
            found.append(Problem("phrasings", "few", str(FEWEST_PHRASINGS)))
        twice = [text for text in dict.fromkeys(draft.texts) if draft.texts.count(text) > 1]
        found += [Problem("phrasings", "twice", text) for text in twice]
        found += [Problem("phrasings", "unreadable", text) for text in draft.phrasings if not core(text)]
        return found + [Problem("related", "unknown", other) for other in draft.related if other not in known]

    def _try(self, own: Own, draft: Entry | None) -> Tried:
        if self._knowledge is None or self._reader is None:
            self._knowledge = read_knowledge()
            self._reader = Reader(self._model, self._knowledge)
        shipped = self._knowledge
        entries = merged(shipped.entries, own, self.shop())
        if draft is not None:
            full = filled_as_far(draft, self.shop())
            entries = (*(entry for entry in entries if entry.id != draft.id), full)
        changed = Knowledge(entries, shipped.out_of_scope, shipped.encoder, shipped.entries)
        return Tried(self._reader.search(changed), entries)


def filled_as_far(draft: Entry, shop: Shop) -> Entry:
    """A draft with the shop's values; a name that the shop does not have stays as it is written."""
    lacking = {name: f"{{{name}}}" for text in _sentences(draft) for name in shop.missing(text)}
    return filled(draft, Shop({**shop.values, **lacking}, shop.encoder), draft.id)


def _sentences(draft: Entry) -> tuple[str, str, str]:
    return draft.question, draft.answer, draft.answer_en
