"""Pictures and files of conversations, kept in SQL so that every process has them."""

import hashlib
import hmac
import re
import time

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, func, select

from bot.archive.database import Database
from bot.archive.people import metadata

PATH = "/media/"

media = Table(
    "media",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
)
_NAME = re.compile(r"[0-9a-f]{40}")


class Media:
    """Raises ArchiveUnavailableError when SQL does not answer. A picture's name can't be guessed."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret.encode()

    async def keep(self, data: bytes, kind: str) -> str:
        """The address with us (`/media/…`) of these bytes of MIME type `kind`; the same bytes, the same address."""
        name = hmac.new(self._secret, data, hashlib.sha256).hexdigest()[:40]
        row = {"name": name, "kind": kind, "data": data, "created": int(time.time() * 1000)}
        async with self._database.writing() as connection:
            await self._database.add(connection, media, [row])
        return PATH + name

    async def measure(self, address: str) -> tuple[int, str] | None:
        """The size in bytes and the MIME type; None when there is no such picture."""
        name = address.removeprefix(PATH)
        if not address.startswith(PATH) or not _NAME.fullmatch(name):
            return None
        asked = select(func.length(media.c.data), media.c.kind).where(media.c.name == name)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        return (int(row[0]), str(row[1])) if row else None

    async def load(self, address: str) -> tuple[bytes, str] | None:
        """The bytes and their MIME type; None when there are none."""
        name = address.removeprefix(PATH)
        if not _NAME.fullmatch(name):
            return None
        asked = select(media.c.data, media.c.kind).where(media.c.name == name)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        return (bytes(row[0]), str(row[1])) if row else None
