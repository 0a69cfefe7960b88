"""From an outside platform's message to the log: whose it is, what it means there, written once."""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from bot.channels.binding import Bindings
from bot.channels.outside_words import asks_place, leaves_line, stars_in
from bot.channels.pace import Pace
from bot.conversation.bodies import Choice, Closed, Means, Offer, Rated, Reach, Said, Text, offers_of
from bot.conversation.commands import (
    Command,
    CustomerLeavesLine,
    CustomerRates,
    CustomerSays,
    CustomerTurnsUp,
    HouseAnswers,
)
from bot.conversation.events import Kind, Role
from bot.conversation.state import Stage, State
from bot.courier.contract import Address
from bot.courier.courier import OUTSIDE
from bot.courier.numbers import meant, turn_of
from bot.courier.words import WAITS, WAITS_AT
from bot.errors import IdentityError, NothingToRateError, StaleError, TooFastError
from bot.log.log import Committed, Log
from bot.log.outbox import Outbox

logger = structlog.get_logger(__name__)

_RECENT = 60
_encode = msgspec.json.Encoder().encode

Position = Callable[[str], Awaitable[int | None]]


class Incoming(msgspec.Struct, frozen=True):
    """One thing that a platform tells us of a shopper, cleaned.

    `id` is the platform's own, by which pushes are known again (visible ASCII). Without `body` he only
    turned up, and is told `greeting`. `pressed` is `seq:choice` when the platform gives our button back.
    """

    address: Address
    id: str
    body: Said | None = None
    reach: Reach | None = None
    pressed: str = ""
    greeting: tuple[Said, ...] = ()


class Outside:
    """Accepts what outside platforms push; who is who comes from the log, never from the message."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of one door
        self, log: Log, outbox: Outbox, bindings: Bindings, position: Position, site: str, secret: str
    ) -> None:
        self._log = log
        self._outbox = outbox
        self._bindings = bindings
        self._position = position
        self._site = site
        self._secret = secret.encode()
        self._pace = Pace()

    def conversation_of(self, address: Address) -> str:
        """The shopper's one conversation in that account: stable, unguessable, without his name in it."""
        who = f"{address.channel}|{address.account}|{address.to}".encode()
        digest = hmac.new(self._secret, who, hashlib.sha256).digest()
        return OUTSIDE + base64.b32encode(digest[:16]).decode().rstrip("=").lower()

    async def accept(self, incoming: Incoming) -> Committed:
        """Commits it, durably and once however often it is pushed.

        Raises TooFastError for a flood, LogUnavailableError: the platform may push it again.
        """
        conversation = self.conversation_of(incoming.address)
        wait = self._pace.wait(conversation)
        if wait:
            raise TooFastError(after_s=wait)
        await self._outbox.set_address(conversation, _encode(incoming.address))
        state = await self._log.state(conversation)
        command = await self._command(state, incoming)
        try:
            return await self._log.commit(conversation, command)
        except (NothingToRateError, StaleError):
            # It was just rated, or the line just moved: then it is only something said.
            return await self._log.commit(conversation, self._says(incoming, incoming.body or Text("")))

    async def bind(self, grant: str) -> Committed:
        """The shop's word for who a shopper is. Raises IdentityError; a grant that came before counts once."""
        conversation, command = self._bindings.granted(grant)
        state = await self._log.state(conversation)
        if state.seq == 0 or state.channel != command.channel:
            raise IdentityError("the grant is for no conversation of ours")
        return await self._log.commit(conversation, command)

    async def _command(self, state: State, incoming: Incoming) -> Command:
        identifier, channel = _id(incoming), incoming.address.channel
        if incoming.body is None:
            return CustomerTurnsUp(identifier, channel, self._site, incoming.reach, incoming.greeting)
        recent = await self._log.last_events(state.conversation, limit=_RECENT) if state.seq else []
        turn = turn_of(recent, state.customer_since)
        if incoming.pressed:
            found = await self._pressed(state, incoming.pressed)
            if found:
                return await self._chosen(state, incoming, *found)
        if not isinstance(incoming.body, Text):
            return self._says(incoming, incoming.body)
        text = incoming.body.text
        if state.rateable:
            stars = stars_in(text, bare=await self._was_just_closed(state))
            if stars:
                return CustomerRates(identifier, Rated(stars), incoming.reach)
        if state.stage is Stage.WAITING and leaves_line(text):
            return CustomerLeavesLine(identifier, incoming.reach)
        if state.stage is Stage.WAITING and asks_place(text):
            return await self._place(state, incoming)
        if state.stage in (Stage.BOT, Stage.CLOSED):
            found = meant(text, turn)
            if found:
                return await self._chosen(state, incoming, *found)
            answer = await self._bindings.answer(state, incoming.address, identifier, text, incoming.reach)
            if answer is not None:
                return answer
        return self._says(incoming, incoming.body)

    async def _chosen(self, state: State, incoming: Incoming, seq: int, offer: Offer) -> Command:
        if offer.means is not None and offer.means.bind:
            return await self._bindings.explain(state, incoming.address, _id(incoming), incoming.reach)
        return self._says(incoming, Choice(seq, offer.id, offer.label), offer.means)

    def _says(self, incoming: Incoming, body: Said, means: Means | None = None) -> CustomerSays:
        channel = incoming.address.channel
        return CustomerSays(_id(incoming), channel, self._site, None, body, means, incoming.reach)

    async def _pressed(self, state: State, pressed: str) -> tuple[int, Offer] | None:
        seq, _, choice = pressed.partition(":")
        if not (seq.isascii() and seq.isdigit() and len(seq) < 10 and int(seq) > state.customer_since):
            return None
        event = await self._log.event(state.conversation, int(seq))
        if event is None or event.sender.role is Role.CUSTOMER:
            return None
        return next(((event.seq, offer) for offer in offers_of(event.body) if offer.id == choice), None)

    async def _was_just_closed(self, state: State) -> bool:
        """Whether a bare number can only be the rating that we asked for: nothing was said since."""
        for event in reversed(await self._log.last_events(state.conversation, limit=_RECENT)):
            if isinstance(event.body, Closed):
                return True
            if event.kind is Kind.SAID:
                return False
        return False

    async def _place(self, state: State, incoming: Incoming) -> HouseAnswers:
        position = await self._position(state.conversation)
        words = (WAITS_AT if position else WAITS)[0].format(position=position)
        channel = incoming.address.channel
        return HouseAnswers(_id(incoming), channel, self._site, (Text(words),), incoming.reach)


def _id(incoming: Incoming) -> str:
    return f"p:{incoming.id}"
