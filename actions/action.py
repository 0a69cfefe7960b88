"""The base of all actions: reads the call, gives it a time limit, and turns what goes wrong into a human."""

import asyncio
import logging
import traceback
from abc import ABC, abstractmethod
from functools import cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.asked import Asked, read_asked
from actions.platforms.base import NotFound, Platform, PlatformError, PlatformSlow, Refused
from actions.platforms.demo import DemoPlatform
from actions.reply import Reply
from actions.settings import settings
from actions.tongue import Tongue

log = logging.getLogger(__name__)

# What lives for one turn only: a question that is waiting for its answer.
FLEETING = ("pending", "awaiting")


@cache
def configured_shop() -> Platform:
    """The shop that this process asks, opened with the first question."""
    return DemoPlatform(settings())


class ShopAction(Action, ABC):  # type: ignore[misc]
    """An action that answers a shopper."""

    @property
    @abstractmethod
    def called(self) -> str:
        """Its name in the domain. Abstract, so that the SDK does not register what only others build on."""

    def __init__(self, shop: Platform | None = None, turn_s: float | None = None) -> None:
        self._shop = shop
        self._turn_s = turn_s

    def name(self) -> str:
        return self.called

    @property
    def shop(self) -> Platform:
        return self._shop or configured_shop()

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
                await self.answer(asked, reply)
        except (PlatformError, TimeoutError) as error:
            cause = PlatformSlow("turn") if isinstance(error, TimeoutError) else error
            log.warning("the shop failed %s: %s", self.called, type(cause).__name__)
            _shop_failed(reply, cause)
        except Exception as error:  # noqa: BLE001 - a shopper is never left without an answer
            # Frames only: the error's own words may quote the shopper.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s failed: %s\n%s", self.called, type(error).__name__, frames)  # noqa: TRY400
            _action_failed(reply)
        reply.send(dispatcher)
        kept = {slot: None for slot in FLEETING if asked.slots.get(slot) is not None} | reply.slots
        return [SlotSet(slot, value) for slot, value in kept.items()]


def _shop_failed(reply: Reply, error: PlatformError) -> None:
    changing = reply.changing
    reply.forget_all_said()
    if isinstance(error, Refused) and error.message:
        reply.offer(error.message, f"The shop could not do this: {error.message}", reply.human())
        return
    if isinstance(error, NotFound):
        reply.offer(
            "刚才的信息已经查不到了，可能已经变更。需要的话我帮您转人工核对。",
            "I can no longer find this; it may have changed. I can bring in a colleague to check.",
            reply.human(),
        )
        return
    if changing:
        reply.say(
            "非常抱歉，商城系统没有及时回应，这次操作是否成功还不能确定，请先不要重复操作。"
            "我马上请人工同事为您核实。",
            "I'm sorry: the shop's system did not answer in time, so I can't tell yet whether this went "
            "through. Please don't repeat it; a colleague will check right away.",
        )
    else:
        reply.say(
            "非常抱歉，商城系统暂时没有回应，我现在查不到准确信息，不想给您不确定的答复。"
            "我马上请人工同事来帮您。",
            "I'm sorry, the shop's system is not answering just now, so I can't look this up and won't "
            "guess. A colleague will help you.",
        )
    reply.hand_off("platform_failed")


def _action_failed(reply: Reply) -> None:
    reply.forget_all_said()
    reply.say(
        "非常抱歉，我这边出了点问题，没能处理好您的问题。我马上请人工同事来帮您。",
        "I'm sorry, something went wrong on my side. A colleague will take over.",
    )
    reply.hand_off("action_failed")
