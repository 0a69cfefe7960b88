"""What every process must know of the merchant's FAQ: posted in Redis, and kept in a file beside each process."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.errors import LogUnavailableError

logger = structlog.get_logger(__name__)

_EDITION, _CONTENT = "xiaoer:{faq}:edition", "xiaoer:{faq}:content"
LOOK_S = 2.0


class _Kept(msgspec.Struct, frozen=True):
    edition: int = 0


class Posted:
    """The newest edition. SQL is where it comes from: what is lost here is posted again.

    Raises LogUnavailableError when Redis does not answer.
    """

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def put(self, edition: int, content: bytes) -> None:
        try:
            await self._redis.mset({_EDITION: edition, _CONTENT: content})
        except RedisError as error:
            raise LogUnavailableError(type(error).__name__) from error

    async def edition(self) -> int:
        """0 when nothing was ever posted."""
        return int(await self._get(_EDITION) or 0)

    async def content(self) -> bytes:
        """JSON: {"edition","entries","withdrawn"}; b"" when nothing was ever posted."""
        return await self._get(_CONTENT) or b""

    async def _get(self, key: str) -> bytes | None:
        try:
            found: bytes | None = await self._redis.get(key)
        except RedisError as error:
            raise LogUnavailableError(type(error).__name__) from error
        return found


async def keep(posted: Posted, path: Path) -> bool:
    """Makes the file at `path` what is posted; whether it was something else."""
    if await posted.edition() == await asyncio.to_thread(_edition_in, path):
        return False
    content = await posted.content()
    if not content:
        return False
    await asyncio.to_thread(_write, path, content)
    logger.info("faq_edition", edition=msgspec.json.decode(content, type=_Kept).edition)
    return True


async def follow(posted: Posted, path: Path) -> None:
    """Keeps the file so, until it is cancelled. While Redis is away the file stays as it is."""
    while True:
        try:
            await keep(posted, path)
        except LogUnavailableError:  # said by those who need it more
            pass
        except OSError as error:
            logger.error("faq_file_not_written", path=str(path), error=type(error).__name__)  # noqa: TRY400
        await asyncio.sleep(LOOK_S)


def _edition_in(path: Path) -> int:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept).edition
    except (OSError, msgspec.MsgspecError):
        return 0


def _write(path: Path, content: bytes) -> None:
    # All at once: who reads it meanwhile has the old one. Processes that share a folder write the same.
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".new-{id(content):x}")
    new.write_bytes(content)
    new.replace(path)
