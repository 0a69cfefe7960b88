"""Agents' passwords: argon2id, off the event loop, and never more at once than memory allows."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import WeakPasswordError

SHORTEST = 8
LONGEST = 256
_AT_ONCE = 2


class Passwords:
    """Hashes with argon2id; by default one takes about 50 ms and 64 MB."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, hashed: str) -> bool:
        """Whether it is the password. An empty `hashed` (no such agent) takes as long and never fits."""
        if not hashed:
            self._nobodys = self._nobodys or await self.hash("nobody's")
        async with self._room:
            fits = await asyncio.to_thread(self._verify, hashed or self._nobodys, password[:LONGEST])
        return fits and bool(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def check_password(name: str, password: str) -> None:
    """Raises WeakPasswordError for one that is too short, too long, or nothing but the name."""
    if not SHORTEST <= len(password) <= LONGEST or password.lower().strip() == name.lower():
        raise WeakPasswordError
