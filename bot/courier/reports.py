"""What a platform tells later about a message that it had taken."""

from bot.conversation.bodies import Delivered
from bot.conversation.commands import CourierReports
from bot.log.log import Log

_LOOKED_AT = 400


async def failed_later(log: Log, conversation: str, key: str, reason: str) -> bool:
    """Notes that the message known by `key` did not arrive after all; False when none is known by it."""
    for event in reversed(await log.last_events(conversation, limit=_LOOKED_AT)):
        body = event.body
        if isinstance(body, Delivered) and key in body.keys:
            report = CourierReports(f"late:{key}", Delivered(body.of, "failed", reason, 0, (key,)))
            await log.commit(conversation, report)
            return True
    return False
