"""What becomes of what was promised: tickets, by agents and by their deadlines, at whatever stage the talk is."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from bot.conversation import commands
from bot.conversation.events import Kind, Sender
from bot.conversation.ticket import Due, Ticket, Ticketed, TicketStage
from bot.conversation.ticket_rules import MOST_OPEN

from .played import EVERYONE, LIN, PRIVATE, Played, ages

_TOLD = "我们正在调查"
stages = st.sampled_from(list(TicketStage))
told = st.sampled_from(["", _TOLD])


class Tickets(Played):
    def __init__(self) -> None:
        super().__init__()
        self.known: list[Ticket] = []

    @rule(by=st.sampled_from(EVERYONE), told=told)
    def ticket_opens(self, by: Sender, told: str) -> None:
        before, name = self.state, f"t{len(self.known)}"
        due = Due(self.now + 20_000, self.now + 40_000, self.now + 60_000)
        ticket = Ticket(
            name, 1, "logistics", 2, "包裹丢失", TicketStage.ACCEPTED, by.id, by.name, self.now, due
        )
        opened = sum(one.stage is not TicketStage.CLOSED for one in before.tickets)
        customer = None if before.seq else LIN
        opens = commands.TicketOpens(by, ticket, PRIVATE, told, customer)
        assert self.refused(opens) is (opened >= MOST_OPEN)
        if opened < MOST_OPEN:
            self.known.append(ticket)
            self.came_of(name, before, told)
            assert not self.state.stars, "a low rating is answered by a ticket"

    @precondition(lambda self: self.known)
    @rule(data=st.data(), by=st.sampled_from(EVERYONE), to=st.sampled_from(EVERYONE), age=ages)
    def ticket_passes(self, data: Any, by: Sender, to: Sender, age: int) -> None:
        name, seen, held = self.some(data, age)
        if self.step(commands.TicketPasses(by, name, seen.rev, to.id, to.name, PRIVATE), name, seen):
            assert held is not None
            assert held.stage is not TicketStage.CLOSED
            assert self.held(name).owner == to.id  # type: ignore[union-attr]

    @precondition(lambda self: self.known)
    @rule(data=st.data(), by=st.sampled_from(EVERYONE), stage=stages, told=told, age=ages, asks=st.booleans())
    def ticket_moves(
        self, data: Any, by: Sender, stage: TicketStage, told: str, age: int, *, asks: bool
    ) -> None:
        name, seen, held = self.some(data, age)
        follow_up = self.now + 5000 if asks else 0
        moves = commands.TicketMoves(by, name, seen.rev, stage, self.now, PRIVATE, told, follow_up)
        if self.step(moves, name, seen, told):
            now = self.held(name)
            assert held is not None
            if stage is TicketStage.CLOSED and not asks:
                assert now is None, "it is over"
            else:
                assert now is not None
                assert now.stage is stage
                assert now.level == held.level + (held.stage is TicketStage.CLOSED)

    @precondition(lambda self: self.known)
    @rule(data=st.data(), by=st.sampled_from(EVERYONE), told=told, age=ages)
    def ticket_is_noted(self, data: Any, by: Sender, told: str, age: int) -> None:
        name, seen, _ = self.some(data, age)
        notes = commands.TicketIsNoted(by, name, seen.rev, self.now, PRIVATE, told)
        if self.step(notes, name, seen, told) and told:
            assert self.held(name).heard == self.events[-1].ts  # type: ignore[union-attr]

    @precondition(lambda self: self.known)
    @rule(data=st.data(), waits=st.sampled_from([0, 20_000, 60_000]), age=ages)
    def ticket_escalates(self, data: Any, waits: int, age: int) -> None:
        """By its deadline, and never before it."""
        name, seen, held = self.some(data, age)
        self.now += waits
        due = Due(self.now + 20_000, self.now + 40_000, self.now + 60_000)
        if self.step(commands.TicketEscalates(name, seen.rev, self.now, due, PRIVATE), name, seen):
            assert held is not None
            assert 0 < held.next_due() <= self.events[-1].ts
            assert self.held(name).level == held.level + 1  # type: ignore[union-attr]

    @precondition(lambda self: self.known)
    @rule(data=st.data(), by=st.sampled_from(EVERYONE), told=told, age=ages, later=st.booleans())
    def ticket_is_followed_up(self, data: Any, by: Sender, told: str, age: int, *, later: bool) -> None:
        """The customer says that all is well, or is to be asked again."""
        name, seen, held = self.some(data, age)
        again = self.now + 5000 if later else 0
        asks = commands.TicketIsFollowedUp(by, name, seen.rev, PRIVATE, told, again)
        if self.step(asks, name, seen, told):
            assert held is not None
            assert held.due.follow_up
            assert (self.held(name) is not None) is later

    def some(self, data: Any, age: int) -> tuple[str, Ticket, Ticket | None]:
        """A ticket's name, as its writer saw it a while ago, and as it is."""
        name = data.draw(st.sampled_from(self.known)).id
        steps = [
            e.body.ticket for e in self.events if isinstance(e.body, Ticketed) and e.body.ticket.id == name
        ]
        return name, steps[max(0, len(steps) - 1 - age)], self.held(name)

    def held(self, name: str) -> Ticket | None:
        return next((one for one in self.state.tickets if one.id == name), None)

    def step(self, command: Any, name: str, seen: Ticket, told: str = "") -> bool:
        """Whether it was allowed; never to one who saw an older ticket than it is."""
        before, held = self.state, self.held(name)
        refused = self.refused(command)
        assert refused or (held is not None and held.rev == seen.rev), "decided on an older ticket"
        if not refused:
            self.came_of(name, before, told)
        return not refused

    def came_of(self, name: str, before: Any, told: str) -> None:
        """One step further; what was told is said in the same breath; who answers did not change."""
        said = self.events[-1].kind is Kind.SAID
        assert said is bool(told)
        stepped = self.events[-2 if said else -1].body
        assert isinstance(stepped, Ticketed)
        was = next((one.rev for one in before.tickets if one.id == name), 0)
        assert (stepped.ticket.id, stepped.ticket.rev) == (name, was + 1)
        assert (self.state.stage, self.state.owner, self.state.epoch) == (
            before.stage,
            before.owner,
            before.epoch,
        )

    @invariant()
    def no_ticket_is_forgotten_while_it_is_owed(self) -> None:
        held = {one.id for one in self.state.tickets}
        last: dict[str, Ticket] = {}
        for event in self.events:
            if isinstance(event.body, Ticketed):
                last[event.body.ticket.id] = event.body.ticket
        owed = {
            name for name, one in last.items() if one.stage is not TicketStage.CLOSED or one.due.follow_up
        }
        assert held == owed
