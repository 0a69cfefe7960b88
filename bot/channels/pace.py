"""How fast one shopper may write: a token bucket each, forgotten when full again."""

import time


class Pace:
    """`burst` messages at once, then `per_second`."""

    def __init__(self, burst: int = 20, per_second: float = 2.0, remembered: int = 20_000) -> None:
        self._burst = burst
        self._per_second = per_second
        self._remembered = remembered
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, who: str) -> float:
        """0 when `who` may write now (and that is counted), else the seconds until he may."""
        now = time.monotonic()
        left, at = self._buckets.pop(who, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_second)
        allowed = left >= 1
        self._buckets[who] = (left - 1 if allowed else left, now)
        if len(self._buckets) > self._remembered:
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if allowed else (1 - left) / self._per_second
