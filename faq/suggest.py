"""Questions offered while the customer is still typing; needs neither BM25 nor vectors."""

from collections.abc import Iterable, Sequence

from faq.entry import Entry
from faq.text import core

_STARTS, _HOLDS, _IN_ORDER = range(3)
_SHORTEST_LOOSE = 2


class Suggestions:
    """The entries' questions, found by what stands at the beginning of, in, or scattered over a phrasing."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._known = [(entry.question, [core(text) for text in entry.texts]) for entry in entries]

    def suggest(self, prefix: str, k: int = 5) -> list[str]:
        """At most `k` questions, best first; none for an empty prefix."""
        wanted = core(prefix).replace(" ", "")
        if not wanted:
            return []
        found: list[tuple[int, int, int, str]] = []
        for number, (question, texts) in enumerate(self._known):
            rank = min((_rank(wanted, text) for text in texts), default=None, key=lambda one: one[0])
            if rank is not None and rank[0] <= _IN_ORDER:
                found.append((*rank, number, question))
        return [question for *_, question in sorted(found)[:k]]


def _rank(wanted: str, text: str) -> tuple[int, int]:
    if text.startswith(wanted):
        return _STARTS, len(text)
    if wanted in text:
        return _HOLDS, len(text)
    if len(wanted) > _SHORTEST_LOOSE and _in_order(wanted, text):
        return _IN_ORDER, len(text)
    return _IN_ORDER + 1, len(text)


def _in_order(wanted: Sequence[str], text: str) -> bool:
    left = iter(text)
    return all(char in left for char in wanted)
