"""Characters and syllables of a turn as numbered features; no library at reading time but numpy."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
        asked.sort()  # what is looked up in order is found sooner
        places = self.codes.searchsorted(asked)
        found = places[self.codes.take(places, mode="clip") == asked]
        first = np.ones(len(found) + 1, bool)  # and where one more would begin
        np.not_equal(found[1:], found[:-1], out=first[1:-1])
        begins = first.nonzero()[0]
        numbers = found[begins[:-1]]
        weights = self.rarity[numbers]
        if len(numbers) < len(found):
            weights = weights * (1 + np.log(begins[1:] - begins[:-1]))
        return scaled(numbers.astype(np.int32), weights)

    @cached_property
    def counts_of_saying(self) -> Callable[[str], Counts]:
        """`counts` of what the bot said, remembered: its sentences come again, with numbers and names as signs."""
        return lru_cache(maxsize=512)(self.counts)

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
    kinds, first, second = _features_of(len(signs))
    # What a feature has no second character for is the nought behind the text.
    letters = np.frombuffer(f" {signs} \0".encode("utf-32-le"), np.uint32).astype(np.int64)
    written: Codes = np.concatenate((letters, heard.take(letters, mode="clip")))
    found: Codes = kinds + (written.take(first) << _FIRST) + written.take(second)
    return found


@lru_cache(maxsize=128)
def _features_of(length: int) -> tuple[Codes, Codes, Codes]:
    """Of every feature of a text so long: its kind, and where its characters stand among letters and then sounds."""
    letters = np.arange(length + 2)
    spoken, inner, silent = letters + length + 3, letters[1:-1], np.full(length, length + 2)
    found = [(_LETTER, inner, silent), (_PAIR, letters[:-1], letters[1:])]
    found += [(_APART, inner[:-apart], inner[apart:]) for apart in range(2, REACH + 1)]
    found += [(_SOUND, spoken[1:-1], silent), (_SOUNDS, spoken[:-1], spoken[1:])]
    found += [
        (_BEGINS, inner[:1], letters[2:3]),
        (_ENDS, letters[-3:-2], inner[-1:]),
        (_LONG, silent[:1], silent[:1]),
    ]
    kinds = np.concatenate([np.full(len(first), kind << _KIND) for kind, first, _ in found])
    kinds[-1] |= _length(length) << _FIRST
    return (
        kinds,
        np.concatenate([first for _, first, _ in found]),
        np.concatenate([second for _, _, second in found]),
    )


def _heard(sounds: dict[str, str]) -> Codes:
    heard = np.arange(_SOUNDED, dtype=np.int64)
    numbers = {syllable: _SYLLABLES + n for n, syllable in enumerate(sorted(set(sounds.values())))}
    for letter, syllable in sounds.items():
        if ord(letter) < _SOUNDED:
            heard[ord(letter)] = numbers[syllable]
    return heard


def _length(letters: int) -> int:
    return min(6, round(math.log2(letters)))  # a bare word, a phrase … a story
