"""Characters and syllables of a turn as numbered features; no library at reading time but numpy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.saved import load_arrays, load_values, save_arrays, save_values

REACH = 8
"""How many characters apart a pair may stand."""
_FORM = 0.5
"""What how a turn begins, ends and how long it is weighs against what is in it."""
# A feature is one number: its kind, and the two characters or syllables that it is made of.
_FIRST, _KIND = 21, 42
_LETTER, _PAIR, _APART, _SOUND, _SOUNDS, _BEGINS, _ENDS, _LONG = range(8)
_SOUNDED, _SYLLABLES = 0x10000, 0x110000
"""Characters beyond the first plane are not read aloud; syllables are numbered after the last character."""
Codes = NDArray[np.int64]


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
    """What was seen in training: the features' codes in order, each one's weight by rarity, and how characters sound."""

    codes: Codes
    rarity: NDArray[np.float32]
    sounds: dict[str, str]

    @cached_property
    def heard(self) -> Codes:
        """The sound of each of the first 65,536 characters; one without a syllable sounds like itself."""
        return _heard(self.sounds)

    def counts(self, signs: str) -> Counts:
        """The features of a normalised text that were seen in training, rare ones weighing more."""
        if not signs or not len(self.codes):
            return Counts(np.zeros(0, np.int32), np.zeros(0, np.float32))
        asked = feature_codes(signs, self.heard)
        places = np.minimum(np.searchsorted(self.codes, asked), len(self.codes) - 1)
        found = np.sort(places[self.codes[places] == asked])
        first = np.ones(len(found), bool)
        first[1:] = found[1:] != found[:-1]
        numbers = found[first]
        weights = self.rarity[numbers]
        if len(numbers) < len(found):
            often = np.diff(np.append(np.flatnonzero(first), len(found)))
            weights = weights * (1 + np.log(often))
        return scaled(numbers.astype(np.int32), weights)

    def save(self, folder: Path) -> None:
        """Write it into a component's folder."""
        save_arrays(folder / "vocabulary.npz", {"codes": self.codes, "rarity": self.rarity})
        save_values(folder / "sounds.json", self.sounds)

    @classmethod
    def opened(cls, folder: Path) -> "Vocabulary":
        """The vocabulary that `save` wrote."""
        arrays = load_arrays(folder / "vocabulary.npz")
        return cls(arrays["codes"], arrays["rarity"], load_values(folder / "sounds.json"))


def scaled(numbers: NDArray[np.int32], weights: NDArray[np.float32]) -> Counts:
    """These features with their weights brought to length one."""
    length = math.sqrt(float(weights @ weights)) if len(weights) else 0.0
    return Counts(numbers, (weights / length).astype(np.float32) if length else weights.astype(np.float32))


def learn_vocabulary(texts: Sequence[str], sounds: dict[str, str], at_least: int = 1) -> Vocabulary:
    """The features that occur in at least `at_least` of the normalised texts."""
    heard = _heard(sounds)
    seen = [np.unique(feature_codes(signs, heard)) for signs in texts]
    codes, often = np.unique(np.concatenate([*seen, np.zeros(0, np.int64)]), return_counts=True)
    codes, often = codes[often >= at_least], often[often >= at_least]
    rarity = np.log((1 + len(texts)) / (1 + often)) + 1
    rarity[codes >> _KIND >= _BEGINS] *= _FORM
    return Vocabulary(codes, rarity.astype(np.float32), sounds)


def feature_codes(signs: str, heard: Codes) -> Codes:
    """Every feature of a normalised text, as often as it occurs: characters, syllables, and pairs of each.

    Pairs of characters that stand up to `REACH` apart keep what belongs together when a shopper
    puts particles, a colour or an excuse in between.
    """
    if not signs:
        return np.zeros(0, np.int64)
    letters = np.frombuffer(f" {signs} ".encode("utf-32-le"), np.uint32).astype(np.int64)
    spoken = heard[np.minimum(letters, len(heard) - 1)]
    inner = letters[1:-1]
    found = [_code(_LETTER, inner), _code(_PAIR, letters[:-1], letters[1:])]
    found += [_code(_APART, inner[:-apart], inner[apart:]) for apart in range(2, REACH + 1)]
    found += [_code(_SOUND, spoken[1:-1]), _code(_SOUNDS, spoken[:-1], spoken[1:])]
    found += [_code(_BEGINS, inner[:1], letters[2:3]), _code(_ENDS, letters[-3:-2], inner[-1:])]
    found.append(_code(_LONG, np.array([_length(signs)], np.int64)))
    return np.concatenate(found)


def _code(kind: int, first: Codes, second: Codes | int = 0) -> Codes:
    return (kind << _KIND) | (first << _FIRST) | second


def _heard(sounds: dict[str, str]) -> Codes:
    heard = np.arange(_SOUNDED, dtype=np.int64)
    numbers = {syllable: _SYLLABLES + n for n, syllable in enumerate(sorted(set(sounds.values())))}
    for letter, syllable in sounds.items():
        if ord(letter) < _SOUNDED:
            heard[ord(letter)] = numbers[syllable]
    return heard


def _length(signs: str) -> int:
    return min(6, round(math.log2(len(signs))))  # a bare word, a phrase … a story
