"""What the shop knows: FAQ entries by topic, and the merchant's own values that fill them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

HOME = Path(__file__).parent
ENTRIES = HOME / "entries"
SHOP = HOME / "shop.yml"
OUT_OF_SCOPE = HOME / "out_of_scope.yml"

_ID = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z0-9]+(?:_[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
FEWEST_PHRASINGS = 4

T = TypeVar("T")


class FaqError(Exception):
    """The FAQ cannot be used as it stands; the sentence says what to mend and where."""


class EntryError(FaqError):
    """An entry, or the shop's values, is incomplete or contradicts another."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question the shop can answer from knowledge, with the ways in which shoppers ask it."""

    id: str
    question: str
    phrasings: tuple[str, ...]
    answer: str
    answer_en: str
    intents: tuple[str, ...] = ()
    related: tuple[str, ...] = ()

    @property
    def topic(self) -> str:
        return self.id.partition(".")[0]

    @property
    def texts(self) -> tuple[str, ...]:
        """The question and every phrasing: what a shopper's words are compared with."""
        return (self.question, *self.phrasings)


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A merchant's value as a Chinese and an English sentence say it."""

    zh: str
    en: str


class Shop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The merchant's side of the FAQ: which encoder reads the questions, and what fills the answers."""

    values: Mapping[str, str | int | float | Value]
    encoder: str = "static"

    def missing(self, text: str) -> list[str]:
        """The `{names}` in a text that this shop has no value for."""
        return [name for name in _PLACEHOLDER.findall(text) if name not in self.values]

    def fill(self, text: str, lang: str, where: str) -> str:
        """The text with every `{name}` replaced; EntryError when shop.yml has no such name."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name not in self.values:
                known = ", ".join(sorted(self.values))
                raise EntryError(f"{where}: {{{name}}} is not in shop.yml, which has: {known}")
            given = self.values[name]
            if isinstance(given, Value):
                return given.zh if lang == "zh" else given.en
            return str(given)

        return _PLACEHOLDER.sub(value, text)


def load_shop(path: Path = SHOP) -> Shop:
    """The merchant's values; EntryError names the field that is wrong."""
    return _converted(_yaml(path), Shop, str(path))


def load_entries(path: Path = ENTRIES, shop: Shop | None = None) -> tuple[Entry, ...]:
    """Every entry under `path`, filled with the shop's values, in the order of file names and lines.

    EntryError names the file, the entry and the field.
    """
    shop = shop or load_shop()
    return tuple(filled(entry, shop, where) for entry, where in read_entries(path))


def read_entries(path: Path = ENTRIES) -> tuple[tuple[Entry, str], ...]:
    """Every entry under `path` as it is written, with `{names}` for the shop's values, and where it stands.

    EntryError names the file, the entry and the field.
    """
    files = sorted(path.glob("*.yml"))
    if not files:
        raise EntryError(f"{path}: no *.yml with FAQ entries here")
    seen: dict[str, Path] = {}
    loaded: list[tuple[Entry, str]] = []
    for file in files:
        for entry, where in _entries_of(file):
            if entry.id in seen:
                raise EntryError(f"{file}: field `id`: {entry.id} is also in {seen[entry.id]}")
            seen[entry.id] = file
            loaded.append((entry, where))
    for entry, _ in loaded:
        for other in entry.related:
            if other not in seen:
                raise EntryError(f"{seen[entry.id]}: {entry.id}: field `related`: there is no entry {other}")
    return tuple(loaded)


def filled(entry: Entry, shop: Shop, where: str) -> Entry:
    """The entry with the shop's values in its sentences; EntryError when the shop has no such value."""
    return msgspec.structs.replace(
        entry,
        question=shop.fill(entry.question, "zh", f"{where}: field `question`"),
        answer=shop.fill(entry.answer.strip(), "zh", f"{where}: field `answer`"),
        answer_en=shop.fill(entry.answer_en.strip(), "en", f"{where}: field `answer_en`"),
    )


def load_out_of_scope(path: Path = OUT_OF_SCOPE) -> tuple[str, ...]:
    """Lines that no entry answers; training learns from them when to say nothing."""
    return _converted(_yaml(path), tuple[str, ...], str(path))


def _entries_of(file: Path) -> Iterator[tuple[Entry, str]]:
    data = _yaml(file)
    if not isinstance(data, list):
        raise EntryError(f"{file}: expected a list of entries")
    for number, raw in enumerate(data, 1):
        name = raw.get("id", f"number {number}") if isinstance(raw, dict) else f"number {number}"
        where = f"{file}: entry {name}"
        entry = _converted(raw, Entry, where)
        _check(entry, file.stem, where)
        yield entry, where


def is_id(name: str) -> bool:
    """Whether an entry may be called so: `topic.what_it_is`."""
    return _ID.fullmatch(name) is not None


def _check(entry: Entry, topic: str, where: str) -> None:
    if not is_id(entry.id) or entry.topic != topic:
        raise EntryError(f"{where}: field `id`: expected {topic}.<lower_case_name>")
    for field in ("question", "answer", "answer_en"):
        if not getattr(entry, field).strip():
            raise EntryError(f"{where}: field `{field}` is empty")
    if len(entry.phrasings) < FEWEST_PHRASINGS:
        raise EntryError(
            f"{where}: field `phrasings`: {len(entry.phrasings)}, at least {FEWEST_PHRASINGS} needed"
        )
    if len(set(entry.texts)) < len(entry.texts):
        raise EntryError(f"{where}: field `phrasings`: one of them stands there twice")


def _yaml(path: Path) -> Any:
    try:
        # By libyaml: Python's own reader takes seconds for these files on a busy machine, at each edition.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise EntryError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise EntryError(f"{path}: not YAML: {error}") from error


def _converted(raw: Any, kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise EntryError(f"{where}: {error}") from error
