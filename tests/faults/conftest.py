"""Houses for the faults, and the table that `make faults` writes."""

import os
import sys
from collections.abc import AsyncIterator, Generator
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A fault that broke a promise, or could not even be tried to its end, is told in the table; the next is tried."""
    report = yield
    judged = getattr(item, "funcargs", {}).get("judged")
    if isinstance(judged, Judged) and report.failed:
        judged.failed(item.name, report)
    return report


@pytest.fixture(scope="session")
def table() -> Table:
    """The rows of this run; after each it is written where `FAULT_RESULTS` says."""
    path = os.environ.get("FAULT_RESULTS")
    command = os.environ.get("FAULT_COMMAND", "pytest " + " ".join(sys.argv[1:]))
    return Table(Path(path) if path else None, command)


@pytest.fixture
def judged(table: Table) -> "Judged":
    return Judged(table)


class Judged:
    """Notes a row, prints it, and fails when a promise was broken."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __call__(self, row: Row) -> None:
        self._table.add(row)
        sys.__stdout__.write(f"\n{row.line()}" if sys.__stdout__ else "")
        assert row.verdict.broken == []
        assert row.verdict.acknowledged > 0

    def skip(self, reason: str) -> None:
        """Says in the table too why a fault was not tried."""
        self._table.skip(reason)
        pytest.skip(reason)

    def failed(self, name: str, report: pytest.TestReport) -> None:
        """What the report says, in one line."""
        crash = getattr(report.longrepr, "reprcrash", None)
        said = str(crash.message if crash else report.longrepr).splitlines()
        self._table.fail(f"`{name}` ({report.when}): {said[0] if said else 'failed'}")


@pytest_asyncio.fixture(loop_scope="module")
async def house(standing: House) -> House:
    """The house that the faults of a module share, whole again after the fault before."""
    await standing.mend()
    return standing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Everything with one brain and one gateway, as `xiaoer up` has it; SQLite."""
    house = House(tmp_path_factory.mktemp("house"))
    try:
        await house.start()
        yield house
    finally:
        await house.stop()
