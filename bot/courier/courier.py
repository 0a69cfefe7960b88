"""The courier: a follower of the log that brings what is said to shoppers outside our own page."""

import asyncio
from collections.abc import Iterable

import msgspec
import structlog

from bot.conversation.bodies import Delivered
from bot.conversation.commands import CourierReports
from bot.conversation.events import Event
from bot.conversation.state import Stage, State
from bot.courier.contract import Address, Channel, Failed, Outcome, Sent, Unknown
from bot.courier.due import Position, due_events, told_in
from bot.courier.parcels import Parcel, decode_parcel, encode_parcel
from bot.log.log import Log
from bot.log.outbox import Outbox

logger = structlog.get_logger(__name__)

NAME = "courier"
OUTSIDE = "x"
"""How the ids of conversations in outside channels begin; our own page's begin otherwise."""
_LOOK_AGAIN_S = 0.15

_NOT_SET_UP = "渠道没有配置，或顾客地址未知"
_NO_QUOTA = "平台额度已用完或超过时限，等顾客再发一条消息后才能发送"
_DIED = "发送途中程序中断，平台没有回执"
_INTERNAL = "内部错误，没有送出"

_addresses = msgspec.json.Decoder(Address)


class Patience(msgspec.Struct, frozen=True):
    """Seconds. `few` is when the quota counts as nearly gone: then messages wait `gather_s` for company."""

    first_s: float = 0.5
    longest_s: float = 8.0
    tries: int = 5
    few: int = 2
    gather_s: float = 3.0
    gather_most_s: float = 12.0
    position_s: float = 1.0


