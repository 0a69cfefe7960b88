from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from real_servers import PostgreSQL

from bot.archive.accounts import Accounts
from bot.archive.database import Database
from bot.archive.passwords import Passwords
from bot.archive.store import Store


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'archive.db'}")
    await database.create()
    yield database
    await database.close()


@pytest.fixture(scope="session")
def server() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


class Clock:
    """A clock that the test sets; ms since 1970."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now

    def at(self, now: int) -> None:
        self.now = now

    def passes(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> Accounts:
    """Who tries a password waits as little as it can be; that a real one takes its time has a test of its own."""
    return Accounts(database, clock, Passwords(PasswordHasher(1, 1024, 1)))
