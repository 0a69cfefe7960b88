"""What intents are called in front of people (data/labels.yml, which the console reads too)."""

from functools import cache
from pathlib import Path

import msgspec

LABELS = Path(__file__).parent.parent / "data" / "labels.yml"


class Label(msgspec.Struct, frozen=True):
    zh: str
    en: str


@cache
def labels() -> dict[str, Label]:
    """Every intent's name for people."""
    return msgspec.yaml.decode(LABELS.read_bytes(), type=dict[str, Label])


def label(intent: str) -> Label:
    """An intent's name for people; one that has none is a question like any other."""
    return labels().get(intent) or labels()["oos"]