class Courier:
    """What the log's follower "courier" does with news: whatever is not delivered yet goes out, in order."""

    def __init__(
        self,
        log: Log,
        outbox: Outbox,
        channels: Iterable[Channel],
        position: Position,
        patience: Patience | None = None,
    ) -> None:
        self._log = log
        self._outbox = outbox
        self._channels = {channel.name: channel for channel in channels}
        self._position = position
        self._patience = patience or Patience()

    async def handle(self, conversation: str, last: int) -> None:  # noqa: ARG002 - the log knows what is due
        """Brings out everything that is due in the conversation."""
        if not conversation.startswith(OUTSIDE):
            return
        while await self._step(conversation):
            pass

    async def give_up(self, conversation: str, last: int, error: Exception) -> bool:
        """What could not even be tried is told to the agents as failed, for good."""
        logger.error("not_delivered", conversation=conversation, seq=last, error=type(error).__name__)
        state = await self._log.state(conversation)
        due = tuple(event.seq for event in await due_events(self._log, state))
        if due:
            report = CourierReports(f"delivered:{due[-1]}", Delivered(due, "failed", _INTERNAL))
            await self._log.commit(conversation, report)
            await self._outbox.put(conversation, await self._outbox.parcel(conversation), b"")
        return False

    async def _step(self, conversation: str) -> bool:
        """Does the next thing; False when nothing is due."""
        state = await self._log.state(conversation)
        stored = await self._outbox.parcel(conversation)
        if stored:
            parcel = decode_parcel(stored)
            if parcel.of[-1] > state.delivered:
                return await self._carry(state, parcel, stored)
            return await self._kept(conversation, stored, b"")
        due = await due_events(self._log, state)
        if not due:
            return False
        if await self._should_gather(state, due):
            await asyncio.sleep(_LOOK_AGAIN_S)
            return True
        parcel = await self._packed(state, due)
        return await self._kept(conversation, b"", encode_parcel(parcel))

    async def _carry(self, state: State, parcel: Parcel, stored: bytes) -> bool:
        conversation = state.conversation
        channel = self._channels.get(state.channel)
        address = await self._outbox.address(conversation)
        if not parcel.has_begun and not set(parcel.of).isdisjoint(state.recalled):
            return await self._kept(conversation, stored, b"")  # packed anew without what was taken back
        if parcel.is_over:
            await self._report(conversation, parcel)
            return await self._kept(conversation, stored, b"")
        if channel is None or not address:
            return await self._kept(conversation, stored, encode_parcel(parcel.ends(Failed(_NOT_SET_UP))))
        if parcel.begun == parcel.next and (parcel.push or not channel.repeatable):
            return await self._kept(conversation, stored, encode_parcel(parcel.ends(Unknown(_DIED))))
        piece = parcel.pieces[parcel.next]
        if channel.metered and piece.cost and not await self._may_send(state, parcel):
            return await self._kept(conversation, stored, encode_parcel(parcel.ends(Failed(_NO_QUOTA))))
        begun = encode_parcel(parcel.begins())
        if stored != begun and await self._outbox.put(conversation, stored, begun) != 1:
            await asyncio.sleep(_LOOK_AGAIN_S)
            return True
        outcome = await channel.send(_addresses.decode(address), piece, parcel.label(conversation))
        after = await self._after(channel, parcel, outcome, conversation)
        return await self._kept(conversation, begun, encode_parcel(after))

    async def _after(self, channel: Channel, parcel: Parcel, outcome: Outcome, conversation: str) -> Parcel:
        """The parcel after a try; waits before another one."""
        patience = self._patience
        again = (isinstance(outcome, Failed) and outcome.retryable) or (
            isinstance(outcome, Unknown) and channel.repeatable
        )
        if not isinstance(outcome, Sent):
            logger.warning(
                "delivery_failed",
                channel=channel.name,
                conversation=conversation,
                outcome=type(outcome).__name__.lower(),
                reason=outcome.reason,
                tries=parcel.tries + 1,
            )
        # An earlier try that nobody answered may have arrived, whatever the later ones came to.
        in_hand = isinstance(outcome, Unknown) or parcel.begun == parcel.next
        if again and parcel.tries + 1 < patience.tries:
            await asyncio.sleep(min(patience.first_s * 2**parcel.tries, patience.longest_s))
            return parcel.tried(in_hand=in_hand)
        if isinstance(outcome, Failed) and in_hand:
            outcome = Unknown(outcome.reason)
        return parcel.ends(outcome)

    async def _kept(self, conversation: str, was: bytes, parcel: bytes) -> bool:
        """Writes how far the parcel has come; always True: there may be more to do.

        When a push of the platform is being answered right now, its answer comes first.
        """
        done = await self._outbox.put(conversation, was, parcel)
        if done < 0:
            await asyncio.sleep(min(-done / 1000, _LOOK_AGAIN_S))
        return True

    async def _report(self, conversation: str, parcel: Parcel) -> None:
        # Under this id it stands in the log once, also when we die before the parcel is taken away.
        report = CourierReports(f"delivered:{parcel.of[-1]}", parcel.report(conversation))
        await self._log.commit(conversation, report)

    async def _packed(self, state: State, due: list[Event]) -> Parcel:
        told = await told_in(self._log, state, due, self._position, self._patience.position_s)
        channel = self._channels.get(state.channel)
        pieces = tuple(channel.render(told)) if channel else ()
        return Parcel(tuple(event.seq for event in due), pieces, state.reach_context)

    async def _should_gather(self, state: State, due: list[Event]) -> bool:
        """Whether more may come that can share a message, now that messages are dear."""
        channel = self._channels.get(state.channel)
        dear = channel is not None and channel.metered and state.reach_left <= self._patience.few
        if not dear or state.stage is not Stage.HUMAN:
            return False
        now = await self._log.now()
        newest, oldest = (now - due[-1].ts) / 1000, (now - due[0].ts) / 1000
        return newest < self._patience.gather_s and oldest < self._patience.gather_most_s

    async def _may_send(self, state: State, parcel: Parcel) -> bool:
        left = state.reach_left - parcel.used()
        now = await self._log.now()
        return not state.reach_until or (left >= 1 and now < state.reach_until)
