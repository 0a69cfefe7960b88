"""The tables of what the shop writes itself: FAQ entries and canned replies. Times are ms since 1970."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, String, Table, Text

from bot.archive.people import metadata

# What the merchant writes into the FAQ (docs/faq.md): one draft an entry, and what was published, for good.
faq_drafts = Table(
    "faq_drafts",
    metadata,
    Column("entry", String(64), primary_key=True),
    Column("text", JSON, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("changed", BigInteger, nullable=False),
)

faq_versions = Table(
    "faq_versions",
    metadata,
    Column("entry", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # from 1; 0 is what was shipped
    Column("kind", String(16), nullable=False),  # text, shipped, withdrawn
    Column("text", JSON, nullable=False),  # null without text
    Column("origin", Integer, nullable=False),  # the version that it goes back to; -1 for none
    Column("by", String(64), nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("ts", BigInteger, nullable=False),
)

# Replies for agents to pick: what the shop added, and what it changed or took out of the shipped ones.
canned = Table(
    "canned",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("text", JSON, nullable=False),
    Column("keys", Text, nullable=False),  # pinyin and its initials
    Column("gone", Boolean, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("changed", BigInteger, nullable=False),
)
