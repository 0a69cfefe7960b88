"""Couriers and products by name, matched character by character with spaCy's EntityRuler."""

import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from bot.nlu.entity_rules import Found
from bot.nlu.normal import normal

Names = dict[str, dict[str, str]]
"""Entity to (name as it may be written: name as it is stored)."""


class Gazetteer:
    """Finds the names of a gazetteer in normalised texts, the longest where several fit."""

    def __init__(self, names: Names) -> None:
        # The ruler reads over a space between two characters: by what stands without any.
        self._names = {
            entity: {written.replace(" ", ""): stored for written, stored in known.items()}
            for entity, known in names.items()
        }
        self._any = _any_of({written for known in self._names.values() for written in known})
        self._read = _ruler(
            [
                {"label": entity, "pattern": written}
                for entity, known in sorted(names.items())
                for written in sorted(known)
            ]
        )

    def find(self, clean: str) -> list[Found]:
        """The names in a text, with the stored name as value."""
        if not self._any.search(clean):  # most turns name nothing, and spaCy takes its time to say so
            return []
        return [
            Found(
                span.label_,
                span.start_char,
                span.end_char,
                self._names[span.label_][span.text.replace(" ", "")],
            )
            for span in self._read(clean).ents
        ]


def read_names(path: Path) -> dict[str, str]:
    """Names from a file: each line a stored name and, after tabs, other ways to write it; # begins a note."""
    names: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            stored, *others = [part.strip() for part in line.split("\t") if part.strip()]
            names.update({normal(written).clean: stored for written in (stored, *others)})
    return names


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Finds nothing where the ruler finds nothing."""
    return re.compile("|".join(" ?".join(map(re.escape, name)) for name in sorted(names)) or r"(?!)")


def _ruler(patterns: Sequence[dict[str, str]]) -> Any:
    spacy = _spacy()
    language = spacy.blank("zh")  # its default segmenter cuts characters, which is what finds names best
    language.add_pipe("entity_ruler").add_patterns(list(patterns))
    return language


def _spacy() -> Any:
    """spaCy, without the torch that it would load if it could: 200 MB that character matching has no use for."""
    if "spacy" in sys.modules:
        return sys.modules["spacy"]
    absent = "torch" not in sys.modules
    if absent:
        cast("dict[str, Any]", sys.modules)["torch"] = None  # the import of a None fails
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old spellings in spaCy's own command line
            import spacy  # noqa: PLC0415 - see above
    finally:
        if absent:
            del sys.modules["torch"]
    return spacy
