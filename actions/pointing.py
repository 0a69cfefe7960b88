"""What short words mean after what was said before: 好的, 不对是另一个订单, 第二个, 帐篷那个. Pure."""

import re

from actions.asked import Asked
from actions.facts import kind_in, reason_in, says_something
from actions.naming import (
    LONGEST_POINTING,
    fitting_spec,
    is_correction,
    is_no,
    is_pointing,
    is_yes,
    named_in,
    place_in,
    pointed_in,
)

Means = tuple[str, dict[str, str]]
OTHER = "other"  # the entity that says: not the order that we took
LIKELIEST = "likeliest"  # its value where the request itself tells which other one
# Readings that carry no request of their own.
SOFT = frozenset(
    {
        "needs_context", "provide_info", "nlu_fallback", "deny", "affirm", "oos", "chitchat", "thanks", "greet",
        "bot_challenge", "goodbye",
    }
)  # fmt: skip
_NO_ANSWER = frozenset({"request_human", "hand_off", "deny", "goodbye", "service_complaint"})
_AFTER_YES = re.compile(
    r"^(?:嗯+|好+的?|行|可以|确认|确定|是的?|对的?|要的?|没错|没问题|就这样|麻烦了?|ok|okay|yes|sure)"
)
LONGEST_REST = 3
LONGEST_VERB = 12
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

# What a hurried yes has around it: 退啊 赶紧, 好 还是改吧.
_AROUND = re.compile(
    r"[\s，,、。.!！~]|[啊呀呢哦嘛啦哈]|赶紧|赶快|快点|马上|立刻|谢谢|拜托|好的?|行|嗯+|还是|那就?|继续"
)
# Another order, by how far it is, and not the one that we are at.
_BY_STATE = re.compile(
    r"(?:发出去|已经?发货?|发了货?|寄出(?:去)?|在路上|已经?签收|没发货?|还没发)的?(?:那|另)(?:一)?(?:个|单|件)"
)
_ONLY_A_PLACE = re.compile(r"(?:就|要|选|是)?第?\s*[一二两三四五1-5]\s*(?:个|单|件|笔|条)?(?:吧|的|呀|啊)?")
_PRICE = re.compile(r"(?:那|现在|这个)*(?:多少钱|什么价格?|啥价|价格(?:呢|多少)?)(?:呀|啊|呢|了|一个|一份)?")
_DROPS = re.compile(r"^(?:那|哦|嗯|唉)*算了[，, ]*(?:那|我)?(?:就|先)?(?:不|别)(?:取消|改|换|开|催|申请)")

_PICTURE = r"(?:照片|图片|相片|凭证|截图|图)"
_LATER = re.compile(
    r"(?:补|忘了?(?:还有)?|漏|还有|再(?:补|发|传|附|加|交))(?:充|传|发|交|拍|附|加|上传|提交)*"
    rf"(?:一下|几张|[一两三几]张|点|了|个|些|的)*{_PICTURE}"
    rf"|{_PICTURE}.{{0,3}}(?:忘了?|没有?|漏了?)(?:发|传|上传|附|交|加)|{_PICTURE}.{{0,4}}(?:补充|补发|补传|补上|补交)"
    r"|(?:add|forgot).{0,12}(?:photo|picture|image)|(?:photo|picture|image)s?.{0,12}(?:later|forgot|add)"
)
_FOR_ME = re.compile(r"给我|你们|商家|客服|买家秀|实物图|效果图|怎么没")


def wants_to_add_photos(asked: Asked) -> bool:
    """Whether the words plainly say that pictures are to come, or come here, for what was handed in."""
    at_it = asked.form or asked.told("pending") or asked.listed("asking") or asked.told("picking")
    low = "" if asked.pressed or at_it else asked.text.lower()
    return bool(_LATER.search(low)) and not _FOR_ME.search(low)


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
    paused = asked.told("paused")
    if paused and not pending and _says_again(asked.text, str(paused.get("intent"))):
        again = _strings(paused.get("entities"))
        again.pop("confirm", None)  # it is read back before it is done
        return str(paused.get("intent")), again
    if (pending and is_no(asked.text)) or _DROPS.search(asked.text):
        return "deny", {}
    if asked.value("order_number") or asked.value("tracking_number"):
        return None
    if topic == "reorder" and _PRICE.fullmatch(asked.text.strip(" 。.!！?？~")):
        return topic, {"order_number": asked.remembered("order_number")}
    chosen = _answered(asked) if asked.intent not in _NO_ANSWER else None
    if chosen:
        return chosen
    picking = asked.told("picking")
    points = is_pointing(asked.text) or bool(_ONLY_A_PLACE.fullmatch(asked.text.strip(" 。.!！~")))
    if picking and (asked.intent in SOFT or asked.intent == picking.get("intent") or points):
        number = _picked(asked.text, picking)
        if number:
            return str(picking.get("intent")), {**_strings(picking.get("kept")), "order_number": number}
    return _other(asked, topic)


