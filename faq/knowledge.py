"""What was trained, on what, and whether that still is what the shop knows."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from faq.entry import ENTRIES, HOME, OUT_OF_SCOPE, SHOP, Entry, load_out_of_scope, load_shop, read_entries
from faq.index import Page
from faq.own import told_by
from faq.rule import Rule

MODEL = Path(__file__).parent.parent / "models" / "faq"
ENCODER_DIR = "encoder"
VECTORS_FILE = "vectors.npy"
TRAINED_FILE = "trained.json"

# Raised when the same entries give another model: terms, training, layout of the files.
_LAYOUT = 3


class Trained(msgspec.Struct, frozen=True):
    """What stands beside a trained model."""

    digest: str
    encoder: str
    rule: Rule
    measured: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The entries, the lines that no entry answers, and the encoder that is to read them.

    `shipped` are the entries of the files, where the merchant's own changed `entries`.
    """

    entries: tuple[Entry, ...]
    out_of_scope: tuple[str, ...]
    encoder: str
    shipped: tuple[Entry, ...] | None = None

    @property
    def pages(self) -> list[Page]:
        return pages_of(self.entries)

    @property
    def shipped_pages(self) -> list[Page]:
        """What a trained model has the vectors of; the merchant's own are read when it is loaded."""
        return pages_of(self.entries if self.shipped is None else self.shipped)

    @property
    def digest(self) -> str:
        """Changes with the files, the encoder's name and the code. Own entries need no new training."""
        read = [
            _LAYOUT,
            self.encoder,
            self.out_of_scope,
            [
                (entry.id, entry.texts, entry.answer)
                for entry in (self.entries if self.shipped is None else self.shipped)
            ],
        ]
        return hashlib.sha256(msgspec.json.encode(read)).hexdigest()


def pages_of(entries: tuple[Entry, ...]) -> list[Page]:
    return [Page(entry.texts, entry.answer) for entry in entries]


def own_file() -> Path:
    """Where a process finds what was published in the console: `faq.json` in the data folder."""
    return HOME.parent / (os.environ.get("XIAOER_DATA", "").strip() or "var") / "faq.json"


def read_knowledge(
    entries: Path = ENTRIES, shop: Path = SHOP, out_of_scope: Path = OUT_OF_SCOPE, own: Path | None = None
) -> Knowledge:
    """What the shop knows now, with the merchant's `own` entries where a file of them is named.

    The environment's XIAOER_FAQ_ENCODER goes before shop.yml.
    """
    values = load_shop(shop)
    encoder = os.environ.get("XIAOER_FAQ_ENCODER", "").strip() or values.encoder
    shipped = read_entries(entries)
    told, changed = told_by(shipped, values, own)
    return Knowledge(changed, load_out_of_scope(out_of_scope), encoder, told)


def read_trained(path: Path = MODEL) -> Trained | None:
    """What was trained last, or None when nothing whole stands there."""
    try:
        return msgspec.json.decode((path / TRAINED_FILE).read_bytes(), type=Trained)
    except (OSError, msgspec.DecodeError):
        return None


def is_stale(path: Path = MODEL, knowledge: Knowledge | None = None) -> bool:
    """Whether the model is missing, or older than the entries, the encoder's name or the code."""
    trained = read_trained(path)
    return trained is None or trained.digest != (knowledge or read_knowledge()).digest
