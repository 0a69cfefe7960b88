"""What the news of the feeds were about, kept for a while: who follows them need not ask Redis again."""

from collections import OrderedDict
from collections.abc import Collection, Mapping

import msgspec

from bot.conversation.events import Event, Kind, decode_events
from bot.conversation.state import State

_MOST_BYTES = 16_000_000
_STRETCH = 64

_decode_state = msgspec.json.Decoder(State).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _Known(msgspec.Struct):
    """The newest state heard of, and the events that led to it: stretches without a gap, oldest first."""

    seq: int
    state: bytes
    stretches: list[tuple[int, int, bytes]]
    size: int


class Heard:
    """The newest that was heard of each conversation, by what it said last; the oldest heard of goes first."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._size = 0

    def hear(self, conversation: str, fields: Mapping[bytes, bytes]) -> None:
        """Takes in an entry of a feed; one that is too big to say what it is about makes us forget."""
        first, last = int(fields[b"a"]), int(fields[b"z"])
        known = self._known.get(conversation)
        if known is not None and last <= known.seq:
            return
        self._forget(conversation)
        state, events = fields.get(b"s"), fields.get(b"e")
        if state is None or events is None:
            return
        stretches = known.stretches if known is not None and known.seq == first - 1 else []
        stretches = [*stretches[1 - _STRETCH :], (first, last, events)]
        size = len(state) + sum(len(data) for _, _, data in stretches)
        self._known[conversation] = _Known(last, state, stretches, size)
        self._size += size
        while self._size > self._most_bytes:
            self._forget(next(iter(self._known)))

    def state(self, conversation: str, since: int) -> State | None:
        """A state that has all up to `since`; it may be older than Redis's by now."""
        known = self._known.get(conversation)
        return _decode_state(known.state) if known is not None and known.seq >= since > 0 else None

    def has(self, conversation: str, after: int, until: int) -> bool:
        """Whether all events from `after` (without) to `until` (with) were heard."""
        known = self._known.get(conversation)
        return known is not None and known.seq >= until and known.stretches[0][0] <= after + 1

    def events(
        self, conversation: str, after: int, until: int, kinds: Collection[Kind] | None = None
    ) -> list[Event] | None:
        """The events from `after` (without) to `until` (with), of all or of these kinds; None when one was not heard."""
        if not self.has(conversation, after, until):
            return None
        found: list[Event] = []
        for first, last, data in self._known[conversation].stretches:
            if last > after and first <= until:
                events = decode_events(_decode_list(data), kinds)
                found += [event for event in events if after < event.seq <= until]
        return found

    def last(self, conversation: str) -> int | None:
        """The newest seq heard of; None when nothing is known."""
        known = self._known.get(conversation)
        return known.seq if known is not None else None

    def clear(self) -> None:
        """Forgets everything."""
        self._known.clear()
        self._size = 0

    def _forget(self, conversation: str) -> None:
        known = self._known.pop(conversation, None)
        if known is not None:
            self._size -= known.size
