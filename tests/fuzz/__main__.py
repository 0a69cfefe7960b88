"""`python tests/fuzz SECONDS [TARGET …]`: an atheris run of each target, one after the other; figures at the end.

Runs in an environment of its own (`make fuzz`). What breaks a target is kept in tests/fuzz/crashes.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
_LONGEST = "65536"
_DONE = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


def main() -> int:
    seconds, names = int(sys.argv[1]), sys.argv[2:] or known()
    each = max(seconds // len(names), 1)
    began, total, broken = time.monotonic(), 0, 0
    for name in names:
        executions, crashes = run(name, each)
        print(f"{name:16} {executions:>10,} executions in {each} s, {crashes} crashes", flush=True)
        total += executions
        broken += crashes
    print(f"{'all':16} {total:>10,} executions in {time.monotonic() - began:.0f} s, {broken} crashes")
    return 1 if broken else 0


def known() -> list[str]:
    listed = subprocess.run(
        [sys.executable, HERE / "one.py", "--list"], check=True, capture_output=True, text=True
    )
    return listed.stdout.split()


def run(name: str, seconds: int) -> tuple[int, int]:
    """Executions and crashes of one target; a crash ends its run, since the first one is what must be mended."""
    kept = HERE / "crashes" / name
    kept.mkdir(parents=True, exist_ok=True)
    before = set(kept.iterdir())
    with tempfile.TemporaryDirectory() as corpus:
        seeds = HERE / "seeds" / name
        words = [
            sys.executable,
            str(HERE / "one.py"),
            name,
            corpus,
            *([str(seeds)] if seeds.is_dir() else []),
        ]
        words += [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", "-timeout=5", "-rss_limit_mb=1500"]
        words += [f"-artifact_prefix={kept}/", "-print_final_stats=1", "-verbosity=1"]
        done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=seconds + 120)
    found = _DONE.search(done.stderr)
    crashes = len(set(kept.iterdir()) - before)
    if crashes or not found:
        print(done.stderr[-3000:], file=sys.stderr)
        crashes = max(crashes, 1)
    if not any(kept.iterdir()):
        kept.rmdir()
    return int(found.group(1)) if found else 0, crashes


if __name__ == "__main__":
    sys.exit(main())
