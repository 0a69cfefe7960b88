"""Characters, syllables and words of a turn as numbered features; no library at reading time but numpy."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHARS, SOUNDS = (1, 4), (1, 3)


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
    """What was seen in training: feature to number, each feature's rarity, and how each character sounds."""

    numbers: dict[str, int]
    rarity: NDArray[np.float32]
    sounds: dict[str, str]

    def counts(self, signs: str, words: Sequence[str] = ()) -> Counts:
        """The features of a normalised text that were seen in training, rare ones weighing more."""
        seen: Counter[int] = Counter()
        known = self.numbers
        for feature in features(signs, self.sounds, words):
            number = known.get(feature)
            if number is not None:
                seen[number] += 1
        numbers = np.fromiter(sorted(seen), np.int32, len(seen))
        often = np.fromiter((seen[int(number)] for number in numbers), np.float32, len(seen))
        return scaled(numbers, (1 + np.log(often)) * self.rarity[numbers])


def scaled(numbers: NDArray[np.int32], weights: NDArray[np.float32]) -> Counts:
    """These features with their weights brought to length one."""
    length = math.sqrt(float(weights @ weights)) if len(weights) else 0.0
    return Counts(numbers, (weights / length).astype(np.float32) if length else weights.astype(np.float32))


def together(parts: Sequence[Counts]) -> Counts:
    """The features of several texts said in one turn."""
    numbers, places = np.unique(np.concatenate([part.numbers for part in parts]), return_inverse=True)
    weights = np.zeros(len(numbers), np.float32)
    np.add.at(weights, places, np.concatenate([part.weights for part in parts]))
    return scaled(numbers.astype(np.int32), weights)


def learn_vocabulary(
    texts: Sequence[tuple[str, Sequence[str]]], sounds: dict[str, str], at_least: int = 2
) -> Vocabulary:
    """The features that occur in at least `at_least` of the texts (normalised, each with its words)."""
    seen: Counter[str] = Counter()
    for signs, words in texts:
        seen.update(set(features(signs, sounds, words)))
    kept = sorted(feature for feature, often in seen.items() if often >= at_least)
    rarity = [math.log((1 + len(texts)) / (1 + seen[feature])) + 1 for feature in kept]
    return Vocabulary({feature: i for i, feature in enumerate(kept)}, np.array(rarity, np.float32), sounds)


def features(signs: str, sounds: dict[str, str], words: Iterable[str] = ()) -> Iterator[str]:
    """Every feature of a normalised text, as often as it occurs."""
    framed = f" {signs} "
    size = len(framed)
    for width in range(CHARS[0], CHARS[1] + 1):
        for start in range(size - width + 1):
            yield framed[start : start + width]
    spoken = [sounds.get(letter, letter) for letter in framed]
    for width in range(SOUNDS[0], SOUNDS[1] + 1):
        for start in range(size - width + 1):
            yield "~" + "-".join(spoken[start : start + width])
    for word in words:
        yield "#" + word
