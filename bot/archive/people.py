"""The tables of who works here: agents, how they sign in, and what they answer for. Times are ms since 1970."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

agents = Table(
    "agents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("display", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", String(256), nullable=False),  # argon2id
    Column("capacity", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # its SHA-256
    Column("agent", String(64), ForeignKey("agents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
)

# What an agent types besides his password; of the recovery codes only their hashes.
second_factors = Table(
    "second_factors",
    metadata,
    Column("agent", String(64), ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", Text, nullable=False),  # AES-256-GCM
    Column("confirmed", Boolean, nullable=False),
    Column("last_step", BigInteger, nullable=False),  # of the last code that was used
    Column("since", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("agent", String(64), ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("used", BigInteger, nullable=False),  # 0: not yet
)

# What supervisors decide for the whole desk.
house_rules = Table(
    "house_rules",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(32), primary_key=True),  # in the order of time
    Column("ts", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("deed", String(32), nullable=False),
    Column("whom", String(128), nullable=False),
    Column("whom_name", String(256), nullable=False),
    Column("conversation", String(128), nullable=False),
    Column("thing", String(256), nullable=False),
    Column("reason", Text, nullable=False),
    Index("audit_by_deed", "deed", "id"),
)

agent_skills = Table(
    "agent_skills",
    metadata,
    Column("agent", String(64), ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("skill", String(64), primary_key=True),
)
