"""jieba with no more of its dictionary than the texts at hand need: 1 MB in a running bot instead of 70."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, cast

LONGEST_WORD = 8


class Cutter(Protocol):
    """What is used of a jieba tokenizer."""

    def tokenize(self, text: str, HMM: bool) -> Iterator[tuple[str, int, int]]: ...  # noqa: N803, FBT001 - jieba's


def dictionary_for(texts: Iterable[str], lexicon: Sequence[str]) -> dict[str, int]:
    """How often jieba expects each of its words that occurs in the texts; the shop's own words are always in."""
    import jieba  # noqa: PLC0415 - 70 MB that only training has to hold

    whole = jieba.Tokenizer()
    whole.initialize()
    kept: dict[str, int] = {}
    for text in set(texts):
        for start in range(len(text)):
            for end in range(start + 1, min(start + LONGEST_WORD, len(text)) + 1):
                expected = whole.FREQ.get(text[start:end], 0)
                if expected:
                    kept[text[start:end]] = int(expected)
    for word in lexicon:
        kept[word] = max(kept.get(word, 0), 20_000)
    return kept


def cutter_of(dictionary: dict[str, int]) -> Cutter:
    """A jieba tokenizer that knows these words."""
    import jieba  # noqa: PLC0415 - with the pipeline, not with this module

    jieba.setLogLevel("WARNING")
    lines = "".join(f"{word} {often}\n" for word, often in sorted(dictionary.items()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.txt"
        path.write_text(lines or "订单 1\n", encoding="utf-8")
        cutter = jieba.Tokenizer(str(path))
        cutter.tmp_dir, cutter.cache_file = folder, "words.cache"
        cutter.initialize()
    return cast("Cutter", cutter)


def cut(cutter: Cutter, text: str) -> list[tuple[str, int, int]]:
    """The words of a text with where they stand; spaces left out."""
    return [(word, start, end) for word, start, end in cutter.tokenize(text, HMM=False) if not word.isspace()]


def read_lexicon(path: Path) -> list[str]:
    """The shop's own words: the first column of each line; lines that begin with # are notes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0].strip() for line in lines if line.strip() and not line.startswith("#")]
