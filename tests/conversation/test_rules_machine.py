"""Whatever shoppers, the bot, agents and a supervisor do in whatever order, the rules hold."""

from typing import Any

import msgspec
from hypothesis import settings, strategies as st
from hypothesis.stateful import invariant, precondition, rule

from bot.conversation.events import SHOPPER_SEES, Kind, Role, shopper_wire
from bot.conversation.state import Stage, State

from .desk import Desk
from .played import EVERYONE, PRIVATE
from .shopper_and_bot import Bot, Outside, Shopper
from .tickets import Tickets

_states = msgspec.json.Decoder(State)


class Conversation(Shopper, Outside, Bot, Desk, Tickets):
    """One conversation, all who take part in it, and what comes between."""

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def something_is_sent_again(self, data: Any) -> None:
        """A command with an id of its own comes to what it came to; any other is refused or comes to nothing."""
        again = data.draw(st.sampled_from(self.sent))
        before = list(self.events)
        identifier = getattr(again, "id", "")
        if identifier in self.ids:
            assert self.commit(again) == [self.events[self.ids[identifier] - 1]]
            assert self.events == before

    @precondition(lambda self: self.events)
    @rule()
    def every_process_dies(self) -> None:
        """What is left is what was stored: the events, and the state beside them."""
        stored = _states.decode(msgspec.json.encode(self.state))
        self.replayed()
        assert stored == self.state
        self.states, self.folded, self.turns = [stored], stored, []

    # What always holds

    @invariant()
    def events_are_numbered_without_gaps(self) -> None:
        assert [event.seq for event in self.events] == list(range(1, len(self.events) + 1))

    @invariant()
    def state_is_the_fold_of_the_events(self) -> None:
        assert self.folded == self.state

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
    def who_waits_for_a_person_is_known_to_wait(self) -> None:
        if self.state.stage is Stage.WAITING:
            assert self.state.waiting_since

    def teardown(self) -> None:
        """What is asked of the whole story, once it is told."""
        assert self.agents_acted_wrongly() == []
        assert self.bot_spoke_wrongly() == []
        said = [e for e in self.events if e.kind is Kind.SAID and e.sender.role is Role.CUSTOMER]
        numbers = [int(event.id.removeprefix("c:")) for event in said]
        assert numbers == sorted(numbers), "not in the order in which they were accepted"
        shown = repr([shopper_wire(e, self.state.recalled) for e in self.events if e.kind in SHOPPER_SEES])
        assert PRIVATE not in shown
        assert not any(agent.id in shown for agent in EVERYONE)
        super().teardown()


Conversation.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
TestConversation = Conversation.TestCase
