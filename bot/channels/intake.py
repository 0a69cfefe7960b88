"""From a shopper's send frame to the log: paced, checked, decided, written."""

import asyncio
import random

from bot.channels.frames import Send, SentFile, SentImage, parse_rated, parse_said
from bot.channels.identity import Shopper
from bot.channels.pace import Pace
from bot.channels.uploads import Measure, attached
from bot.conversation.bodies import Choice, Image, Means, Said, Text, offers_of
from bot.conversation.commands import (
    Command,
    CustomerAsksForHuman,
    CustomerLeavesLine,
    CustomerRates,
    CustomerSays,
)
from bot.conversation.events import Event, Kind, Role
from bot.conversation.human_wish import asks_for_human
from bot.conversation.state import Stage, State
from bot.errors import BadKindError, NotOfferedError, OverloadedError, TooFastError, UnavailableError
from bot.log.backlog import Backlog
from bot.log.log import Log

OWN = "c:"  # ids that widgets made; ours start otherwise
_AT_ONCE = 400
_PATIENCE_S = 6


class Intake:
    """Accepts what shoppers send; refuses before anything is written, never after."""

    def __init__(self, log: Log, backlog: Backlog, measure: Measure) -> None:
        self._log = log
        self._backlog = backlog
        self._measure = measure
        self._pace = Pace()
        self._accepting = 0

    async def accept(self, shopper: Shopper, frame: Send, known: State) -> Event | None:
        """Commits the frame, durably. Returns the event to echo when no new one will come by itself.

        `known` is the conversation as the shopper's socket last saw it; it tells whose message this will be.

        Raises RefusedError's kin, StaleError for what no longer applies, LogUnavailableError.
        """
        if self._accepting >= _AT_ONCE:
            raise OverloadedError
        wait = self._pace.wait(shopper.conversation)
        if wait:
            raise TooFastError(after_s=wait)
        self._accepting += 1
        try:
            async with asyncio.timeout(_PATIENCE_S):
                command = await self._command(shopper, frame)
                for_bot = is_for_bot(known, command)
                if for_bot:
                    self._make_room(known)
                done = await self._log.commit(shopper.conversation, command, key=OWN + frame.cid, known=known)
        except TimeoutError as error:
            # It may be in the log or not: sent again under the same id, it counts once.
            raise UnavailableError from error
        finally:
            self._accepting -= 1
        if for_bot and not done.repeated:
            self._backlog.note()
        if done.repeated:
            return done.events[-1] if done.events else None
        return None if done.events else await self._reason_for_nothing(shopper)

    def _make_room(self, known: State) -> None:
        """Raises OverloadedError for what the bot could not answer in time; whoever waits already, first."""
        if self._backlog.is_full() or (known.unanswered_since and self._backlog.is_busy()):
            # Not all at the same moment again.
            raise OverloadedError(after_s=random.uniform(0.5, 2.5))  # noqa: S311

    async def _command(self, shopper: Shopper, frame: Send) -> Command:
        identifier = OWN + frame.cid
        match frame.kind:
            case "said":
                body, means = await self._said(shopper, frame)
                return CustomerSays(identifier, "web", shopper.site, shopper.customer, body, means)
            case "human":
                return CustomerAsksForHuman(identifier, "web", shopper.site, shopper.customer)
            case "cancel":
                return CustomerLeavesLine(identifier)
            case "rate":
                return CustomerRates(identifier, parse_rated(frame.body))
            case _:
                raise BadKindError

    async def _said(self, shopper: Shopper, frame: Send) -> tuple[Said, Means | None]:
        said = parse_said(frame.body)
        match said:
            case Text():
                return said, None
            case Choice():
                return await self._offered(shopper, said)
            case SentImage(url=url, text=text):
                body = await attached(self._measure, url, "", text)
            case SentFile(url=url, name=name):
                body = await attached(self._measure, url, name, "")
        if isinstance(body, Image) != isinstance(said, SentImage):
            raise BadKindError
        return body, None

    async def _offered(self, shopper: Shopper, pressed: Choice) -> tuple[Choice, Means | None]:
        event = await self._log.event(shopper.conversation, pressed.of) if pressed.of > 0 else None
        if event is None or event.sender.role is Role.CUSTOMER:
            raise NotOfferedError
        for offer in offers_of(event.body):
            if offer.id == pressed.choice:
                return Choice(pressed.of, offer.id, offer.label), offer.means
        raise NotOfferedError

    async def _reason_for_nothing(self, shopper: Shopper) -> Event | None:
        """Whoever asks for a human while one is coming is answered with the event that called him."""
        for event in reversed(await self._log.last_events(shopper.conversation, limit=50)):
            if event.kind in {Kind.HANDED_OFF, Kind.CLAIMED}:
                return event
        return None


def is_for_bot(known: State, command: Command) -> bool:
    """True when the bot would have to answer it; a wish for a human is never too much."""
    if not isinstance(command, CustomerSays) or known.stage in (Stage.WAITING, Stage.HUMAN):
        return False
    if command.means is not None and command.means.human:
        return False
    return not (isinstance(command.body, Text) and asks_for_human(command.body.text))
