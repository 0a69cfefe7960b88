"""The brain: a follower of the log that owes every customer an answer, or a human."""

import contextlib

import structlog

from bot.brain import memory
from bot.brain.patience import tell_if_longer
from bot.brain.turn import Turns
from bot.conversation.bodies import HandedOff
from bot.conversation.changed import Approved
from bot.conversation.commands import BotFails
from bot.conversation.events import Event, Kind, Role
from bot.conversation.state import Stage, State
from bot.errors import BrainError, StaleError
from bot.log.log import Log

logger = structlog.get_logger(__name__)


class Brain:
    """Answers what the log says is still owed; each answer and its memory are one append."""

    def __init__(self, log: Log, turns: Turns) -> None:
        self._log = log
        self._turns = turns

    async def handle(self, conversation: str, last: int) -> None:
        """Answers every unanswered message of the conversation, oldest first."""
        state = await self._log.state_since(conversation, last)
        while state.stage is Stage.BOT and state.unanswered_since:
            event = await self._next(state)
            if event is None:
                return
            try:
                state = await self._answer(state, event)
            except StaleError:
                # A human came, or another brain was faster: what was thought is thrown away.
                state = await self._log.state(conversation)
        if state.approved:
            await self._carry_out(state)

    async def give_up(self, conversation: str, last: int, error: Exception) -> bool:
        """After repeated failures the customer gets a human, for good."""
        state = await self._log.state(conversation)
        logger.error("message_given_up", seq=last, error=type(error).__name__)
        with contextlib.suppress(StaleError):  # somebody answered meanwhile
            await self._log.commit(conversation, BotFails(state.last_customer_seq, "brain_unavailable"))
        return False

    async def _next(self, state: State) -> Event | None:
        after = state.brain
        while after < state.last_customer_seq:
            until = min(state.last_customer_seq, after + 50)
            for event in await self._log.events_until(state.conversation, after, until):
                after = event.seq
                if event.kind is Kind.SAID and event.sender.role is Role.CUSTOMER:
                    return event
        return None

    async def _carry_out(self, state: State) -> None:
        """Has done what an agent approved; under the proposal's key, so that doing it twice does it once."""
        approved = await self._log.event(state.conversation, state.approved)
        body = approved.body if approved else None
        handed = await self._log.event(state.conversation, body.of) if isinstance(body, Approved) else None
        proposal = handed.body.proposal if handed and isinstance(handed.body, HandedOff) else None
        if approved is None or proposal is None:
            return
        done = await self._turns.carry_out(state, approved, proposal)
        with contextlib.suppress(StaleError):  # another brain was faster
            await self._log.commit(state.conversation, done)

    async def _answer(self, state: State, event: Event) -> State:
        try:
            answer, tracker = await tell_if_longer(
                self._log, state, event.seq, self._turns.make(state, event)
            )
        except BrainError as error:
            logger.warning("no_turn", error=str(error), seq=event.seq)
            failed = await self._log.commit(state.conversation, BotFails(event.seq, "brain_unavailable"))
            return failed.state
        kept = memory.dump(tracker, event.seq)
        done = await self._log.commit(state.conversation, answer, memory=kept, known=state)
        self._turns.remember(state.conversation, event.seq, tracker, len(kept))
        return done.state
