"""Answering a platform's push with the bot's answer itself, when it is ready in time: it costs no quota.

Either the push's answer says it, or the courier does; the outbox gives one of the two the first word.
"""

import asyncio

import msgspec
import structlog

from bot.conversation.bodies import Image
from bot.conversation.commands import CourierReports
from bot.conversation.events import Event
from bot.conversation.state import Stage, State
from bot.courier.contract import Channel, Piece, Sent
from bot.courier.due import Position, due_events, told_in
from bot.courier.parcels import NOT_BEGUN, Parcel, decode_parcel, encode_parcel
from bot.courier.plain import join
from bot.log.live import Live
from bot.log.log import Log
from bot.log.outbox import Outbox

logger = structlog.get_logger(__name__)

# Longer than anybody waits here; a platform pushes again after 5 s, twice, when it did not hear us.
_HOLD_MS = 7_000
_REPEATED_MS = 20_000
_LOOK_S = 0.25


class _Answer(msgspec.Struct):
    push: str
    text: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Answer).decode


class Passive:
    """One for each channel whose pushes may be answered; `most` is the size of such an answer in bytes."""

    def __init__(self, log: Log, live: Live, outbox: Outbox, channel: Channel, position: Position) -> None:
        self._log = log
        self._live = live
        self._outbox = outbox
        self._channel = channel
        self._position = position
        self.most = 2000

    async def take_first_word(self, conversation: str, push: str) -> bool:
        """Before the message is accepted: from now on the courier waits for us, for a few seconds."""
        return await self._outbox.hold(conversation, push, _HOLD_MS)

    async def answer(self, conversation: str, push: str, until: float) -> str:
        """The answer for the push, or "" when there is none by `until` (the loop's clock): then the courier sends.

        A push that comes again gets the same answer again.
        """
        news = asyncio.Event()
        leave = self._live.subscribe(conversation, news.set)
        try:
            while True:
                news.clear()
                said = await self._said_before(conversation, push)
                if said:
                    return said
                state = await self._log.state(conversation)
                due = await due_events(self._log, state)
                if due and not state.unanswered_since:
                    return await self._take(state, due, push)
                left = until - asyncio.get_running_loop().time()
                if left <= 0 or state.stage is not Stage.BOT or not state.unanswered_since:
                    await self._outbox.let_go(conversation, push)
                    return ""
                try:
                    async with asyncio.timeout(min(left, _LOOK_S)):
                        await news.wait()
                except TimeoutError:
                    continue
        finally:
            leave()

    async def heard(self, conversation: str, push: str) -> None:
        """The answer went out whole: it is sent, and the courier may go on with what is left of it."""
        stored = await self._outbox.parcel(conversation)
        if stored:
            parcel = decode_parcel(stored)
            if parcel.push == push and parcel.next == 0:
                first, *others = parcel.pieces
                free = (msgspec.structs.replace(first, cost=0), *others)
                parcel = msgspec.structs.replace(parcel, pieces=free).ends(Sent())
                if parcel.is_over:
                    report = CourierReports(f"delivered:{parcel.of[-1]}", parcel.report(conversation))
                    await self._log.commit(conversation, report)
                left = b"" if parcel.is_over else encode_parcel(parcel)
                await self._outbox.put(conversation, stored, left, push)
        await self._outbox.let_go(conversation, push)

    async def unheard(self, conversation: str, push: str) -> None:
        """Nobody listened any more when the answer was there.

        The platform may push again and hear it then; if it does not, the courier sends it.
        """
        stored = await self._outbox.parcel(conversation)
        parcel = decode_parcel(stored) if stored else None
        if parcel is not None and parcel.push == push and parcel.next == 0:
            kept = encode_parcel(msgspec.structs.replace(parcel, begun=NOT_BEGUN))
            await self._outbox.put(conversation, stored, kept, push)

    async def _said_before(self, conversation: str, push: str) -> str:
        stored = await self._outbox.remembered_answer(conversation)
        answer = _decode(stored) if stored else None
        return answer.text if answer is not None and answer.push == push else ""

    async def _take(self, state: State, due: list[Event], push: str) -> str:
        """Takes what is due into our hands, if it still can be; the text to answer with, or ""."""
        conversation = state.conversation
        told = await told_in(self._log, state, due, self._position, 0.6)
        texts = [] if any(isinstance(one.body, Image) for one in told) else join(told, self.most)
        if not texts:
            await self._outbox.let_go(conversation, push)
            return ""
        pieces = [Piece({"msgtype": "text", "text": {"content": text}}) for text in texts]
        parcel = Parcel(tuple(e.seq for e in due), tuple(pieces), state.reach_context, push=push).begins()
        await self._outbox.hold_longer(conversation, push, _REPEATED_MS)
        if await self._outbox.put(conversation, b"", encode_parcel(parcel), push) != 1:
            return await self._of_another(conversation, push)
        await self._outbox.remember_answer(conversation, _encode(_Answer(push, texts[0])), _REPEATED_MS)
        return texts[0]

    async def _of_another(self, conversation: str, push: str) -> str:
        """Another process may be answering the same push just now: then with the same words."""
        for _ in range(4):
            await asyncio.sleep(0.05)
            said = await self._said_before(conversation, push)
            if said:
                return said
        await self._outbox.let_go(conversation, push)
        return ""
