"""The base of all actions: reads the call, gives it a time limit, and turns what goes wrong into a human."""

import asyncio
import logging
import traceback
from abc import ABC, abstractmethod
from functools import cache
from typing import Any, ClassVar

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.asked import Asked, read_asked
from actions.failing import say_action_failed, say_shop_failed
from actions.naming import is_waiting
from actions.platforms.base import Platform, PlatformError, PlatformSlow
from actions.platforms.chosen import chosen_platform
from actions.pointing import OTHER, Means, corrected, pointed_at, wants_to_add_photos
from actions.reply import Reply
from actions.second import offer_second
from actions.settings import environment, settings
from actions.showing import as_kept, photos_shown
from actions.tongue import Tongue

log = logging.getLogger(__name__)

# What lives for one turn only: a confirmation that is waiting for its yes, a question for its answer.
FLEETING = ("pending", "asking")
FORM_SLOTS = ("form_about", "form_misses")


@cache
def configured_shop() -> Platform:
    """The shop that this process asks, opened with the first question."""
    return chosen_platform(settings(), environment())


class ShopAction(Action, ABC):  # type: ignore[misc]
    """An action that answers a shopper.

    `in_form`: it is a part of a form, not an interruption of it. `points`: a short message may mean, by what
    was said before, something else than its own words; then that is answered.
    """

    knowledge: Any = None  # by default this installation's FAQ
    in_form: ClassVar[bool] = False
    points: ClassVar[bool] = True
    _named: ClassVar[dict[str, type["ShopAction"]]] = {}

    @property
    @abstractmethod
    def called(self) -> str:
        """Its name in the domain. Abstract, so that the SDK does not register what only others build on."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        called = cls.__dict__.get("called")
        if isinstance(called, str):
            ShopAction._named[called] = cls

    def __init__(self, shop: Platform | None = None, turn_s: float | None = None) -> None:
        self._shop = shop
        self._turn_s = turn_s

    def name(self) -> str:
        return self.called

    @property
    def shop(self) -> Platform:
        return self._shop or configured_shop()

    @staticmethod
    def of(intent: str) -> "type[ShopAction] | None":
        """The action that answers an intent of its own name, if there is one."""
        return ShopAction._named.get(f"action_{intent}")

    @abstractmethod
    async def answer(self, asked: Asked, reply: Reply) -> None:
        """Says what there is to say about what was asked."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """What the action server calls. The only place where what an action raises is caught."""
        del domain
        asked = read_asked(tracker.current_state())
        reply = Reply(Tongue(asked.english))
        try:
            async with asyncio.timeout(self._turn_s or settings().turn_s):
                await self._answer(asked, reply)
        except (PlatformError, TimeoutError) as error:
            cause = PlatformSlow("turn") if isinstance(error, TimeoutError) else error
            log.warning("the shop failed %s: %s", self.called, type(cause).__name__)
            say_shop_failed(reply, cause)
        except Exception as error:  # noqa: BLE001 - a shopper is never left without an answer
            # Frames only: the error's own words may quote the shopper.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s failed: %s\n%s", self.called, type(error).__name__, frames)  # noqa: TRY400
            say_action_failed(reply)
        reply.send(dispatcher)
        return self._events(asked, reply)

    async def _answer(self, asked: Asked, reply: Reply) -> None:
        if asked.reread:
            await self.answer(asked, reply)
            return
        if self.points and _takes_a_moment(asked):
            reply.waits = True
            reply.is_understood()
            reply.say("好的，不急，您慢慢来，我在这儿等您。", "No hurry, take your time.")
            return
        if (
            self.points
            and wants_to_add_photos(asked)
            and await read_as(asked, reply, self.shop, "add_photos")
        ):
            reply.is_understood()
            return
        means = pointed_at(asked) if self.points else None
        changed = corrected(asked) if self.points and means is None else None
        if changed and await read_on(asked, reply, self.shop, changed):
            return
        done = means is not None and await answer_as(asked, reply, self.shop, means)
        if done and asked.decision in {"ask", "hand_off"}:
            reply.is_understood()
        if not done and not (self.points and self._is_known(asked, reply)):
            await self.answer(asked, reply)
        if self.points and not asked.answered and not reply.form:
            offer_second(asked, reply)

    def _is_known(self, asked: Asked, reply: Reply) -> bool:
        """Whether it was a question about the rules, which no look-up answers better than the FAQ."""
        if asked.pressed or not asked.text or asked.value("order_number") or asked.value("tracking_number"):
            return False
        from actions.rules_asked import say_rule  # noqa: PLC0415 - it knows all actions' base

        return say_rule(asked, reply, self.knowledge)

    def _events(self, asked: Asked, reply: Reply) -> list[dict[str, Any]]:
        """What Rasa is to remember, and whether a form goes on, ends or begins."""
        fleeting = () if reply.waits else FLEETING
        kept: dict[str, Any] = {slot: None for slot in fleeting if asked.slots.get(slot) is not None}
        pending = asked.slots.get("pending")
        if pending and not self.in_form and not reply.waits and "paused" not in reply.slots:
            # A question that came between: a later yes asks for it again.
            kept["paused"] = pending
        if asked.pictures and "shown" not in reply.slots:
            kept["shown"] = as_kept(photos_shown(asked))
        events: list[dict[str, Any]] = []
        interrupts = bool(asked.form) and not self.in_form
        if interrupts and (reply.handed_off or reply.leaves_form or reply.asks):
            events += [ActiveLoop(None), SlotSet("requested_slot", None)]
            kept |= dict.fromkeys(FORM_SLOTS)
        elif interrupts:
            reply.form = asked.form
        events = [SlotSet(slot, value) for slot, value in (kept | reply.slots).items()] + events
        if reply.form:
            events.append(FollowupAction(reply.form))
        return events


def _takes_a_moment(asked: Asked) -> bool:
    """Whether the shopper only says that what we asked for takes him a moment."""
    at_it = asked.told("pending") or asked.listed("asking") or asked.told("picking")
    return bool(at_it) and not asked.pressed and not asked.form and is_waiting(asked.text)


async def answer_as(asked: Asked, reply: Reply, shop: Platform, means: Means) -> bool:
    """Answers as if the shopper had pressed that intent with those entities; False if nothing answers it."""
    intent, entities = means
    topic = ShopAction.of(intent)
    if topic is None:
        return False
    if OTHER in entities and asked.text:
        # Which other one may stand in the same words.
        corrected = msgspec.structs.replace(asked, intent=intent, entities=tuple(entities.items()))
        await topic(shop).answer(corrected, reply)
    else:
        await topic(shop).answer(asked.as_press(intent, entities), reply)
    return True


async def read_on(asked: Asked, reply: Reply, shop: Platform, means: Means) -> bool:
    """Answers the same words as a part of what they go on with: what they say counts, the rest stands."""
    intent, known = means
    topic = ShopAction.of(intent)
    if topic is None:
        return False
    reply.is_understood()
    on = msgspec.structs.replace(asked, intent=intent, assumed=known)
    await topic(shop).answer(on, reply)
    return True


async def read_as(asked: Asked, reply: Reply, shop: Platform, intent: str) -> bool:
    """Answers the same words as if they had been read as `intent`; False if nothing answers it."""
    topic = ShopAction.of(intent)
    if topic is None:
        return False
    await topic(shop).answer(msgspec.structs.replace(asked, intent=intent), reply)
    return True


def has_answer(intent: str) -> bool:
    """Whether an action of its own answers this intent."""
    return ShopAction.of(intent) is not None
