"""What a shopper has been shown and what comes next, read from the log."""

from collections.abc import Collection
from typing import Any

from bot.channels.intake import OWN
from bot.conversation.events import SHOPPER_SEES, Event, Kind, Role, shopper_wire
from bot.conversation.state import State, fold
from bot.log.log import Log

_REPLAYED = 500
_AFTER_RESET = 100
_BATCH = 500


class Replay:
    """A cursor in one conversation: frames for the shopper, gapless by `prev`."""

    def __init__(self, log: Log, conversation: str) -> None:
        self._log = log
        self._conversation = conversation
        self._shown = 0
        self._seq = 0
        self._backlog: list[Event] = []
        self.state = State(conversation)
        self.told: tuple[Any, ...] = ()
        self.last_status: dict[str, Any] = {}

    async def start(self, after: int) -> dict[str, Any]:
        """Goes to where the shopper left off; returns `seq`, `base` and `reset` for the welcome.

        A shopper who is too far behind, or ahead of a log that was lost, starts anew with the newest events.
        """
        self.state = await self._log.state(self._conversation)
        reset = after > self.state.seq or self.state.seq - after > _REPLAYED
        if reset:
            events = await self._log.last_events(self._conversation, limit=_AFTER_RESET)
        else:
            events = await self._log.events(self._conversation, after=after, limit=_REPLAYED)
            reset = (
                bool(events) and events[0].seq > after + 1
            )  # neither Redis nor the archive has what is between
        self._backlog = [event for event in events if event.seq <= self.state.seq]
        self._shown = 0 if reset else after
        self._seq = self.state.seq
        visible = [event.seq for event in self._backlog if event.kind in SHOPPER_SEES]
        return {
            "seq": visible[-1] if visible else self._shown,
            "base": visible[0] if visible else self._shown,
            "reset": reset and self.state.seq + after > 0,
        }

    async def news(self) -> list[dict[str, Any]]:
        """Frames for everything that came since, oldest first."""
        events, self._backlog = self._backlog, []
        while (heard := self._heard()) is None:
            batch = await self._log.events(self._conversation, after=self._seq, limit=_BATCH)
            for event in batch:
                self.state = fold(self.state, event)
                self._seq = event.seq
            events += batch
            if len(batch) < _BATCH:
                break
        frames = []
        for event in (*events, *(heard or ())):
            if event.kind in SHOPPER_SEES:
                frames.append(self.frame(event, self._shown, self.state.recalled))
                self._shown = event.seq
        return frames

    def _heard(self) -> list[Event] | None:
        """What follows of what he sees, as heard from the feed; None when not all was: then the log has it."""
        last = self._log.heard.last(self._conversation)
        if last is None:
            return None
        if last <= self._seq:
            return []  # what comes next is told when it is heard
        events = self._log.heard.events(self._conversation, self._seq, last, SHOPPER_SEES)
        state = self._log.heard.state(self._conversation, last)
        if events is None or state is None:
            return None
        self.state, self._seq = state, last
        return events

    def status_key(self) -> tuple[Any, ...]:
        """What the status is made of: when it changes, the shopper is told."""
        return (self.state.stage, self.state.owner_name, self.state.rateable)

    @staticmethod
    def frame(event: Event, prev: int, recalled: Collection[int] = ()) -> dict[str, Any]:
        """The event's frame; a shopper's own carries the `cid` that his widget gave it."""
        frame: dict[str, Any] = {"t": "ev", "prev": prev, "ev": shopper_wire(event, recalled)}
        own = event.kind in {Kind.SAID, Kind.HANDED_OFF, Kind.RATED, Kind.RELEASED}
        if own and event.sender.role is Role.CUSTOMER and event.id.startswith(OWN):
            frame["cid"] = event.id.removeprefix(OWN)
        return frame
