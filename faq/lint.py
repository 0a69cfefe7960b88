"""`python -m faq.lint`: phrasings that stand, nearly the same, under two entries."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

from faq.entry import Entry, FaqError, load_entries
from faq.text import core

NEAR = 0.8  # share of common character pairs from which two phrasings count as nearly the same
_TOLD = 40


class Pair(NamedTuple):
    """Two phrasings of two entries, and the share of character pairs they have in common."""

    likeness: float
    first: str
    first_text: str
    second: str
    second_text: str


def near_duplicates(entries: Sequence[Entry], near: float = NEAR) -> list[Pair]:
    """Pairs of phrasings of different entries that are nearly the same, the likest first."""
    known = [(entry.id, text, _pairs(text)) for entry in entries for text in entry.texts]
    found: list[Pair] = []
    for at, (first, first_text, ours) in enumerate(known):
        for second, second_text, theirs in known[at + 1 :]:
            if first == second or not ours or not theirs:
                continue
            likeness = _shared(ours, theirs)
            if likeness >= near:
                found.append(Pair(likeness, first, first_text, second, second_text))
    return sorted(found, reverse=True)


def likeness_of_pairs(one: str, other: str) -> float:
    """The share of character pairs that two texts have in common."""
    return _shared(_pairs(one), _pairs(other))


def _shared(ours: frozenset[str], theirs: frozenset[str]) -> float:
    return len(ours & theirs) / max(len(ours | theirs), 1)


def _pairs(text: str) -> frozenset[str]:
    plain = f"^{core(text).replace(' ', '')}$"
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def main() -> int:
    """Prints the near-duplicates; 1 when there are any or the entries cannot be read."""
    try:
        found = near_duplicates(load_entries())
    except FaqError as error:
        print(f"faq.lint: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    for pair in found[:_TOLD]:
        print(  # noqa: T201
            f"{pair.likeness:.2f}  {pair.first} 「{pair.first_text}」  {pair.second} 「{pair.second_text}」"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
