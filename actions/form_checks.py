"""How each form reads its answers."""

import re

from actions.asked import Asked
from actions.facts import (
    LONGEST,
    PHONE,
    TAX_NUMBER,
    address_in,
    courier_in,
    courier_of,
    day_in,
    email_in,
    phone_in,
    remark_in,
    tracking_in,
)
from actions.forms import NOTHING, FormCheck
from actions.tongue import now

_AROUND_COMPANY = re.compile(
    r"公司抬头|发票抬头|抬头(?:是|为)?|公司名称(?:是|为)?|名称(?:是|为)?|纳税人识别号|税号(?:是|为)?|[:：,，;；。\s]+"
)
_NONE = re.compile(r"^(?:没有?|无|跳过|不用|没拍|没照片|没有照片|没有图|none|no|skip)[了的啊呀吧。.!！]*$")
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
    called = "validate_evidence_form"
    form = "evidence_form"

    def read(self, slot: str, asked: Asked) -> str:
        del slot
        if _NONE.match(asked.text.strip().lower()):
            return NOTHING
        return "" if self._is_other_request(asked) else asked.text[:1000]

    def _is_other_request(self, asked: Asked) -> bool:
        # A fault that is described reads like a complaint about it: that is what we asked for.
        described = {
            "quality_complaint",
            "missing_or_wrong_item",
            "logistics_lost_or_damaged",
            "delivery_not_received",
        }
        if _NONE.match(asked.text.strip().lower()) or (asked.intent in described and asked.intent != "deny"):
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

    def read(self, slot: str, asked: Asked) -> str:
        del slot
        return asked.text[:1000] if len(asked.text) >= 4 else ""

    def _is_other_request(self, asked: Asked) -> bool:
        # What went wrong is what we asked for, in whatever words.
        return asked.intent in {"deny", "request_human", "goodbye", "logistics_track", "order_status"}


def fitting_spec(text: str, specs: list[str]) -> str:
    """The one specification whose every part stands in the text; empty when none or several do."""
    low = text.lower().replace("码", "")
    whole = [spec for spec in specs if spec.lower() in low]
    if whole:
        return max(whole, key=len)
    fitting = [spec for spec in specs if all(part.lower().replace("码", "") in low for part in spec.split())]
    partly = fitting or [spec for spec in specs if any(_says(part, low) for part in spec.split())]
    return partly[0] if len(partly) == 1 else ""


def _says(part: str, low: str) -> bool:
    # 黑 for 曜石黑: the last sign of a colour is its common name.
    return part.lower() in low or (len(part) > 1 and f"{part[-1]}色" in low)


__all__ = ["email_in", "fitting_spec"]
