"""What a process says while Redis is away: one sentence with the mend, and again every minute."""

import time

import structlog

logger = structlog.get_logger(__name__)

_EVERY_S = 60.0


class Away:
    """Counts the complaints of all who miss Redis; only the first of a minute is written."""

    def __init__(self) -> None:
        self._since = 0.0
        self._said = 0.0
        self._unsaid = 0

    def say(self, who: str, error: Exception) -> None:
        """`who` could not reach Redis. Nothing is lost by it: it is tried again and again."""
        now = time.monotonic()
        self._since = self._since or now
        if self._said and now - self._said < _EVERY_S:
            self._unsaid += 1
            return
        self._said = now
        logger.warning(
            "redis_away",
            who=who,
            error=str(error),
            told="Redis does not answer. Start it, or set REDIS_URL to where it is; we try again by ourselves.",
            for_s=round(now - self._since),
            unsaid=self._unsaid,
        )
        self._unsaid = 0

    def over(self) -> None:
        """Somebody reached Redis."""
        if self._since:
            logger.warning("redis_back", after_s=round(time.monotonic() - self._since, 1))
            self._since = self._said = 0.0
            self._unsaid = 0


redis_away = Away()
"""This process's own."""
