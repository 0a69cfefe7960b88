"""Houses for the faults, and the table that `make faults` writes."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from .house import House
from .matrix import Row, Table
from .part import ROOT

_RESULTS = ROOT / "bench" / "results" / "faults.md"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.model)


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    """The rows of this run; written where `FAULT_RESULTS` says, or to bench/results when all were run."""
    table = Table()
    yield table
    path = os.environ.get("FAULT_RESULTS")
    if table.rows and path:
        table.write(Path(path), os.environ.get("FAULT_COMMAND", "pytest " + " ".join(sys.argv[1:])))


@pytest.fixture
def judged(table: Table) -> "Judged":
    return Judged(table)


class Judged:
    """Notes a row, prints it, and fails when a promise was broken."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __call__(self, row: Row) -> None:
        self._table.rows.append(row)
        sys.__stdout__.write(f"\n{row.line()}" if sys.__stdout__ else "")
        assert row.verdict.broken == []
        assert row.verdict.acknowledged > 0

    def skip(self, reason: str) -> None:
        """Says in the table too why a fault was not tried."""
        self._table.skipped.append(reason)
        pytest.skip(reason)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Everything with one brain and one gateway, as `xiaoer up` has it; SQLite."""
    house = House(tmp_path_factory.mktemp("house"))
    try:
        await house.start()
        yield house
    finally:
        await house.stop()
