"""How often one address may try to sign in."""

import time
from collections import OrderedDict

from bot.errors import LockedOutError

PER_S = 60.0
_REMEMBERED = 10_000


class SignInPace:
    """At most `tries` in `PER_S` seconds from one address to this process; locks are in the accounts."""

    def __init__(self, tries: int) -> None:
        self._most = tries
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Counts a try. Raises LockedOutError when it is one too many."""
        now = time.monotonic()
        recent = [at for at in self._tries.pop(address, []) if now - at < PER_S]
        if len(recent) < self._most:
            recent.append(now)
        else:
            self._tries[address] = recent
            raise LockedOutError(after_s=int(PER_S - (now - recent[0])) + 1)
        self._tries[address] = recent
        while len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)
