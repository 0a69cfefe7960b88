"""What the merchant's FAQ answers, found by likeness to a customer's words."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from bot.console.likeness import Likeness

LEAST = 0.3


class Suggestion(msgspec.Struct, frozen=True):
    """A text to begin with; `source` says from where, `title` to what it was an answer, `by` whose it was."""

    text: str
    source: Literal["faq", "past"]
    title: str
    likeness: float
    by: str = ""


class Known(msgspec.Struct, frozen=True):
    """An answer of the merchant's FAQ, and the ways in which people ask for it; the first is its title."""

    texts: tuple[str, ...]
    answer: str
    answer_en: str


class KnownAnswers:
    """The FAQ by likeness, the same for everybody."""

    def __init__(self, entries: Sequence[Known] = ()) -> None:
        self.replace(entries)

    def replace(self, entries: Sequence[Known]) -> None:
        """Another edition of it; at once, since a thread of its own may bring it."""
        asked = [(text, entry) for entry in entries for text in entry.texts]
        self._all = (asked, Likeness(text for text, _ in asked))

    def near(self, words: str, lang: str) -> list[Suggestion]:
        """What is like enough, each answer once, the most like first."""
        best: dict[str, Suggestion] = {}
        asked, likeness = self._all
        for (_, entry), like in zip(asked, likeness.to(words), strict=True):
            text = entry.answer_en if lang.startswith("en") else entry.answer
            if like >= LEAST and (text not in best or best[text].likeness < like):
                best[text] = Suggestion(text, "faq", entry.texts[0], round(like, 3))
        return sorted(best.values(), key=lambda one: -one.likeness)
