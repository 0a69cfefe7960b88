"""What short words mean after what was said before: 好的, 不对是另一个订单, 第二个, 帐篷那个. Pure."""

import re

from actions.asked import Asked
from actions.naming import LONGEST_POINTING, is_correction, is_no, is_pointing, is_yes, named_in, place_in

Means = tuple[str, dict[str, str]]
# Readings that carry no request of their own.
SOFT = frozenset(
    {
        "needs_context", "provide_info", "nlu_fallback", "deny", "affirm", "oos", "chitchat", "thanks", "greet",
        "bot_challenge", "goodbye",
    }
)  # fmt: skip
_AFTER_YES = re.compile(
    r"^(?:嗯+|好+的?|行|可以|确认|确定|是的?|对的?|要的?|没错|没问题|就这样|麻烦了?|ok|okay|yes|sure)"
)
LONGEST_REST = 3
LONGEST_VERB = 10
_PLEASE = r"(?:那|就|请|麻烦|帮我|给我|你|您|赶紧|快)*"
# The thing itself, said again in answer to whether it should be done.
_VERBS = {
    "order_urge_ship": _PLEASE + r"催(?:一下|一催|吧|下|催)*",
    "order_cancel": _PLEASE + r"取消(?:掉|吧|了|订单)*",
    "order_modify": _PLEASE + r"(?:改|修改)(?:吧|了|一下)*",
    "payment_deducted": _PLEASE + r"退(?:回来?|给我|吧|了|款)*",
    "delivery_change": _PLEASE + r"改(?:吧|了|一下)*",
    "delivery_not_received": _PLEASE + r"(?:登记|核查|查)(?:吧|一下|核查)*",
    "logistics_delay": _PLEASE + r"(?:登记|核查|查|催)(?:吧|一下|核查)*",
    "logistics_lost_or_damaged": _PLEASE + r"(?:登记|核查|查)(?:吧|一下|核查)*",
    "return_request": _PLEASE + r"(?:提交|申请)(?:吧|了|一下)*",
    "exchange_request": _PLEASE + r"(?:提交|申请)(?:吧|了|一下)*",
    "invoice": _PLEASE + r"(?:开|申请)(?:吧|了|一下)*",
    "price_protection": _PLEASE + r"(?:申请|退)(?:吧|了|一下)*",
}


def pointed_at(asked: Asked) -> Means | None:
    """The request that a typed message stands for by what was said before; None when it stands for itself."""
    if asked.pressed or not asked.text:
        return None
    topic = asked.remembered("topic")
    if asked.form:
        return _other(asked, topic)
    pending = asked.told("pending")
    if pending and _agrees(asked, str(pending.get("intent"))):
        return str(pending.get("intent")), _strings(pending.get("entities"))
    if pending and is_no(asked.text):
        return "deny", {}
    if asked.value("order_number") or asked.value("tracking_number"):
        return None
    picking = asked.told("picking")
    if picking and (asked.intent in SOFT or asked.intent == picking.get("intent") or is_pointing(asked.text)):
        number = _picked(asked.text, picking)
        if number:
            return str(picking.get("intent")), {**_strings(picking.get("kept")), "order_number": number}
    return _other(asked, topic)


def _other(asked: Asked, topic: str) -> Means | None:
    """Another order for what we were at, when that is what the text says."""
    if asked.intent in SOFT:
        return (topic, {"other": "yes"}) if topic and is_correction(asked.text) else None
    if is_correction(asked.text, plainly=True):
        return asked.intent, {"other": "yes"}
    return None


def _agrees(asked: Asked, intent: str) -> bool:
    verb = _VERBS.get(intent)
    if verb and len(asked.text) <= LONGEST_VERB and re.fullmatch(verb, asked.text.strip(" 。.!！~")):
        return True
    if not is_yes(asked.text):
        return False
    rest = _AFTER_YES.sub("", asked.text.lower()).strip(" ，,。.!！~呀啊吧哈呢")
    return asked.intent in SOFT or asked.intent == intent or len(rest) <= LONGEST_REST


def _picked(text: str, picking: dict[str, object]) -> str:
    """The number of the order that was shown, by its place or its goods."""
    shown = [(str(title), str(number)) for number, title in picking.get("orders") or ()]  # type: ignore[attr-defined]
    place = place_in(text)
    if 0 < place <= len(shown):
        return shown[place - 1][1]
    if len(text) > LONGEST_POINTING:
        return ""
    named = named_in(text, shown)
    return named[0] if len(named) == 1 else ""


def _strings(told: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}
