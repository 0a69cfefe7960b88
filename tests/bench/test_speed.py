"""The speed bench works: a short run against the real product, without stock."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ports import free_port

from bench.speed_report import ROWS

ROOT = Path(__file__).parents[2]
PARTS = "saturation,half,steps,bursts,acks,footprint,memory"
_PORTS = 40


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    folder = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-W", "ignore", "-m", "bench.speed", "--quick", "--only", PARTS]
    command += [
        "--port",
        str(free_port(*range(1, _PORTS))),
        "--data",
        str(folder / "data"),
        "--out",
        str(folder / "out"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "out" / "speed.md").read_text(encoding="utf-8")
    return json.loads((folder / "out" / "speed.json").read_text(encoding="utf-8"))


@pytest.mark.timeout(600)
@pytest.mark.model
def test_every_customer_of_the_bench_is_answered(results: dict[str, dict]) -> None:
    for part in ("saturation", "half"):
        told = results[part]["xiaoer"]
        assert told["answered"] == told["asked"] > 0, told["failed"]
    assert results["bursts"]["xiaoer"]["failed"] == 0


@pytest.mark.model
def test_the_cost_of_a_message_is_counted_in_every_process(results: dict[str, dict]) -> None:
    assert results["saturation"]["xiaoer"]["cpu_ms"].keys() >= {"gateway", "brain", "redis", "followers"}
    assert results["saturation"]["xiaoer"]["cpu_ms"]["brain"] > 0
    assert results["footprint"]["redis_commands"] > 0
    assert results["footprint"]["sql_rows"] > 1


@pytest.mark.model
def test_no_message_is_acknowledged_faster_than_the_disk_syncs(results: dict[str, dict]) -> None:
    assert results["acks"]["one"]["p50_ms"] > results["acks"]["fdatasync"]["p50_ms"] * 0.5


def test_what_was_not_measured_is_said_and_not_made_up() -> None:
    for row in ROWS:
        assert "| – |" in row.line({}), row.what
        assert "not measured" in row.line({}), row.what
