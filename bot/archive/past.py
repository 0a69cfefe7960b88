"""What agents answered lately, beside what they were asked: the examples for the next answer."""

import re

from msgspec import Struct
from sqlalchemy import and_, desc, func, select

from bot.archive import tables
from bot.archive.database import Database
from bot.conversation.events import Kind, Role

_WINDOW = 400
_SHORTEST = 6
# Order, parcel and phone numbers are one customer's own, and addresses have house numbers.
_PERSONAL = re.compile(r"[0-9]{5,}|[0-9]+\s*[号室栋楼弄]|[\w.+-]+@[\w-]+\.")


class Past(Struct, frozen=True):
    """One answer of an agent called `by`, and the customer's words before it."""

    asked: str
    answered: str
    by: str


class PastAnswers:
    """Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recent(self, besides: str) -> list[Past]:
        """The first answers to the last few hundred things that people asked, newest first.

        Without the conversation `besides`, and without what names a customer or holds his numbers: it would
        be said to another one.
        """
        said, asked = tables.events, tables.events.alias()
        before = (
            select(func.max(asked.c.seq))
            .where(
                and_(
                    asked.c.conversation == said.c.conversation,
                    asked.c.seq < said.c.seq,
                    asked.c.kind == Kind.SAID.value,
                    asked.c.role == Role.CUSTOMER.value,
                )
            )
            .scalar_subquery()
        )
        answers = (
            select(said.c.conversation, said.c.seq, said.c.text, said.c.sender_name, before.label("before"))
            .where(and_(said.c.kind == Kind.SAID.value, said.c.role == Role.AGENT.value))
            .order_by(desc(said.c.ts))
            .limit(_WINDOW)
            .subquery()
        )
        whose, back = tables.conversations, tables.events.alias()
        taken_back = (
            select(back.c.conversation)
            .where(
                and_(
                    back.c.conversation == answers.c.conversation,
                    back.c.kind == Kind.RECALLED.value,
                    back.c.body["of"].as_integer() == answers.c.seq,
                )
            )
            .exists()
        )
        rows = (
            select(answers, asked.c.text.label("asked"), whose.c.customer_name)
            .join(
                asked, and_(asked.c.conversation == answers.c.conversation, asked.c.seq == answers.c.before)
            )
            .join(whose, whose.c.conversation == answers.c.conversation)
            .where(and_(answers.c.conversation != besides, ~taken_back))
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(rows)).mappings().all()
        first: dict[tuple[str, int], Past] = {}
        newest = sorted(found, key=lambda row: -row["seq"])
        for row in newest:  # the lowest seq of each question is written last, and stays
            first[row["conversation"], row["before"]] = Past(row["asked"], row["text"], row["sender_name"])
        names = {(row["conversation"], row["before"]): row["customer_name"] for row in found}
        return [past for key, past in first.items() if _may_be_said_again(past.answered, names[key])]


def _may_be_said_again(text: str, name: str) -> bool:
    named = bool(name) and (name in text or f"{name[0]}女士" in text or f"{name[0]}先生" in text)
    return len(text) >= _SHORTEST and not named and not _PERSONAL.search(text)
