"""jieba with its whole dictionary in a file that all processes share: 2 MB of pages instead of 70 MB in each."""

import os
import struct
import tempfile
import warnings
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol, cast

import marisa_trie

_FOLDER = Path(__file__).parent.parent / "models"
_ROW = "<I"
_ALL = " all"
"""Under which the sum of all frequencies stands; jieba asks for nothing with a space in it."""


class Cutter(Protocol):
    """What is used of a jieba tokenizer."""

    def cut(self, text: str) -> Any:
        """The words of a text, in order."""


@cache
def cutter() -> Cutter:
    """The tokenizer of jieba, cutting as it always does; made at the first call, the file at the first of all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about jieba's own old code, which we can't mend
        import jieba  # noqa: PLC0415 - its dictionary is read at the first question only

    jieba.setLogLevel("WARNING")
    # Our own: words that somebody else adds must not change the answers.
    made = jieba.Tokenizer()
    kept = _FOLDER / f"words-jieba-{jieba.__version__}.marisa"
    words = _read(kept)
    if words is None:
        made.initialize()
        words = _write(kept, made.FREQ, made.total)
    made.FREQ, made.total, made.initialized = _Frequencies(words), words[_ALL][0][0], True
    return cast("Cutter", made)


class _Frequencies:
    """What jieba asks of its dictionary: is it a word or the beginning of one, and how often does it occur."""

    def __init__(self, words: Any) -> None:
        def often(word: str) -> int | None:
            found = words.get(word)
            return found[0][0] if found else None

        # Few words make up most of what is said, and each is asked for several times.
        self._often = lru_cache(maxsize=8192)(often)

    def __contains__(self, word: str) -> bool:
        return self._often(word) is not None

    def __getitem__(self, word: str) -> int:
        often = self._often(word)
        if often is None:
            raise KeyError(word)
        return often

    def get(self, word: str, default: int | None = None) -> int | None:
        """How often; 0 for what is only the beginning of words."""
        often = self._often(word)
        return default if often is None else often


def _read(path: Path) -> Any:
    """The dictionary as it was written; None when it was not, or not by this version."""
    words = marisa_trie.RecordTrie(_ROW)
    try:
        words.mmap(str(path))
        known = _ALL in words
    except (OSError, RuntimeError, struct.error):
        return None
    return words if known else None


def _write(path: Path, frequencies: dict[str, int], total: int) -> Any:
    """The same dictionary small; in a file if it may be written, else in this process alone."""
    rows = ((word, (often,)) for word, often in (*frequencies.items(), (_ALL, total)))
    words = marisa_trie.RecordTrie(_ROW, rows)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Under its name only when whole: several processes may begin at once.
        handle, half = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        os.close(handle)
        words.save(half)
        Path(half).replace(path)
    return _read(path) or words
