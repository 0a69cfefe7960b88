"""How each form reads its answers."""

import re

from actions.asked import Asked
from actions.choosing import is_about_goods, orders_of
from actions.facts import (
    LONGEST,
    PHONE,
    TAX_NUMBER,
    address_in,
    courier_in,
    courier_of,
    day_in,
    phone_in,
    remark_in,
    tracking_in,
)
from actions.forms import FormCheck
from actions.naming import fitting_spec, is_waiting, is_yes, named_in
from actions.reply import Reply
from actions.showing import LONGEST as LONGEST_TOLD, NOTHING, as_kept, photos_shown
from actions.tongue import now

_AROUND_COMPANY = re.compile(
    r"公司抬头|发票抬头|抬头(?:是|为)?|公司名称(?:是|为)?|名称(?:是|为)?|纳税人识别号|税号(?:是|为)?|[:：,，;；。\s]+"
)
_NONE = re.compile(
    r"^(?:我?(?:这边|手上)?(?:没有?|无)(?:了|的)?|跳过|不用|没拍|没照片|没有照片|没有图|none|no|nope|skip|no photos?)[了的啊呀吧。.!！]*$"
)
_NO_PHOTOS = re.compile(
    r"没(?:有|来得及)?(?:拍|照片|图|视频|保留)|拍不了|发不了|(?:都|已经)扔了|(?:照片|图)(?:没有|没了|删了)|no (?:photo|picture)|without (?:a )?(?:photo|picture)"
)
_HAS_SOME = re.compile(r"(?:有|拍了|拍过)(?:的|照片|图)?[啊呀哦。.!！]*|yes|ok")
_COUNT = re.compile(r"(\d{1,2})")
_NUMERALS = {sign: str(n) for n, sign in enumerate("一二三四五六七八九", 1)} | {"两": "2"}


class ValidateOrderChangeForm(FormCheck):
    called = "validate_order_change_form"
    form = "order_change_form"

    def read(self, slot: str, asked: Asked) -> str:
        del slot
        field = str(asked.told("form_about").get("field"))
        text = asked.text
        if field == "phone":
            return asked.value("phone") or phone_in(text)
        if field == "address":
            return address_in(text)
        if field == "quantity":
            found = _COUNT.search(text)
            return found.group(1) if found else next((n for sign, n in _NUMERALS.items() if sign in text), "")
        if field == "remark":
            other = self._is_other_request(asked)
            return "" if other else (remark_in(text) or text)[:LONGEST]
        choices = str(asked.told("form_about").get("specs") or "").split("|")
        return fitting_spec(text, [spec for spec in choices if spec])


class ValidateInvoiceForm(FormCheck):
    called = "validate_invoice_form"
    form = "invoice_form"

    def read(self, slot: str, asked: Asked) -> str:
        found = TAX_NUMBER.search(asked.text)
        if slot == "tax_number":
            return found.group().upper() if found and not PHONE.fullmatch(found.group()) else ""
        rest = asked.text[: found.start()] + asked.text[found.end() :] if found else asked.text
        name = _AROUND_COMPANY.sub("", rest)
        asks = any(sign in asked.text for sign in "？?吗呢")
        if asks or (
            self._is_other_request(asked)
            and not name.endswith(("公司", "厂", "店", "中心", "所", "部", "学校"))
        ):
            return ""
        return name[:100] if len(name) >= 4 else ""


class ValidateSendbackForm(FormCheck):
    called = "validate_sendback_form"
    form = "sendback_form"

    def read(self, slot: str, asked: Asked) -> str:
        number = tracking_in(asked)
        return number if slot == "return_tracking" else courier_in(asked.text) or courier_of(number)


class ValidateEvidenceForm(FormCheck):
    """Words and pictures in any order; who has no pictures says so."""

    called = "validate_evidence_form"
    form = "evidence_form"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.answered or not asked.requested or await self._is_about_another(asked):
            return
        await super().answer(asked, reply)
        if asked.pictures:
            # Also those after the first: each is a message of its own.
            photos = photos_shown(asked)
            reply.remember(photos=" ".join(photos), form_misses=0, shown=as_kept(photos))
        elif asked.requested == "photos" and asked.text and not asked.pressed:
            self._more(asked, reply)

    async def _is_about_another(self, asked: Asked) -> bool:
        """Whether the words name goods of another order: then they are no answer, but another matter."""
        if asked.pressed or not is_about_goods(asked.text):
            return False
        orders = await orders_of(asked.as_press("", {}), self.shop)
        told = named_in(asked.text, ((order.title, order.number) for order in orders))
        return len(told) == 1 and told[0] != asked.told("form_about").get("order_number")

    def _more(self, asked: Asked, reply: Reply) -> None:
        """What was typed where a picture was asked for: that there is none, that it takes a moment, or more words."""
        said = asked.text.strip().lower()
        if is_waiting(said) or _HAS_SOME.fullmatch(said):
            reply.remember(form_misses=0)
        elif not _NONE.match(said) and not self._is_other_request(asked):
            told = asked.remembered("evidence").removeprefix(NOTHING)
            more = f"{told}；{asked.text}".strip("；")[:LONGEST_TOLD]
            photos = reply.slots.get("photos") or NOTHING
            reply.remember(evidence=more, photos=photos, form_misses=0)

    def read(self, slot: str, asked: Asked) -> str:
        said = asked.text.strip().lower()
        none = bool(_NONE.match(said))
        if slot == "photos":
            return " ".join(photos_shown(asked)) or (NOTHING if none or _NO_PHOTOS.search(said) else "")
        if none:
            return NOTHING
        return "" if is_yes(said) or self._is_other_request(asked) else asked.text[:LONGEST_TOLD]

    def _is_other_request(self, asked: Asked) -> bool:
        # A fault that is described reads like a complaint about it: that is what we asked for.
        described = {
            "quality_complaint",
            "missing_or_wrong_item",
            "logistics_lost_or_damaged",
            "delivery_not_received",
        }
        said = asked.text.strip().lower()
        if _NONE.match(said) or _NO_PHOTOS.search(said) or (asked.intent in described):
            return False
        return super()._is_other_request(asked)


class ValidateDeliveryForm(FormCheck):
    called = "validate_delivery_form"
    form = "delivery_form"

    def read(self, slot: str, asked: Asked) -> str:
        del slot
        return address_in(asked.text)


class ValidateVisitForm(FormCheck):
    called = "validate_visit_form"
    form = "visit_form"

    def read(self, slot: str, asked: Asked) -> str:
        del slot
        day = day_in(f"{asked.text} {asked.value('date')}", now().date())
        return day if day >= now().date().isoformat() else ""


class ValidateTicketForm(FormCheck):
    called = "validate_ticket_form"
    form = "ticket_form"
    free = True

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.answered or not asked.requested:
            return
        await super().answer(asked, reply)
        if asked.pictures:
            reply.remember(shown=as_kept(photos_shown(asked)), form_misses=0)

    def read(self, slot: str, asked: Asked) -> str:
        del slot
        return asked.text[:1000] if len(asked.text) >= 4 else ""

    def _is_other_request(self, asked: Asked) -> bool:
        # What went wrong is what we asked for, in whatever words.
        return asked.intent in {"deny", "request_human", "goodbye", "logistics_track", "order_status"}
