"""Which model a brain reads with: the newest that is sealed and works, taken up between two turns."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.brain.lighter.left_out import is_light
from bot.errors import NoModelError, RefusedModelError, SetupError
from bot.setting_up.model import models_by_age, newest_model
from bot.setting_up.seal import check_seal, seal_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.brain.rasa_project import RasaProject

logger = structlog.get_logger(__name__)

LOOK_S = 1.0
_Mark = tuple[str, int, int, int]


class Models:
    """The models of a folder, and the one that is in use. `note` is why a newer one is not, or ""."""

    def __init__(self, folder: Path, key: Path) -> None:
        self.folder = folder
        self.note = ""
        self.name = ""
        self._key = key
        self._mark: _Mark | None = None

    def open_newest(self, load: "Callable[[Path], RasaProject]") -> "RasaProject":
        """The newest model that is as it was sealed and that loads. Raises NoModelError when none is."""
        for archive in models_by_age(self.folder):
            mark = _mark(archive)
            self._mark = self._mark or mark
            try:
                with self._copy(archive) as copy:
                    project = load(copy)
            except SetupError:  # of the actions, not of the model
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with a model, an older one may do
                self._refuse(archive.name, _told(error))
            else:
                self.name = archive.name
                return project
        raise NoModelError(f"no model in {self.folder}/ can be used. {self.note}")

    async def watch(
        self, load: "Callable[[Path], Awaitable[RasaProject]]", use: "Callable[[RasaProject], None]"
    ) -> None:
        """Looks for another newest model, loads it beside the one in use and hands it over; until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look(load, use)

    async def look(
        self, load: "Callable[[Path], Awaitable[RasaProject]]", use: "Callable[[RasaProject], None]"
    ) -> bool:
        """One look; whether another model was taken up."""
        try:
            archive = newest_model(self.folder)
            mark = _mark(archive)
        except (NoModelError, OSError):  # moved while we looked: what is in use stays
            return False
        if mark == self._mark:
            return False
        self._mark = mark
        if archive.name == self.name:  # touched, or sealed again
            self.note = ""
            return False
        try:
            with self._copy(archive) as copy:
                _must_be_light(copy)
                project = await load(copy)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a new model, the old one goes on
            self._refuse(archive.name, _told(error))
            return False
        use(project)
        logger.warning("model_taken_up", model=archive.name, instead_of=self.name)
        self.name, self.note = archive.name, ""
        return True

    @contextmanager
    def _copy(self, archive: Path) -> Iterator[Path]:
        # What is checked must be what is opened: nobody else writes into our copy.
        with tempfile.TemporaryDirectory(prefix="xiaoer-model-") as folder:
            copy = Path(folder) / archive.name
            try:
                shutil.copyfile(archive, copy)
                if seal_of(archive).is_file():
                    shutil.copyfile(seal_of(archive), seal_of(copy))
            except OSError as error:
                raise RefusedModelError(f"{archive.name} can't be read: {error}") from error
            check_seal(copy, self._key)
            yield copy

    def _refuse(self, name: str, why: str) -> None:
        self.note = f"{name} refused: {why}"
        logger.error("model_refused", model=name, reason=why, told="the model that is in use stays in use")


def _told(error: Exception) -> str:
    """The error's sentence, and that of what lies under it: Rasa's own tell only where it happened."""
    said = str(error) or type(error).__name__
    return f"{said} ({error.__cause__})" if error.__cause__ else said


def _must_be_light(archive: Path) -> None:
    if not is_light(archive):
        raise RefusedModelError("it needs parts of Rasa that this brain left out: start the brain again")


def _mark(archive: Path) -> _Mark:
    stat, sealed = archive.stat(), seal_of(archive)
    return archive.name, stat.st_mtime_ns, stat.st_size, sealed.stat().st_mtime_ns if sealed.is_file() else 0
