"""A conversation as the log plays it: a list of events, and every writer decided against the newest state.

What a writer saw may be an older state, exactly as several processes would; a known id is answered with its
event. Both are what `bot/log/log.py` does with Redis.
"""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from bot.conversation.bodies import Customer
from bot.conversation.commands import Command
from bot.conversation.events import Event, Role, Sender, decode_event, encode_event
from bot.conversation.rules import decide
from bot.conversation.state import State, fold
from bot.errors import RefusedError, StaleError

LIN = Customer("c1", "林小雨", "钻石", verified=True)
WANG = Sender(Role.AGENT, "a-1", "小王")
LI = Sender(Role.AGENT, "a-2", "小李")
BOSS = Sender(Role.AGENT, "a-3", "组长")
AGENTS = [WANG, LI]
EVERYONE = [*AGENTS, BOSS]
PRIVATE = "仅内部可见"

ages = st.sampled_from([0, 0, 0, 0, 1, 2, 3])
"""How many writes ago a writer looked; mostly he knows the newest."""
people = st.integers(0, 6)


class Played(RuleBasedStateMachine):
    """What it came to so far; the rules are in the classes that follow from it."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.states = [State("x1")]
        self.folded = State("x1")
        self.ids: dict[str, int] = {}
        self.counter = 0
        self.now = 1_000_000
        self.sent: list[Command] = []
        self.turns: list[State] = []
        self.asked_for_human = False

    @property
    def state(self) -> State:
        return self.states[-1]

    def seen(self, age: int) -> State:
        """The state as a writer saw it who looked `age` writes ago."""
        return self.states[max(0, len(self.states) - 1 - age)]

    def commit(self, command: Command) -> list[Event]:
        key = getattr(command, "id", "")
        if key in self.ids:
            return [self.events[self.ids[key] - 1]]
        drafts = decide(self.state, command)
        added = []
        for draft in drafts:
            assert draft.id not in self.ids, f"{draft.id} stands for two events"
            seq = len(self.events) + 1
            event = Event(seq, draft.id, draft.kind, draft.sender, self.now, draft.body)
            self.events.append(event)
            self.ids[draft.id] = seq
            added.append(event)
        after = self.state
        for event in added:
            after = fold(after, event)
            self.folded = fold(self.folded, decode_event(encode_event(event)))
        if added:
            self.states.append(after)
        self.now += 1000
        self.sent.append(command)
        return added

    def refused(self, command: Command) -> bool:
        """Whether the rules forbade it; then nothing came of it."""
        count = len(self.events)
        try:
            self.commit(command)
        except (StaleError, RefusedError):
            assert len(self.events) == count
            return True
        return False

    def as_seen(self, make: Callable[[int], Command], age: int) -> bool:
        """Does it under the epoch of an older state; an outdated epoch must be refused."""
        epoch = self.seen(age).epoch
        outdated = epoch != self.state.epoch
        refused = self.refused(make(epoch))
        assert refused or not outdated, "decided under an older epoch"
        return not refused

    def fresh(self) -> str:
        self.counter += 1
        return f"c:{self.counter}"

    def replayed(self) -> list[tuple[State, Event]]:
        """Every event with the state before it, from the stored events alone."""
        before, found = State("x1"), []
        for event in self.events:
            found.append((before, event))
            before = fold(before, decode_event(encode_event(event)))
        assert before == self.state
        return found

    def person(self, whose: int) -> Sender:
        """Somebody at the desk; more often than not the one who has the conversation, if anybody has."""
        owner = next((one for one in EVERYONE if one.id == self.state.owner), None)
        return EVERYONE[whose % 3] if owner is None or whose < 3 else owner
