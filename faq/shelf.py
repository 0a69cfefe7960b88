"""The search that answers now: another edition of the merchant's own entries takes its place between two questions."""

import logging
import threading
import time
from pathlib import Path

from faq.entry import FaqError
from faq.knowledge import MODEL, own_file, read_knowledge
from faq.search import Reader, Search

logger = logging.getLogger(__name__)

LOOK_S = 0.5
_Mark = tuple[int, int] | None


class Shelf:
    """Opens the model with the first question. Later editions are read beside it, in a thread of their own."""

    def __init__(self, model: Path = MODEL, own: Path | None = None) -> None:
        self._model = model
        self._own = own
        self._search: Search | None = None
        self._reader: Reader | None = None
        self._mark: _Mark = None
        self._looked = 0.0
        self._reading = threading.Lock()

    def search(self) -> Search:
        """The newest search that is ready. FaqError when there never was one."""
        if self._search is None:
            self._mark = self._seen()
            self._search = self._read()
        elif time.monotonic() - self._looked >= LOOK_S:
            self._looked = time.monotonic()
            mark = self._seen()
            if mark != self._mark and self._reading.acquire(blocking=False):
                self._mark = mark
                threading.Thread(target=self._take_up, name="faq", daemon=True).start()
        return self._search

    def _take_up(self) -> None:
        try:
            self._search = self._read()
            logger.info("the FAQ answers with its new edition")
        except FaqError as error:
            logger.error("the FAQ goes on as it was: %s", error)  # noqa: TRY400 - the sentence says it all
        finally:
            self._reading.release()

    def _read(self) -> Search:
        knowledge = read_knowledge(own=self._path())
        self._reader = self._reader or Reader(self._model, knowledge)
        return self._reader.search(knowledge)

    def _path(self) -> Path:
        return self._own or own_file()

    def _seen(self) -> _Mark:
        try:
            stat = self._path().stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino
