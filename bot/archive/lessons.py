"""The bot's lessons: asked for by a supervisor, given by one process, with what came of them."""

import secrets
from typing import Literal

import msgspec
from sqlalchemy import desc, func, select, update

from bot.archive import tables
from bot.archive.database import Database, storable
from bot.errors import BusyTeachingError

Kind = Literal["train", "publish", "discard", "rollback"]
State = Literal["asked", "running", "trained", "published", "discarded", "refused", "failed"]
_OPEN = ("asked", "running")
_LOOKED_AT = 200


class Lesson(msgspec.Struct, frozen=True):
    """`told` is what the lesson says of itself: progress while it runs, then the figures before and after."""

    id: str
    kind: Kind
    state: State
    by: str
    by_name: str
    turns: int
    told: str
    asked: int
    changed: int


_COLUMNS = [getattr(tables.lessons.c, name) for name in Lesson.__struct_fields__]


class LessonBook:
    """Raises ArchiveUnavailableError when SQL does not answer. Times are ms since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, kind: Kind, by: str, by_name: str, turns: int, now: int) -> Lesson:
        """A new lesson. Raises BusyTeachingError while another is open."""
        lesson = Lesson(secrets.token_hex(8), kind, "asked", by, storable(by_name), turns, "", now, now)
        table = tables.lessons
        running = select(func.count()).select_from(table).where(table.c.state.in_(_OPEN))
        async with self._database.writing() as connection:
            if (await connection.execute(running)).scalar():
                raise BusyTeachingError
            await connection.execute(table.insert().values(msgspec.to_builtins(lesson)))
        return lesson

    async def recent(self, limit: int = 20) -> list[Lesson]:
        """The last lessons, the newest first."""
        asked = select(*_COLUMNS).order_by(desc(tables.lessons.c.asked)).limit(limit)
        async with self._database.reading() as connection:
            return [Lesson(*row) for row in await connection.execute(asked)]

    async def waiting(self) -> Lesson | None:
        """The training whose model waits to be published or put away."""
        for lesson in await self.recent(_LOOKED_AT):
            if lesson.kind == "train" and lesson.state == "trained":
                return lesson
            if lesson.kind in ("publish", "discard") and lesson.state in ("published", "discarded"):
                return None
        return None

    async def open(self) -> Lesson | None:
        """The lesson that is to be given now."""
        table = tables.lessons
        asked = select(*_COLUMNS).where(table.c.state.in_(_OPEN)).order_by(table.c.asked).limit(1)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        return Lesson(*row) if row else None

    async def note(self, lesson: str, state: str, told: str, now: int) -> None:
        """How a lesson stands."""
        changed = update(tables.lessons).where(tables.lessons.c.id == lesson)
        async with self._database.writing() as connection:
            await connection.execute(changed.values(state=state, told=storable(told), changed=now))
