"""Harm to what data lies on: slow, forgetful and full disks, a locked database file."""

import asyncio
import shutil
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from .harms import Harmed
from .house import House
from .shims import built

_SPARE = 4 * 1024 * 1024


@asynccontextmanager
async def slow_disk(house: House, folder: Path, milliseconds: int) -> AsyncIterator[None]:
    """Redis on a disk that takes so long to sync, and from which a kill takes all that was not synced."""
    shim = await asyncio.to_thread(built, "slow_disk", folder)
    redis = house.redis
    usual = dict(redis.env)
    redis.env |= {"LD_PRELOAD": str(shim), "SLOW_DISK_MS": str(milliseconds)}
    await _again(house)
    try:
        yield
    finally:
        redis.env.clear()
        redis.env.update(usual)
        await _again(house)


@asynccontextmanager
async def shrunken_disk(house: House) -> AsyncIterator[Harmed]:
    """Redis's data on a small tmpfs; the harm fills it to the last byte for 5 s."""
    folder = house.redis_folder
    aside = folder.with_name("redis-aside")
    await asyncio.to_thread(house.redis.stop)
    shutil.move(folder, aside)
    folder.mkdir()
    size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file()) + _SPARE
    _mount("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    shutil.copytree(aside, folder, dirs_exist_ok=True)
    house.redis.start()
    await house.redis_answers()
    await house.ready()

    async def fills_up(house: House) -> float:
        filler = folder / "filler"
        moment = time.monotonic()
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass  # full
        # With appendfsync always Redis ends when it can't write; its supervisor tries again in vain.
        await asyncio.to_thread(house.redis.wait_dead, 5)
        died = not house.redis.is_running
        await asyncio.sleep(max(0.0, 5 - (time.monotonic() - moment)))
        assert died, "Redis went on with a full disk"
        filler.unlink()
        _mount("mount", "-o", f"remount,size={size + 16 * _SPARE}", str(folder))
        house.redis.start()
        await house.redis_answers()
        return moment

    try:
        yield fills_up
    finally:
        await asyncio.to_thread(house.redis.stop)
        shutil.rmtree(aside)
        shutil.copytree(folder, aside)
        _mount("umount", str(folder))
        folder.rmdir()
        shutil.move(aside, folder)
        await _again(house)


def locked_archive(seconds: float) -> Harmed:
    """Another program holds SQLite's write lock: a backup that hangs, say."""

    async def harm(house: House) -> float:
        moment = time.monotonic()
        db = sqlite3.connect(house.folder / "archive.db", isolation_level=None, timeout=30)
        try:
            db.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(seconds)
            db.execute("ROLLBACK")
        finally:
            db.close()
        return moment

    return harm


async def _again(house: House) -> None:
    await asyncio.to_thread(house.redis.stop)
    house.redis.start()
    await house.redis_answers()
    await house.ready()


def _mount(*words: str) -> None:
    subprocess.run(words, check=True, timeout=20)
