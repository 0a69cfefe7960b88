"""What the operators' page says about failures is held by tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FAILURES = re.compile(r"^## When something fails$(.*?)^## ", re.MULTILINE | re.DOTALL)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[str]:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    found = _FAILURES.search(page)
    assert found is not None
    return [line for line in found[1].splitlines() if line.startswith("| ")][1:]


def test_every_row_about_a_failure_names_a_test_that_exists() -> None:
    assert len(rows()) > 15
    for row in rows():
        named = _TEST.findall(row)
        assert named, f"no test holds this: {row[:60]}"
        for path, test in named:
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"def {test}\(", source), f"{path}::{test}"


def test_every_failure_that_an_operator_must_know_has_its_row() -> None:
    told = "\n".join(rows()).lower()
    for what in (
        "rasa",
        "action server",
        "shop gone",
        "shop slow",
        "garbage",
        "sql gone",
        "redis killed",
        "disk full",
        "clock",
        "zombie",
        "ends the process",
        "sentinel",
        "redis cluster",
        "sql takes no writes",
        "another model",
        "does not read",
    ):
        assert what in told, what
