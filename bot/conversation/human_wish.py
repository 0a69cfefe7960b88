"""Plain requests for a human, read without any model so that they are granted even when Rasa is down."""

import re
import unicodedata

_POLITE = r"(?:请|麻烦|有|有没有|帮我|帮忙|给我|我要|我想|我需要|要|想|需要|能不能|可以|能|直接|快|赶紧|快点|马上|立刻|现在|你|您|亲|小二|那|就|还是|先|都|行了|算了|不要机器人|别用机器人|不想跟机器人说|\s)*"
_HUMAN = r"(?:真人|人工|活人)(?:客服|服务|坐席|座席|在线)?(?:人员)?"
_VERB = r"(?:转接到|转接|转到|转入|转给|转|接入|接|找一个|找个|找|叫一个|叫个|叫|换成|换个|换一个|换|联系|呼叫|要个|要|来个|来|呼|进入)?"
_TAIL = r"(?:吧|啊|呀|呢|了|吗|么|嘛|一下|给我|好吗|好不好|谢谢|谢谢了|行不行|行吗|可以吗|快点|快|来|说话|回答|处理|回复|在吗|在不在|有吗|有没有|\s)*"

_WISH = re.compile(rf"^{_POLITE}(?:{_VERB}{_HUMAN}\s*)+{_TAIL}$")
_WISH_EN = re.compile(
    r"^(?:(?:can|could) i |i (?:want|need|would like) to |please |let me |i want |i need |get me )*"
    r"(?:speak|talk|chat|connect me|transfer me)?\s*(?:to|with)?\s*(?:a |an |the |real |live )*"
    r"(?:human|agent|representative|real person|live person|customer service)(?: please| now)*$"
)
_TRADITIONAL = str.maketrans("轉務員請幫給現線個進還進嗎", "转务员请帮给现线个进还进吗")
_MARKS = re.compile(r"[^\w\s]+")
_LONGEST = 40


def asks_for_human(text: str) -> bool:
    """True when the whole text is nothing but the wish for a human; anything richer is the classifier's."""
    if len(text) > _LONGEST:
        return False
    plain = _MARKS.sub(" ", unicodedata.normalize("NFKC", text)).translate(_TRADITIONAL).strip().lower()
    return bool(_WISH.match(plain) or _WISH_EN.match(plain))
