"""The archive's tables, for SQLite and PostgreSQL alike. Times are ms since 1970."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from bot.archive.people import metadata

SCHEMA_VERSION = 2
# What a schema of before is brought up to the next one by. `services` is made anew from the archived events.
STEPS_UP = {1: ("DROP TABLE IF EXISTS services", "DROP TABLE IF EXISTS reported")}

schema = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

events = Table(
    "events",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("id", String(256), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("role", String(16), nullable=False),
    Column("sender", String(128), nullable=False),
    Column("sender_name", String(256), nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("body", JSON, nullable=False),
    Column("text", Text, nullable=False),  # what people can search for
    Index("events_by_kind", "kind", "ts"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("site", String(64), nullable=False),
    Column("customer", String(128), nullable=False),
    Column("customer_name", String(256), nullable=False),
    Column("level", String(32), nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("owner_name", String(256), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("anger", Float, nullable=False),
    Column("last_text", Text, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("archived", Integer, nullable=False),  # the last seq that `events` has
    Index("conversations_by_time", "updated"),
    Index("conversations_by_customer", "customer", "updated"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("agent", String(64), nullable=False),
    Column("stars", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("ts", BigInteger, nullable=False),
    Index("ratings_by_time", "ts"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("ticket", String(64), primary_key=True),
    Column("conversation", String(128), nullable=False, index=True),
    Column("customer", String(128), nullable=False),
    Column("customer_name", String(256), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("category", String(32), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("stage", String(32), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("owner_name", String(256), nullable=False),
    Column("level", Integer, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("heard", BigInteger, nullable=False),
    Column("next_due", BigInteger, nullable=False),  # 0: nothing is owed any more
    Column("content", JSON, nullable=False),  # the ticket whole, as docs/wire.md has it
    Index("tickets_by_due", "next_due"),
    Index("tickets_by_stage", "stage", "opened"),
)

ticket_steps = Table(
    "ticket_steps",
    metadata,
    Column("ticket", String(64), primary_key=True),
    Column("rev", Integer, primary_key=True, autoincrement=False),
    Column("step", String(32), nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("note", Text, nullable=False),
    Column("stage", String(32), nullable=False),
    Column("owner_name", String(256), nullable=False),
    Column("ts", BigInteger, nullable=False),
)

# One row a service: from a customer's first word until an agent closed it, or he was silent for long.
services = Table(
    "services",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("first", Integer, primary_key=True, autoincrement=False),  # the seq it begins with
    Column("last", Integer, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("customer", String(128), nullable=False),
    Column("level", String(32), nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),  # the last event's time
    Column("intent", String(64), nullable=False),  # the first matter that was understood
    Column("said", Integer, nullable=False),  # messages of the customer
    Column("answers", Integer, nullable=False),  # of the bot
    Column("misses", Integer, nullable=False),  # readings that were asked about or handed off
    Column("reason", String(64), nullable=False),  # of the hand-over; "" when there was none
    Column("handed", BigInteger, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    Column("first_word", BigInteger, nullable=False),
    Column("agent", String(64), nullable=False),
    Column("agent_name", String(256), nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("stars", Integer, nullable=False),  # 0 for no rating
    Column("complaint", Boolean, nullable=False),
    Column("skill", String(64), nullable=False),  # what a colleague passed it on for
    Index("services_by_time", "began"),
    Index("services_by_customer", "customer", "intent", "began"),
)

# One row a reading of the bot, for the curves and for teaching.
readings = Table(
    "readings",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),  # of what the customer said
    Column("ts", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("before", Text, nullable=False),  # what was said to him last
    Column("intent", String(64), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("ranking", JSON, nullable=False),
    Column("review", String(16), nullable=False),  # "" open, taught, ignored, faq
    Column("taught", String(64), nullable=False),  # the intent that a person gave it
    Column("by", String(64), nullable=False),
    Column("reviewed", BigInteger, nullable=False),
    Index("readings_by_time", "ts"),
    Index("readings_by_review", "review", "decision", "ts"),
)

# How far `services` and `readings` follow each conversation.
reported = Table(
    "reported",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("seq", Integer, nullable=False),
)

lessons = Table(
    "lessons",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # train, publish, discard, rollback
    Column("state", String(16), nullable=False),  # asked, running, then how it ended
    Column("by", String(64), nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("turns", Integer, nullable=False),
    Column("told", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index("lessons_by_time", "asked"),
)
