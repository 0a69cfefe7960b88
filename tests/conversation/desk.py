"""What two agents, a supervisor and the desk's own clocks do."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.conversation import commands
from bot.conversation.bodies import Noted, Text
from bot.conversation.events import Kind, Role, Sender
from bot.conversation.service import RECALL_MS
from bot.conversation.state import Stage

from .played import AGENTS, BOSS, EVERYONE, LIN, PRIVATE, Played, ages, people


class Desk(Played):
    @rule(agent=st.sampled_from(AGENTS), age=ages, given=st.booleans())
    def agent_claims(self, agent: Sender, age: int, *, given: bool) -> None:
        """By himself, or because the desk gave him the next customer."""
        waiting = self.state.stage is Stage.WAITING
        kind = commands.DeskAssigns if given else commands.AgentClaims
        if self.as_seen(lambda epoch: kind(agent, epoch), age):
            assert waiting
            assert self.state.owner == agent.id

    @rule(agent=st.sampled_from(AGENTS))
    def customer_is_served(self, agent: Sender) -> None:
        """From wherever the conversation is, the short way to an agent's first word."""
        if self.state.stage in (Stage.BOT, Stage.CLOSED):
            self.commit(commands.CustomerAsksForHuman(self.fresh(), "web", "demo", LIN))
            self.asked_for_human = True
        if self.state.stage is Stage.WAITING:
            self.commit(commands.AgentClaims(agent, self.state.epoch))
            self.commit(commands.AgentReplies(self.fresh(), agent, self.state.epoch, Text("您好")))
        assert self.state.stage is Stage.HUMAN

    @rule(age=ages)
    def supervisor_takes(self, age: int) -> None:
        if self.as_seen(lambda epoch: commands.SupervisorTakes(BOSS, epoch), age):
            assert self.state.owner == BOSS.id

    @rule(whose=people, age=ages)
    def agent_replies(self, whose: int, age: int) -> None:
        agent = self.person(whose)
        owner = self.state.owner
        identifier = self.fresh()
        if self.as_seen(lambda epoch: commands.AgentReplies(identifier, agent, epoch, Text("您好")), age):
            assert owner == agent.id

    @precondition(lambda self: self.events)
    @rule(whose=people, late=st.booleans(), data=st.data())
    def agent_recalls(self, whose: int, data: Any, *, late: bool) -> None:
        said = [e for e in self.events if e.kind is Kind.SAID and e.sender.role is Role.AGENT]
        if not said:
            return
        of, agent = data.draw(st.sampled_from(said)), self.person(whose)
        now = of.ts + RECALL_MS + late
        was = of.seq in self.state.recalled
        recalls = commands.AgentRecalls(agent, of.seq, of.sender.id, of.ts, now)
        out = of.seq <= self.state.delivered
        allowed = was or (agent == of.sender and not out and not late)
        assert self.refused(recalls) is not allowed
        assert (of.seq in self.state.recalled) is allowed

    @rule(agent=st.sampled_from(EVERYONE), whisper=st.booleans())
    def agent_notes(self, agent: Sender, *, whisper: bool) -> None:
        """A note among colleagues, or a supervisor's whisper: who answers is the same as before."""
        begun, before = self.state.seq > 0, self.state
        to = (AGENTS[0].id,) if whisper else ()
        notes = commands.AgentNotes(self.fresh(), agent, PRIVATE, to, whisper=whisper)
        assert self.refused(notes) is not begun
        if begun:
            assert self.events[-1].body == Noted(PRIVATE, to, whisper=whisper)
            assert (self.state.stage, self.state.epoch) == (before.stage, before.epoch)
            assert self.state.owed_since == before.owed_since, "a note is no answer"

    @rule(whose=people, age=ages)
    def agent_puts_back(self, whose: int, age: int) -> None:
        agent = self.person(whose)
        since = self.state.waiting_since
        if self.as_seen(lambda epoch: commands.AgentPutsBack(agent, epoch), age):
            self.is_back_at_head(since)

    @rule(whose=people, age=ages)
    def agent_passes_on(self, whose: int, age: int) -> None:
        agent = self.person(whose)
        since = self.state.waiting_since
        if self.as_seen(lambda epoch: commands.AgentPassesOn(agent, epoch, "refund", PRIVATE), age):
            self.is_back_at_head(since)
            assert self.state.skill == "refund"

    @rule(whose=people, age=ages)
    def agent_vanishes(self, whose: int, age: int) -> None:
        agent = self.person(whose)
        since = self.state.waiting_since
        if self.as_seen(lambda epoch: commands.AgentVanished(agent.id, epoch), age):
            self.is_back_at_head(since)

    @rule(whose=people, age=ages)
    def agent_was_silent(self, whose: int, age: int) -> None:
        agent = self.person(whose)
        before = self.state
        if self.as_seen(lambda epoch: commands.AgentIsSilent(agent.id, epoch), age):
            assert before.first_word_at < before.claimed_at, "he had spoken"
            self.is_back_at_head(before.waiting_since)

    def is_back_at_head(self, since: int) -> None:
        assert self.state.stage is Stage.WAITING
        assert self.state.at_head
        assert self.state.waiting_since == (since or self.events[-1].ts)

    @rule(whose=people, to=st.sampled_from(EVERYONE), age=ages)
    def agent_transfers(self, whose: int, to: Sender, age: int) -> None:
        agent = self.person(whose)
        if self.as_seen(
            lambda epoch: commands.AgentTransfers(agent, epoch, to.id, to.name, PRIVATE),
            age,
        ):
            assert self.state.owner == to.id

    @rule(whose=people, age=ages)
    def agent_closes(self, whose: int, age: int) -> None:
        agent = self.person(whose)
        if self.as_seen(lambda epoch: commands.AgentCloses(agent, epoch), age):
            self.asked_for_human = False
            assert self.state.stage is Stage.CLOSED
            assert self.state.rateable

    @rule(whose=people, age=ages)
    def agent_approves(self, whose: int, age: int) -> None:
        """Only whose conversation it is, only what stands proposed, and once."""
        agent = self.person(whose)
        proposed, owner = self.seen(age).proposed, self.state.owner
        current = self.state.proposed
        if self.as_seen(lambda epoch: commands.AgentApproves(agent, epoch, proposed), age):
            assert (owner, current) == (agent.id, proposed)
            assert self.state.approved == self.state.seq
            assert not self.state.proposed
            assert self.refused(commands.AgentApproves(agent, self.state.epoch, proposed))

    @rule(age=ages)
    def desk_tells(self, age: int) -> None:
        identifier, before = self.fresh(), self.state
        if self.as_seen(lambda epoch: commands.DeskTells(identifier, epoch, "请稍等，马上为您服务"), age):
            assert (self.state.stage, self.state.owner) == (before.stage, before.owner)

    def agents_acted_wrongly(self) -> list[int]:
        """Seqs at which somebody spoke, passed on, closed or approved what was not his."""
        needs_owner = {Kind.SAID, Kind.TRANSFERRED, Kind.CLOSED, Kind.APPROVED, Kind.RELEASED}
        return [
            event.seq
            for before, event in self.replayed()
            if event.sender.role is Role.AGENT and event.kind in needs_owner
            if before.owner != event.sender.id
        ]
