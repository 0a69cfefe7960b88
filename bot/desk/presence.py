"""Whether an agent is there: his own word, and whether his console is connected."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from bot.log.board import Presence

# A console says that it is there every 5 s; missing it three times is being away.
TOUCH_S = 5.0
_AWAY_MS = 16_000


class Word(StrEnum):
    """What an agent says of himself."""

    ONLINE = "online"
    BUSY = "busy"
    BREAK = "break"
    OFFLINE = "offline"


def shown(presence: Presence | None, now: int) -> Word:
    """What colleagues see: an agent without a console is offline, whatever he said (`now` in ms)."""
    if presence is None or now - presence.seen > _AWAY_MS:
        return Word.OFFLINE
    return Word(presence.presence)


def vanished(owners: Iterable[str], presences: Mapping[str, Presence], gone_before: int) -> set[str]:
    """The owners whose console was last connected before `gone_before` (ms)."""
    return {agent for agent in owners if presences.get(agent, Presence()).seen < gone_before}
