"""The tables of what a merchant's CRM is told, and where. Times are ms since 1970."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from bot.archive.people import metadata

# What the merchant's CRM is to be told (docs/api/webhooks.md).
letters = Table(
    "letters",
    metadata,
    Column("hook", String(64), primary_key=True),
    Column("conversation", String(128), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", String(64), nullable=False),
    Column("body", Text, nullable=False),  # JSON, as it is sent and signed
    Column("tries", Integer, nullable=False),
    Column("next_try", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # due, sent, dead
    Column("told", String(256), nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index("letters_by_state", "state", "next_try"),
)

# How far `letters` follows each conversation.
hooked = Table(
    "hooked",
    metadata,
    Column("conversation", String(128), primary_key=True),
    Column("seq", Integer, nullable=False),
)

# From when on a hook is told.
hooks = Table(
    "hooks",
    metadata,
    Column("hook", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),
)

# Where CRMs are told that supervisors added in the console; those of XIAOER_HOOKS_FILE are not here.
hook_places = Table(
    "hook_places",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("url", String(1024), nullable=False),
    Column("secret", String(128), nullable=False),  # signs; whoever reads the database can read it
    Column("events", JSON, nullable=False),
    Column("clear", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("made", BigInteger, nullable=False),
)
