"""Forms (domain.yml): what is collected one thing at a time, checked, and handed back to what it is for.

An action begins a form with `collect`; Rasa asks for slot after slot (`action_ask_…`), `validate_…` reads
the answers, and `action_form_done` answers the action's intent anew with everything that was collected.
What is no answer is an interruption: it is answered by its own action, and the form asks again.
"""

from typing import Any, ClassVar

from rasa_sdk.events import SlotSet

from actions.action import ShopAction, answer_as, has_answer
from actions.asked import Asked
from actions.naming import is_correction
from actions.pointing import SOFT
from actions.reply import Reply

SLOTS: dict[str, tuple[str, ...]] = {
    "order_change_form": ("change_value",),
    "invoice_form": ("invoice_title", "tax_number"),
    "sendback_form": ("return_courier", "return_tracking"),
    "evidence_form": ("evidence", "photos"),
    "delivery_form": ("delivery_address",),
    "visit_form": ("visit_day",),
    "ticket_form": ("ticket_text",),
}
MOST_MISSES = 2


def collect(reply: Reply, form: str, intent: str, /, **about: Any) -> None:
    """Begins a form for `intent`; `about` comes back with what it collects, and slots named there are known."""
    fresh: dict[str, Any] = dict.fromkeys(SLOTS[form])
    known = {slot: about.pop(slot) for slot in SLOTS[form] if about.get(slot)}
    kept = {name: value for name, value in about.items() if value}
    reply.remember(**fresh | known, form_about={"intent": intent, **kept}, form_misses=0)
    reply.fill_in(form)


class FormCheck(ShopAction):
    """Reads an answer into the form's slots; one that is none, and no other request, counts as a miss."""

    in_form = True
    points = False
    form: ClassVar[str]
    free: ClassVar[bool] = False  # any text that is no other request will do

    def read(self, slot: str, asked: Asked) -> str:
        """What the message says about a slot; empty when nothing."""
        raise NotImplementedError

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.answered or not asked.requested:
            return
        missing = [slot for slot in SLOTS[self.form] if not asked.slots.get(slot)]
        pressed = {slot: asked.value(slot) for slot in missing if asked.value(slot)}
        if pressed or asked.pressed:
            reply.remember(**pressed)
            return
        if is_correction(asked.text) or (self.free and self._is_other_request(asked)):
            return
        found = {slot: self.read(slot, asked) for slot in missing}
        found = {slot: value for slot, value in found.items() if value}
        if found:
            reply.remember(**found, form_misses=0)
        elif not self._is_other_request(asked):
            reply.remember(form_misses=int(asked.slots.get("form_misses") or 0) + 1)

    def _is_other_request(self, asked: Asked) -> bool:
        if asked.intent in {"deny", "request_human", "goodbye"}:
            return True
        if asked.intent == "hand_off":
            return asked.reason != "second_miss"
        own = asked.told("form_about").get("intent")
        return has_answer(asked.intent) and asked.intent not in SOFT and asked.intent != own

    def _events(self, asked: Asked, reply: Reply) -> list[dict[str, Any]]:
        # Nothing but what was read: Rasa takes a form without news as interrupted.
        if reply.handed_off:
            return [SlotSet("requested_slot", None), SlotSet("form_about", None)]
        del asked
        return [SlotSet(slot, value) for slot, value in reply.slots.items()]


class FormAsk(ShopAction):
    """Asks for one slot; after too many misses a person goes on."""

    in_form = True
    points = False

    def question(self, asked: Asked, reply: Reply) -> None:
        """Asks for it."""
        raise NotImplementedError

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not asked.told("form_about"):
            return  # asked for by nobody
        misses = int(asked.slots.get("form_misses") or 0)
        if misses > MOST_MISSES:
            reply.say(
                "抱歉，我没能看懂，不耽误您的时间了，请人工同事帮您办理。",
                "I'm sorry that I did not understand. A colleague will do this for you.",
            )
            reply.hand_off("second_miss")
            return
        if misses and asked.pictures and not asked.text:
            reply.say(
                "图片里的文字我认不出来，麻烦打字发给我。", "I can't read pictures; please type it for me."
            )
        elif misses and not asked.answered:
            reply.say("抱歉，我没看明白。", "I'm sorry, I could not make that out.")
        self.question(asked, reply)

    def _events(self, asked: Asked, reply: Reply) -> list[dict[str, Any]]:
        del asked
        if reply.handed_off:
            return [SlotSet("form_about", None), SlotSet("requested_slot", None)]
        return []


class ActionFormDone(ShopAction):
    """Goes on with what the form was for."""

    called = "action_form_done"
    in_form = True
    points = False

    async def answer(self, asked: Asked, reply: Reply) -> None:
        about = dict(asked.told("form_about"))
        intent = str(about.pop("intent", ""))
        for slots in SLOTS.values():
            about |= {slot: asked.slots[slot] for slot in slots if asked.slots.get(slot)}
            reply.remember(**dict.fromkeys(slot for slot in slots if asked.slots.get(slot) is not None))
        if not intent:
            return
        reply.remember(form_about=None, form_misses=None)
        field = about.pop("field", "")
        if field and about.get("change_value"):
            about[field] = about.pop("change_value")
        await answer_as(
            asked, reply, self.shop, (intent, {name: str(value) for name, value in about.items()})
        )
