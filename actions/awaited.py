"""A text that we had asked for: an address, a phone number, a remark, a company with its tax number."""

import re

from actions.asked import Asked
from actions.reply import Reply

TAX_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{15,20}(?![0-9A-Za-z])")
# What people write around what we asked for.
AROUND_COMPANY = re.compile(r"公司抬头|发票抬头|抬头|公司名称|纳税人识别号|税号|[:：,，;；。\s]+")
BEFORE_VALUE = re.compile(r"^.{0,8}?(?:改成|改为|改到|换成|换到|地址是|备注[:：]|地址[:：])\s*")
SHORTEST_ADDRESS, LONGEST = 6, 200


def awaited_means(asked: Asked) -> tuple[str, dict[str, str]] | None:
    """What the text means as an answer to our question; None when it can't be one."""
    awaiting = asked.told("awaiting")
    told = _value(str(awaiting.get("field")), asked)
    if told is None:
        return None
    return str(awaiting.get("intent")), {"order_number": str(awaiting.get("order_number"))} | told


def completed(asked: Asked) -> Asked:
    """The same, or with the text in its place when it answers what its own topic had asked for."""
    typed = not any(asked.value(name) for name in ("confirm", "field", "title", "order_number"))
    if typed and asked.text and asked.told("awaiting").get("intent") == asked.intent:
        means = awaited_means(asked)
        if means:
            return asked.pressed(*means)
    return asked


def say_unclear(asked: Asked, reply: Reply) -> None:
    """Asks once more for what was awaited."""
    reply.remember(awaiting=asked.told("awaiting"))
    reply.offer(
        "我没看明白，请再发一次完整的信息；也可以转人工客服帮您办理。",
        "I could not make that out. Please send it again in full, or talk to a person.",
        reply.human(),
    )


def parse_company(text: str) -> tuple[str, str] | None:
    """Name and tax number from one message; None when one of them is missing."""
    found = TAX_NUMBER.search(text)
    if not found:
        return None
    name = AROUND_COMPANY.sub("", text[: found.start()] + text[found.end() :])
    return (name[:100], found.group().upper()) if len(name) >= 4 else None


def _value(field: str, asked: Asked) -> dict[str, str] | None:
    """What the text says about the field that was asked for; None if that can't be it."""
    if field == "company":
        company = parse_company(asked.text)
        return {"title": company[0], "tax_number": company[1]} if company else None
    if field == "phone":
        phone = asked.value("phone")
        return {"field": field, "value": phone} if phone else None
    text = BEFORE_VALUE.sub("", asked.text)
    shortest = SHORTEST_ADDRESS if field == "address" else 1
    return {"field": field, "value": text} if shortest <= len(text) <= LONGEST else None
