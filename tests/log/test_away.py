"""Redis away: one sentence that says what to do, not a line for every try."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from ports import free_port
from structlog.testing import capture_logs

from bot.log import away
from bot.log.away import Away

ROOT = Path(__file__).parents[2]


def test_it_is_said_once_then_every_minute_and_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(away.time, "monotonic", lambda: now)
    told = Away()
    with capture_logs() as said:
        for _ in range(130):
            for who in ("brain", "live"):
                told.say(who, ConnectionError("refused"))
            now += 1
        told.over()
        told.over()

    assert [line["event"] for line in said] == ["redis_away", "redis_away", "redis_away", "redis_back"]
    assert [line.get("for_s") for line in said[:3]] == [0, 60, 120]
    assert "REDIS_URL" in said[0]["told"]


async def test_a_process_without_redis_says_what_to_do_and_goes_on_trying(tmp_path: Path) -> None:
    settings = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0", "XIAOER_DATA": str(tmp_path)}
    settings |= {"XIAOER_SECRET": "s" * 40, "XIAOER_SITE_SECRET": "t" * 40}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-m", "bot.cli", "followers"),
        cwd=ROOT,
        env=os.environ | settings,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    lines: list[bytes] = []
    try:
        async with asyncio.timeout(60):
            while not any(b"redis_away" in line for line in lines):
                lines.append(await process.stderr.readline())
                assert lines[-1], b"".join(lines)
        await asyncio.sleep(2)
        assert process.returncode is None
    finally:
        with suppress(ProcessLookupError):  # it ended by itself: what it said is the finding
            process.terminate()
        rest = await process.stderr.read()
        await process.wait()
    assert process.returncode == 0
    text = b"".join([*lines, rest]).decode()
    assert text.count("redis_away") == 1
    assert "set REDIS_URL to where it is" in text
