"""One fault: people talk, the harm is done, the oracle judges. And the table of all of them."""

import asyncio
import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .crowd import Crowd
from .harms import Harmed
from .house import House
from .ledger import Ledger
from .oracle import Verdict, judge

MESSAGES = int(os.environ.get("FAULT_MESSAGES", "1500"))
_LEAD_S = 1.0
_HEAD = (
    "| fault | messages | acknowledged | lost | doubled | reordered | no answer | bot over a human"
    ' | archive ≠ log | shown ≠ log | first "sent" after, s | first answer after, s | settled after, s'
    ' | longest wait for "sent", s |'
)


@dataclass
class Row:
    """One line of the table; -1 s: nothing was sent or answered after the harm."""

    name: str
    verdict: Verdict
    acked_after: float
    answered_after: float
    refused: int
    longest: float

    def line(self) -> str:
        v = self.verdict
        counts = (v.sent, v.acknowledged, v.lost, v.doubled, v.reordered, v.unanswered, v.talked_over)
        counted = ["–" if count < 0 else str(count) for count in (*counts, v.unarchived, v.unseen)]
        seconds = map(_s, (self.acked_after, self.answered_after, v.seconds_to_settle, self.longest))
        return "| " + " | ".join([self.name, *counted, *seconds]) + " |"


async def endure(
    house: House,
    name: str,
    harm: Harmed,
    *,
    messages: int = MESSAGES,
    at_once: int = 12,
    signed: bool = False,
    settle_s: float = 60,
) -> Row:
    """At least `messages` messages, with the harm in the midst of them; then the verdict."""
    crowd = Crowd(house, messages, at_once=at_once, signed=signed)
    talking = asyncio.create_task(crowd.run())
    await asyncio.sleep(_LEAD_S)
    try:
        moment = await harm(house)
    finally:
        crowd.goes_on = False
        await talking
    return await row(house, name, crowd.ledger, moment, settle_s=settle_s)


async def row(house: House, name: str, ledger: Ledger, moment: float, *, settle_s: float = 60) -> Row:
    await house.ready()
    verdict = await judge(house, ledger, settle_s=settle_s)
    acked, answered = ledger.acked_after(moment), ledger.answered_after(moment)
    return Row(name, verdict, acked, answered, ledger.early_refusals, ledger.longest_wait())


class Table:
    """The rows of one run, and the file that they are kept in."""

    def __init__(self, path: Path | None, command: str) -> None:
        self._path = path
        self._command = command
        self._rows: list[Row] = []
        self._notes: list[str] = []
        self._began = time.monotonic()

    def add(self, row: Row) -> None:
        self._rows.append(row)
        self._write()

    def skip(self, reason: str) -> None:
        self._notes.append(f"Not run: {reason}.")
        self._write()

    def fail(self, reason: str) -> None:
        self._notes.append(f"**Failed**: {reason}")
        self._write()

    def _write(self) -> None:
        """After each row, so that whatever ends the run leaves what is known."""
        if self._path is None or not self._rows:
            return
        sent = sum(row.verdict.sent for row in self._rows)
        acknowledged = sum(row.verdict.acknowledged for row in self._rows)
        rule = "|" + " --- |" * (_HEAD.count("|") - 1)
        lines = [
            "# What faults did to the house",
            "",
            (
                f"`{self._command}` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {_cpu()}, {platform.system()}"
                f" {platform.release()}; {time.monotonic() - self._began:.0f} s."
            ),
            (
                f"{sent} shoppers' messages were sent, {acknowledged} messages (agents' replies too) were"
                " acknowledged. The clients' ledgers are the oracle; how it judges is in `tests/faults/oracle.py`."
            ),
            "Seconds are from the moment of the harm, its own length included; other work ran on the machine.",
            "",
            _HEAD,
            rule,
            *(row.line() for row in self._rows),
            "",
            *self._notes,
        ]
        self._path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _s(seconds: float) -> str:
    return "–" if seconds < 0 else f"{seconds:.1f}"


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
