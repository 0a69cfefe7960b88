"""From where shoppers connect, and how many connections may come from one place."""

from collections import Counter
from ipaddress import ip_address

from aiohttp import web

MOST_FROM_ONE_PLACE = 200
"""Behind one address there may be an office, or a mobile operator's many customers."""


class Callers:
    """Counts connections by address; `proxies` of ours stand before us and name the address they saw."""

    def __init__(
        self, proxies: int = 0, most: int = 20_000, most_from_one_place: int = MOST_FROM_ONE_PLACE
    ) -> None:
        self._proxies = proxies
        self._most = most
        self._most_from_one_place = most_from_one_place
        self._open: Counter[str] = Counter()
        self._all = 0

    def enter(self, request: web.Request) -> str | None:
        """The caller's place, to `leave` again; None when there are too many."""
        place = self.place_of(request)
        if self._all >= self._most or (place and self._open[place] >= self._most_from_one_place):
            return None
        self._all += 1
        self._open[place] += 1
        return place

    def leave(self, place: str) -> None:
        self._all -= 1
        self._open[place] -= 1
        if not self._open[place]:
            del self._open[place]

    def place_of(self, request: web.Request) -> str:
        """The address that counts, of IPv6 its /64; "" for one that says nothing: a proxy nobody told us of."""
        seen = request.remote or ""
        if self._proxies:
            # Only what our own proxies added counts; what stands before it the caller may have made up.
            named = request.headers.get("X-Forwarded-For", "").split(",")
            seen = named[-self._proxies].strip() if len(named) >= self._proxies else ""
        try:
            address = ip_address(seen)
        except ValueError:
            return ""
        if address.is_loopback:
            return ""
        return str(address) if address.version == 4 else ":".join(address.exploded.split(":")[:4])
