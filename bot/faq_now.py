"""The wiring of the FAQ in a process that does not answer with it: what shoppers and agents are offered of it."""

import asyncio
import sys
from pathlib import Path

import structlog

from bot.archive.faq_book import FaqBook
from bot.console.known import Known, KnownAnswers
from bot.errors import LogUnavailableError
from bot.log.posted import LOOK_S, Posted, keep
from bot.settings import Settings
from faq.entry import EntryError, load_shop, read_entries
from faq.own import told_by
from faq.suggest import Suggestions

logger = structlog.get_logger(__name__)

WORKSHOP = (sys.executable, "-m", "faq.workshop")


def faq_file(settings: Settings) -> Path:
    """Where this machine's processes find what was published (`faq.knowledge.own_file`)."""
    return settings.data / "faq.json"


class FaqNow:
    """Questions for shoppers who type (`suggest`) and replies for agents (`known`), as they were published last."""

    def __init__(self, posted: Posted, file: Path) -> None:
        self.known = KnownAnswers()
        self._posted = posted
        self._file = file
        self._suggestions = Suggestions(())
        self._read()

    def suggest(self, prefix: str) -> list[str]:
        return self._suggestions.suggest(prefix)

    async def follow(self) -> None:
        """Reads each edition when it comes, until it is cancelled."""
        while True:
            try:
                if await keep(self._posted, self._file):
                    await asyncio.to_thread(self._read)
            except LogUnavailableError:  # said by those who need it more
                pass
            except (OSError, EntryError) as error:
                logger.error("faq_not_taken_up", detail=str(error))  # noqa: TRY400 - the sentence says it all
            await asyncio.sleep(LOOK_S)

    def _read(self) -> None:
        _, entries = told_by(read_entries(), load_shop(), self._file)
        self.known.replace([Known(entry.texts, entry.answer, entry.answer_en) for entry in entries])
        self._suggestions = Suggestions(entries)


class FaqPress:
    """`tick` posts what SQL says was published, when it is not what is posted: a restart of Redis loses nothing."""

    def __init__(self, book: FaqBook, posted: Posted) -> None:
        self._book = book
        self._posted = posted

    async def tick(self) -> None:
        if await self._book.edition() == await self._posted.edition():
            return
        edition, content = await self._book.published()
        await self._posted.put(edition, content)
        logger.info("faq_posted", edition=edition)