def _other(asked: Asked, topic: str) -> Means | None:
    """Another order for what we were at, when that is what the text says."""
    if asked.intent in SOFT:
        return (topic, {OTHER: "yes"}) if topic and is_correction(asked.text) else None
    if is_correction(asked.text, plainly=True) or (topic and _BY_STATE.search(asked.text)):
        return asked.intent, {OTHER: LIKELIEST}
    return None


def _agrees(asked: Asked, intent: str) -> bool:
    if _says_again(asked.text, intent):
        return True
    if not is_yes(asked.text):
        return False
    rest = _AFTER_YES.sub("", asked.text.lower()).strip(" ，,。.!！~呀啊吧哈呢")
    if len(rest) <= LONGEST_REST:
        return True
    # More words than a yes has must say nothing of their own: 要41码的 is none, 好的就退这个 is one.
    says_more = bool(re.search(r"[0-9a-z]|换|改成|要", rest))
    return not says_more and asked.intent in {"affirm", "provide_info", intent}


def _says_again(text: str, intent: str) -> bool:
    """Whether the words are what was offered, said once more: 取消吧, 退啊 赶紧, 好 还是改吧."""
    verb = _VERBS.get(intent)
    return bool(verb) and len(text) <= LONGEST_VERB and bool(re.fullmatch(verb or "", _AROUND.sub("", text)))


def _picked(text: str, picking: dict[str, object]) -> str:
    """The number of the order that was shown, by its place or its goods."""
    shown = [(str(title), str(number)) for number, title in picking.get("orders") or ()]  # type: ignore[attr-defined]
    place = place_in(text)
    if 0 < place <= len(shown):
        return shown[place - 1][1]
    if len(text) > LONGEST_POINTING:
        return ""
    named = pointed_in(text, shown)
    return named[0] if len(named) == 1 else ""


def corrected(asked: Asked) -> Means | None:
    """What waits for a yes, when the message says something else about it: 换成41的, 电话不对，是139…; else None."""
    pending = asked.told("pending")
    if not pending or asked.pressed or asked.form or not asked.text or is_no(asked.text):
        return None
    intent = str(pending.get("intent"))
    if asked.intent != intent and not (asked.intent in SOFT and says_something(asked.text)):
        return None
    if asked.value("order_number") or is_correction(asked.text):
        return None
    entities = _strings(pending.get("entities"))
    entities.pop("confirm", None)
    return intent, entities


def _answered(asked: Asked) -> Means | None:
    """What the message chooses among the answers to the question that was asked last."""
    options = [(str(label), means) for label, means in asked.listed("asking")]
    if not options or len(asked.text) > LONGEST_POINTING or is_correction(asked.text):
        return None
    labels = [label for label, _ in options]
    low = asked.text.strip(" 。.!！~").lower()
    exact = [place for place, label in enumerate(labels) if label.lower() == low]
    place = exact[0] if exact else place_in(asked.text) - 1
    if not 0 <= place < len(options):
        place = _meant(asked.text, options)
    if place < 0:
        return None
    means = options[place][1]
    return str(means["intent"]), _strings(means["entities"])


def _meant(text: str, options: list[tuple[str, dict[str, object]]]) -> int:
    """The place of the one option that the text means: by its reason, its specification or its name; -1 for none."""
    known = [_strings(means["entities"]) for _, means in options]
    if any("reason" in each for each in known) and not kind_in(text):
        why = reason_in(text)
        found = [place for place, each in enumerate(known) if why and each.get("reason") == why]
        if len(found) == 1:
            return found[0]
    labels = [label for label, _ in options]
    spec = fitting_spec(text, labels)
    named = [labels.index(spec)] if spec else named_in(text, ((label, n) for n, label in enumerate(labels)))
    return named[0] if len(named) == 1 else -1


def _strings(told: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}
