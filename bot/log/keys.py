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


def lease(partition: int, follower: str) -> str:
    return f"{tag(partition)}:lease:{follower}"


def conversation(partition: int, name: str) -> dict[str, str]:
    """Keys of one conversation: its events, its state, the ids it has seen, the brain's memory.

    Of an outside channel also: where its shopper is, what is on its way out, and who has the first word.
    """
    start = f"{tag(partition)}:c:{name}"
    parts = ("events", "state", "ids", "memory", "address", "outbox", "hold", "passive", "expected")
    return {part: f"{start}:{part}" for part in parts}
