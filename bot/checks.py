"""What the status page asks of every part."""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from bot.archive.database import Database
from bot.console.status import Check, Note
from bot.process import Process

ROOT = Path(__file__).resolve().parent.parent


def checks(
    process: Process, database: Database, session: aiohttp.ClientSession, actions_place: str
) -> dict[str, Check]:
    """One question to each part; the answer is "" or what is wrong."""
    settings = process.settings

    async def log() -> str:
        await process.log.now()
        return ""

    def process_check(part: str) -> Check:
        async def check() -> str:
            signs = await process.health.signs(await process.log.now())
            said = [sign for sign in signs.values() if sign.part == part]
            if not said:
                return "not running"
            return "" if any(sign.ready for sign in said) else said[0].detail

        return check

    def http_check(url: str) -> Check:
        async def check() -> str:
            async with session.get(url) as answer:
                return "" if answer.status == 200 else f"answers {answer.status}"

        return check

    async def model() -> str:
        signs = await process.health.signs(await process.log.now())
        notes = {
            sign.detail for sign in signs.values() if sign.part == "brain" and sign.ready and sign.detail
        }
        return Note("; ".join(sorted(notes)))

    async def archive() -> str:
        await database.ping()
        return ""

    async def pages() -> str:
        built = [ROOT / "web" / page / "dist" for page in ("widget", "console")]
        return "" if all(folder.is_dir() for folder in built) else "not built: run `make pages`"

    served = urlunsplit(urlsplit(actions_place)._replace(path="/health"))
    asked: dict[str, Check] = {
        "log": log,
        "brain": process_check("brain"),
        "model": model,
        # In the brain's own process they are there when it is.
        "actions": http_check(served) if served.startswith("http") else process_check("brain"),
        "followers": process_check("followers"),
        "archive": archive,
        "pages": pages,
    }
    if settings.shop_health_url:
        asked["shop"] = http_check(settings.shop_health_url)
    return asked
