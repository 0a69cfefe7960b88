"""The names of what lies in Redis. Keys that change together share a hash tag, so that they share a Cluster slot."""

from zlib import crc32


def partition_of(conversation: str, partitions: int) -> int:
    return crc32(conversation.encode()) % partitions


def tag(partition: int) -> str:
    return f"xiaoer:{{p{partition}}}"


def feed(partition: int) -> str:
    return f"{tag(partition)}:feed"


def owed(partition: int) -> str:
    """Conversations to which the bot owes an answer, by when the oldest message was accepted."""
    return f"{tag(partition)}:owed"


def living(partition: int) -> str:
    """The conversations that are in Redis, by when they last changed (ms)."""
    return f"{tag(partition)}:living"


ROLL = "xiaoer:{members}:roll"
"""Until when each living process is taken to live (ms), by `follower|member`."""
LEASES = "xiaoer:{members}:leases"
"""Who holds what until when, as `ms|member`, by the names that `lease` gives."""


def lease(partition: int, follower: str) -> str:
    return f"{follower}|{partition}"


def cursors(partition: int) -> str:
    """How far in the partition's feed each follower has done, as `entry|member`, by follower."""
    return f"{tag(partition)}:cursors"


def falls(partition: int) -> str:
    """Processes that died while they followed the partition, by follower: `bot.log.cursors`, `bot.log.suspects`."""
    return f"{tag(partition)}:falls"


def changes(partition: int, customer: str) -> str:
    """The changes of the last 24 hours for a customer, by when they were begun (µs)."""
    return f"{tag(partition)}:changes:{customer}"


def conversation(partition: int, name: str) -> dict[str, str]:
    """Keys of one conversation: its events, its state, the ids it has seen, the brain's memory.

    Of an outside channel also: where its shopper is, what is on its way out, and who has the first word.
    """
    start = f"{tag(partition)}:c:{name}"
    parts = ("events", "state", "ids", "memory", "address", "outbox", "hold", "passive", "expected")
    return {part: f"{start}:{part}" for part in parts}
