"""Whatever shoppers, the bot, agents and a supervisor do in whatever order, the rules hold.

The log is played by a list: events are numbered in it, and every command is decided against the state that
its writer saw, which may be an old one, exactly as several processes would.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.conversation import bodies, commands
from bot.conversation.bodies import Customer, Means, Rated, Text, Understood
from bot.conversation.commands import Command
from bot.conversation.events import (
    SHOPPER_SEES,
    Event,
    Kind,
    Role,
    Sender,
    decode_event,
    encode_event,
    shopper_wire,
)
from bot.conversation.rules import decide
from bot.conversation.state import Stage, State, fold
from bot.errors import NothingToRateError, RefusedError, StaleError

LIN = Customer("c1", "林小雨", "钻石", verified=True)
AGENTS = [Sender(Role.AGENT, "a-1", "小王"), Sender(Role.AGENT, "a-2", "小李")]
BOSS = Sender(Role.AGENT, "a-3", "组长")
EVERYONE = [*AGENTS, BOSS]
PRIVATE = "仅内部可见"
WORDS = ["我的包裹在哪", "转人工", "谢谢", "退款什么时候到", "我要真人客服"]

old = st.integers(0, 3)


class Conversation(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.states = [State("x1")]
        self.ids: dict[str, int] = {}
        self.counter = 0
        self.asked_for_human = False
        self.sent: list[Command] = []
        self.turns: list[State] = []

    @property
    def state(self) -> State:
        return self.states[-1]

    def seen(self, age: int) -> State:
        """The state as a writer saw it who looked `age` writes ago."""
        return self.states[max(0, len(self.states) - 1 - age)]

    def commit(self, command: Command) -> list[Event]:
        """As the log does: a known id is answered with its event, the rest is decided and appended whole."""
        key = getattr(command, "id", "")
        if key in self.ids:
            return [self.events[self.ids[key] - 1]]
        before = self.state
        drafts = decide(before, command)
        added = []
        for draft in drafts:
            assert draft.id not in self.ids, f"{draft.id} stands for two events"
            seq = len(self.events) + 1
            event = Event(seq, draft.id, draft.kind, draft.sender, 1000 + seq, draft.body)
            self.events.append(event)
            self.ids[draft.id] = seq
            added.append(event)
        after = before
        for event in added:
            after = fold(after, event)
        if added:
            self.states.append(after)
        self.sent.append(command)
        return added

    def refused(self, command: Command) -> bool:
        count = len(self.events)
        try:
            self.commit(command)
        except (StaleError, RefusedError):
            assert len(self.events) == count
            return True
        return False

    def fresh(self) -> str:
        self.counter += 1
        return f"c:{self.counter}"

    # The shopper

    @rule(text=st.sampled_from(["在吗", "我的包裹在哪"]))
    def customer_chats(self, text: str) -> None:
        stage = self.state.stage
        self.commit(commands.CustomerSays(self.fresh(), "web", "demo", LIN, Text(text)))
        assert self.state.stage is (Stage.BOT if stage is Stage.CLOSED else stage)
        if self.state.stage is Stage.BOT:
            self.turns = [*self.turns[-3:], self.state]

    @rule(text=st.sampled_from(WORDS))
    def customer_says(self, text: str) -> None:
        before = self.state
        added = self.commit(commands.CustomerSays(self.fresh(), "web", "demo", LIN, Text(text)))
        assert added[-1].kind is Kind.SAID or added[-2].kind is Kind.SAID
        if "人工" in text or "真人" in text:
            self.asked_for_human = True
            assert self.state.stage in (Stage.WAITING, Stage.HUMAN)
        if before.stage in (Stage.WAITING, Stage.HUMAN):
            assert (self.state.stage, self.state.owner) == (before.stage, before.owner)

    @rule()
    def customer_presses_human(self) -> None:
        pressed = bodies.Choice(1, "3", "转人工")
        self.commit(commands.CustomerSays(self.fresh(), "web", "demo", LIN, pressed, Means(human=True)))
        self.asked_for_human = True
        assert self.state.stage in (Stage.WAITING, Stage.HUMAN)

    @rule()
    def customer_asks_for_a_human(self) -> None:
        self.commit(commands.CustomerAsksForHuman(self.fresh(), "web", "demo", LIN))
        self.asked_for_human = True
        assert self.state.stage in (Stage.WAITING, Stage.HUMAN)

    @rule()
    def customer_leaves_the_line(self) -> None:
        waiting = self.state.stage is Stage.WAITING
        assert self.refused(commands.CustomerLeavesLine(self.fresh())) is not waiting
        if waiting:
            self.asked_for_human = False

    @rule(stars=st.integers(1, 5))
    def customer_rates(self, stars: int) -> None:
        rateable = self.state.rateable
        rates = commands.CustomerRates(self.fresh(), Rated(stars))
        try:
            self.commit(rates)
        except NothingToRateError:
            assert not rateable
        else:
            assert rateable
            assert not self.state.rateable

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def something_is_sent_again(self, data: Any) -> None:
        again = data.draw(st.sampled_from([one for one in self.sent if hasattr(one, "id")] or [None]))
        if again is not None and again.id in self.ids:
            before = list(self.events)
            assert self.commit(again) == [self.events[self.ids[again.id] - 1]]
            assert self.events == before

    # The bot

    @precondition(lambda self: self.state.unanswered_since)
    @rule()
    def bot_begins_a_turn(self) -> None:
        self.turns = [*self.turns[-3:], self.state]

    @precondition(lambda self: self.turns)
    @rule(data=st.data(), hand_off=st.sampled_from(["", "", "complaint", "second_miss"]))
    def bot_ends_a_turn(self, data: Any, hand_off: str) -> None:
        """However late, and as often as two processes believe that it is theirs."""
        seen = data.draw(st.sampled_from(self.turns))
        of, now = seen.last_customer_seq, self.state
        understood = Understood(of, "logistics_track", 0.9)
        answer = commands.BotAnswers(of, seen.epoch, understood, (), (Text("已到杭州"),), hand_off)
        outdated = now.epoch != seen.epoch or now.brain >= of
        assert self.refused(answer) is outdated
        if not outdated and hand_off:
            assert self.state.stage is Stage.WAITING
        assert self.refused(answer), "the same turn was told twice"

    @rule(age=old)
    def bot_fails(self, age: int) -> None:
        seen = self.seen(age)
        if seen.last_customer_seq:
            owed = self.state.stage is Stage.BOT and self.state.brain < seen.last_customer_seq
            fails = commands.BotFails(seen.last_customer_seq, "brain_unavailable")
            assert self.refused(fails) is not owed

    # The agents

    def as_seen(self, make: Callable[[int], Command], age: int) -> bool:
        """Does it under the epoch of an older state; an outdated epoch must be refused."""
        epoch = self.seen(age).epoch
        outdated = epoch != self.state.epoch
        refused = self.refused(make(epoch))
        assert refused or not outdated, "decided under an older epoch"
        return not refused

    @rule(agent=st.sampled_from(AGENTS), age=old)
    def agent_claims(self, agent: Sender, age: int) -> None:
        waiting = self.state.stage is Stage.WAITING
        if self.as_seen(lambda epoch: commands.AgentClaims(agent, epoch), age):
            assert waiting
            assert self.state.owner == agent.id

    @rule(age=old)
    def supervisor_takes(self, age: int) -> None:
        if self.as_seen(lambda epoch: commands.SupervisorTakes(BOSS, epoch), age):
            assert self.state.owner == BOSS.id

    @rule(agent=st.sampled_from(EVERYONE), age=old)
    def agent_replies(self, agent: Sender, age: int) -> None:
        owner = self.state.owner
        identifier = self.fresh()
        if self.as_seen(lambda epoch: commands.AgentReplies(identifier, agent, epoch, Text("您好")), age):
            assert owner == agent.id

    @rule(agent=st.sampled_from(EVERYONE))
    def agent_notes(self, agent: Sender) -> None:
        begun = self.state.seq > 0
        assert self.refused(commands.AgentNotes(self.fresh(), agent, PRIVATE)) is not begun

    @rule(agent=st.sampled_from(EVERYONE), age=old)
    def agent_puts_back(self, agent: Sender, age: int) -> None:
        since = self.state.waiting_since
        if self.as_seen(lambda epoch: commands.AgentPutsBack(agent, epoch), age):
            self.is_back_at_head(since)

    @rule(agent=st.sampled_from(EVERYONE), age=old)
    def agent_vanishes(self, agent: Sender, age: int) -> None:
        since = self.state.waiting_since
        if self.as_seen(lambda epoch: commands.AgentVanished(agent.id, epoch), age):
            self.is_back_at_head(since)

    def is_back_at_head(self, since: int) -> None:
        assert self.state.stage is Stage.WAITING
        assert self.state.at_head
        assert self.state.waiting_since == (since or self.events[-1].ts)

    @rule(agent=st.sampled_from(EVERYONE), to=st.sampled_from(EVERYONE), age=old)
    def agent_transfers(self, agent: Sender, to: Sender, age: int) -> None:
        if self.as_seen(
            lambda epoch: commands.AgentTransfers(agent, epoch, to.id, to.name, PRIVATE),
            age,
        ):
            assert self.state.owner == to.id

    @rule(agent=st.sampled_from(EVERYONE), age=old)
    def agent_closes(self, agent: Sender, age: int) -> None:
        if self.as_seen(lambda epoch: commands.AgentCloses(agent, epoch), age):
            self.asked_for_human = False
            assert self.state.stage is Stage.CLOSED
            assert self.state.rateable

    # What always holds

    @invariant()
    def events_are_numbered_without_gaps(self) -> None:
        assert [event.seq for event in self.events] == list(range(1, len(self.events) + 1))

    @invariant()
    def state_is_the_fold_of_the_events(self) -> None:
        folded = State("x1")
        for event in self.events:
            folded = fold(folded, decode_event(encode_event(event)))
        assert folded == self.state

    @invariant()
    def a_conversation_has_an_owner_exactly_when_a_human_answers(self) -> None:
        assert bool(self.state.owner) is (self.state.stage is Stage.HUMAN)
        assert bool(self.state.claimed_at) is (self.state.stage is Stage.HUMAN)

    @invariant()
    def epochs_only_rise(self) -> None:
        assert all(a.epoch <= b.epoch for a, b in zip(self.states, self.states[1:], strict=False))

    @invariant()
    def a_human_who_was_asked_for_is_never_unasked(self) -> None:
        if self.asked_for_human:
            assert self.state.stage in (Stage.WAITING, Stage.HUMAN)

    @invariant()
    def the_bot_owes_an_answer_only_while_it_answers(self) -> None:
        if self.state.stage is not Stage.BOT:
            assert not self.state.unanswered_since
            assert self.state.brain == self.state.last_customer_seq

    @invariant()
    def nothing_private_is_shown_to_the_shopper(self) -> None:
        shown = repr([shopper_wire(event) for event in self.events if event.kind in SHOPPER_SEES])
        assert PRIVATE not in shown
        assert not any(agent.id in shown for agent in EVERYONE)


Conversation.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestConversation = Conversation.TestCase
