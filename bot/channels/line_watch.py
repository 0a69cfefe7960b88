"""When waiting shoppers look at their place in line again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

_GATHERS_S = 0.3
# The desk opens and closes, and a console is switched off, without a word of anybody.
_AT_LEAST_S = 15


class LineWatch:
    """Tells `moved` soon after the line did, however often it does, and every `at_least_s` when nothing happens."""

    def __init__(self, moved: Callable[[], None], at_least_s: float = _AT_LEAST_S) -> None:
        self._tell = moved
        self._at_least_s = at_least_s
        self._moved = asyncio.Event()

    def changed(self, _: str) -> None:
        self._moved.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._at_least_s):
                    await self._moved.wait()
            self._moved.clear()
            self._tell()
            await asyncio.sleep(_GATHERS_S)
