"""How offers are numbered, and which one a shopper means who answers with a number or its words."""

import re
import unicodedata
from collections.abc import Iterable

from bot.conversation.bodies import Offer, offers_of
from bot.conversation.events import Event, Kind, Role

_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_CHINESE = r"[零一二两三四五六七八九十]{1,3}"
_NUMBER = re.compile(
    rf"(?:我?(?:选|要|点|按|是)?(?:择)?)\s*第?\s*(?P<n>\d{{1,2}}|{_CHINESE})\s*(?:个|项|条|单|号|款|吧|呀|啊|的)*"
    r"|(?:the\s+)?(?P<en>first|second|third|fourth|fifth|sixth|last)(?:\s+one)?|(?P<last>最后一?(?:个|项|条|单)?)"
)
_CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)}
_ENGLISH = ("first", "second", "third", "fourth", "fifth", "sixth")
_MARKS = re.compile(r"[\s。.,，、!！?？~～…:：;；()（）「」\"'“”]+")


def turn_of(events: Iterable[Event], since: int = 0) -> list[Event]:
    """What was said to the shopper since he spoke last, oldest first; `events` are the newest ones in order.

    Up to event `since` another customer was there.
    """
    turn: list[Event] = []
    for event in events:
        if event.kind is not Kind.SAID or event.seq <= since:
            continue
        if event.sender.role is Role.CUSTOMER:
            turn = []
        else:
            turn.append(event)
    return turn


def firsts(turn: Iterable[Event]) -> dict[int, int]:
    """The number of each event's first offer: offers are counted through everything said in one turn."""
    numbers, following = {}, 1
    for event in turn:
        numbers[event.seq] = following
        following += len(offers_of(event.body))
    return numbers


def meant(text: str, turn: list[Event]) -> tuple[int, Offer] | None:
    """The offer, and the event that made it, that the text names by number or by its whole label."""
    offered = [(event.seq, offer) for event in turn for offer in offers_of(event.body)]
    if not offered:
        return None
    number = number_in(text, len(offered))
    if number is not None:
        return offered[number - 1] if 1 <= number <= len(offered) else None
    bare = _bare(text)
    same = [(seq, offer) for seq, offer in offered if bare and _bare(offer.label) == bare]
    return same[0] if len(same) == 1 else None


def number_in(text: str, last: int) -> int | None:
    """The number that the whole text is (`2`, `二`, `第二个`, `②`, `the second one`, `最后一个`), or None."""
    text = text.strip()
    if text in _CIRCLED:
        return _CIRCLED[text]
    plain = _MARKS.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()
    found = _NUMBER.fullmatch(plain)
    if not found:
        return None
    if found["last"] or found["en"] == "last":
        return last
    if found["en"]:
        return _ENGLISH.index(found["en"]) + 1
    return _value(found["n"])


def _value(word: str) -> int | None:
    if word.isascii():
        return int(word)
    tens, has_ten, ones = word.partition("十")
    if not has_ten:
        return _DIGITS[word] if len(word) == 1 else None
    if any(part and part not in _DIGITS for part in (tens, ones)):
        return None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _bare(text: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()
