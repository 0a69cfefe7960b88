"""Where else a customer can be told something: the outside conversations in which he is bound."""

from sqlalchemy import select

from bot.archive.database import Database
from bot.archive.tables import conversations

_MOST = 10


class BoundElsewhere:
    """Reads what the archive knows; the log then decides whether he may be told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, site: str, customer: str) -> list[str]:
        """At most ten, the newest first; never those of our own page."""
        asked = (
            select(conversations.c.conversation)
            .where(
                conversations.c.site == site,
                conversations.c.customer == customer,
                conversations.c.verified,
                conversations.c.channel != "web",
            )
            .order_by(conversations.c.updated.desc())
            .limit(_MOST)
        )
        async with self._database.reading() as connection:
            return [str(row.conversation) for row in await connection.execute(asked)]
