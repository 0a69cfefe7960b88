"""Characters and syllables of a turn as numbered features; no library at reading time but numpy."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

REACH = 8
"""How many characters apart a pair may stand."""
_FORM = 0.5
"""What how a turn begins, ends and how long it is weighs against what is in it."""
_FORMS = _BEGINS, _ENDS, _LONG = "Ⓑ>", "Ⓔ>", "Ⓛ>"
"""What these features begin with: no typed letter (`normal` lets none of them through before a >)."""


@dataclass(frozen=True)
class Counts:
    """A text's features: their numbers (sorted, each once) and weights; length one unless it is empty."""

    numbers: NDArray[np.int32]
    weights: NDArray[np.float32]

    def fingerprint(self) -> str:
        """What Rasa's cache may compare it by."""
        return f"{self.numbers.tobytes().hex()}:{self.weights.tobytes().hex()}"


@dataclass(frozen=True)
class Vocabulary:
    """What was seen in training: feature to number, each feature's weight by rarity, and how each character sounds."""

    numbers: dict[str, int]
    rarity: NDArray[np.float32]
    sounds: dict[str, str]

    def counts(self, signs: str) -> Counts:
        """The features of a normalised text that were seen in training, rare ones weighing more."""
        known = self.numbers
        found = [
            number for feature in features(signs, self.sounds) if (number := known.get(feature)) is not None
        ]
        numbers, often = np.unique(np.array(found, np.int32), return_counts=True)
        return scaled(numbers, (1 + np.log(often)) * self.rarity[numbers])


def scaled(numbers: NDArray[np.int32], weights: NDArray[np.float32]) -> Counts:
    """These features with their weights brought to length one."""
    length = math.sqrt(float(weights @ weights)) if len(weights) else 0.0
    return Counts(numbers, (weights / length).astype(np.float32) if length else weights.astype(np.float32))


def learn_vocabulary(texts: Sequence[str], sounds: dict[str, str], at_least: int = 1) -> Vocabulary:
    """The features that occur in at least `at_least` of the normalised texts."""
    seen: Counter[str] = Counter()
    for signs in texts:
        seen.update(set(features(signs, sounds)))
    kept = sorted(feature for feature, often in seen.items() if often >= at_least)
    rarity = [
        (math.log((1 + len(texts)) / (1 + seen[feature])) + 1) * (_FORM if feature.startswith(_FORMS) else 1)
        for feature in kept
    ]
    return Vocabulary({feature: i for i, feature in enumerate(kept)}, np.array(rarity, np.float32), sounds)


def features(signs: str, sounds: dict[str, str]) -> list[str]:
    """Every feature of a normalised text, as often as it occurs: characters, syllables, and pairs of each.

    Pairs of characters that stand up to `REACH` apart keep what belongs together when a shopper
    puts particles, a colour or an excuse in between.
    """
    if not signs:
        return []
    spoken = ["~" + sounds.get(letter, letter) for letter in signs]
    framed, heard = f" {signs} ", ["~ ", *spoken, "~ "]
    found = [*signs, *spoken]
    found += [framed[place : place + 2] for place in range(len(framed) - 1)]
    found += [first + second for first, second in pairwise(heard)]
    for apart in range(2, REACH + 1):
        found += [first + "_" + second for first, second in zip(signs, signs[apart:], strict=False)]
    found += [f"{_BEGINS}{signs[:2]}", f"{_ENDS}{signs[-2:]}", f"{_LONG}{_length(signs)}"]
    return found


def _length(signs: str) -> int:
    return min(6, round(math.log2(len(signs))))  # a bare word, a phrase … a story
