"""Debian's redis-server and PostgreSQL, started on free loopback ports, as an operator would run them."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ports import free_port
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

REDIS = shutil.which("redis-server")
_POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
_READY_S = 60

needs_redis = pytest.mark.skipif(
    REDIS is None, reason="redis-server is not installed: apt-get install redis-server"
)
needs_postgresql = pytest.mark.skipif(
    not _POSTGRESQL, reason="PostgreSQL is not installed: apt-get install postgresql"
)


def wait_for(answers: Callable[[], object], seconds: float = _READY_S) -> None:
    """Returns once `answers()` is true; what it raises of Redis counts as no."""
    until = time.monotonic() + seconds
    while True:
        try:
            if answers():
                return
        except RedisError:
            pass
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.02)


class Server:
    """A redis-server process of Debian's on `folder`/redis.conf, which holds `lines`; Sentinel if told so."""

    def __init__(self, folder: Path, *lines: str, sentinel: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port(10_000)  # there a Cluster's members talk
        self._config = folder / "redis.conf"
        self._kind = ["--sentinel"] if sentinel else []
        durable = () if sentinel else ('save ""', "appendonly yes", "appendfsync always")
        common = ("bind 127.0.0.1", f"port {self.port}", f"dir {folder}", "protected-mode no")
        self._config.write_text("\n".join((*common, *durable, *lines)) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def start(self) -> None:
        assert REDIS is not None
        self._process = subprocess.Popen(
            [REDIS, str(self._config), *self._kind], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def kill(self) -> None:
        """SIGKILL: nothing is said to anybody."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self, *words: str) -> object:
        with self.client as client:
            return client.execute_command(*words)


class PostgreSQL:
    """A PostgreSQL of its own, with fsync; runs as `nobody` when the tests are root's."""

    def __init__(self) -> None:
        # Not in pytest's folders: nobody but their owner may enter those.
        folder = Path(tempfile.mkdtemp(prefix="xiaoer-postgresql-"))
        self._bin = _POSTGRESQL[-1].parent
        self._data = folder / "data"
        self.port = free_port()
        self.url = f"postgresql+asyncpg://xiaoer@127.0.0.1:{self.port}/postgres"
        self._as: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            self._as = ["runuser", "-u", "nobody", "--"]
        self._folder = folder

    def create(self) -> None:
        self._run("initdb", "-D", str(self._data), "-U", "xiaoer", "-A", "trust", "-E", "UTF8", "--no-sync")
        lines = (f"port = {self.port}", "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''")
        with (self._data / "postgresql.conf").open("a") as config:
            config.write("\n".join((*lines, "fsync = on", "synchronous_commit = on")) + "\n")

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "start")

    def stop(self, how: str = "fast") -> None:
        """`immediate` is PostgreSQL's own word for a crash: it recovers from its log at the next start."""
        self._run("pg_ctl", "-D", str(self._data), "-m", how, "-w", "stop")

    def remove(self) -> None:
        """Stops it if it runs, and throws its data away."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder)

    def _run(self, program: str, *words: str) -> None:
        command = [*self._as, str(self._bin / program), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder, timeout=180)
