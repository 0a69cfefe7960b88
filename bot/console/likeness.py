"""How alike two things are that people wrote: by the pairs of characters that they share."""

import math
import re
from collections import Counter
from collections.abc import Iterable

_LEFT_OUT = re.compile(r"[\W_]+")


class Likeness:
    """Some texts, to be asked which of them words are most like. Rare pairs of characters weigh more."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._pairs = [pairs(text) for text in texts]
        self._known = Counter(pair for found in self._pairs for pair in found)
        self._lengths = [self._weigh(found) for found in self._pairs]

    def to(self, words: str) -> list[float]:
        """For each text, in their order: 0 (nothing in common) to 1 (the same)."""
        asked = pairs(words)
        own = self._weigh(asked)
        if not own:
            return [0.0] * len(self._pairs)
        return [
            self._weigh(asked & found) / math.sqrt(own * length) if length else 0.0
            for found, length in zip(self._pairs, self._lengths, strict=True)
        ]

    def _weigh(self, found: Iterable[str]) -> float:
        total = len(self._pairs) + 1
        return sum(math.log(1 + total / (1 + self._known[pair])) ** 2 for pair in found)


def pairs(text: str) -> frozenset[str]:
    """The text's pairs of neighbouring characters, without punctuation and capitals."""
    plain = _LEFT_OUT.sub("", text.lower())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))
