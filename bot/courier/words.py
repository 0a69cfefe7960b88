"""What a shopper outside our own page is told about what happens around the conversation."""

from bot.conversation import bodies
from bot.conversation.bodies import Said, Text
from bot.conversation.events import Event, Role

# Without a place: the desk may be closed, and then says itself when it opens.
WAITS = ("已为您转接人工客服，客服会在这里回复您。", "A colleague will answer you here.")
WAITS_AT = (
    "已为您转接人工客服，您当前排在第 {position} 位，请稍候。",
    "You are number {position} in line; a colleague will be with you shortly.",
)
CLAIMED = ("客服{name}为您服务。", "{name} is here to help you.")
TRANSFERRED = ("已转接给客服{name}继续为您服务。", "{name} takes over from here.")
CLOSED = (
    "本次人工服务已结束。请回复 1 到 5 为这次服务打分（5 为非常满意）；有新问题直接发给我就好。",
    "This service has ended. Please reply 1 to 5 to rate it (5 is best), or just ask something new.",
)
BACK_IN_LINE = (
    "刚才的客服暂时离开了，已为您优先安排其他客服，请稍候。",
    "Your agent had to leave; you are first in line for another.",
)
LEFT_LINE = ("已为您取消排队，有问题继续问我就好。", "You left the line. I'm still here.")
RATED = ("感谢您的评价！", "Thank you for your rating!")


def told_of(event: Event, lang: str, position: int | None = None) -> Said | None:
    """What the shopper is told of an event; None for what he knows or need not know."""
    match event.body:
        case bodies.Text() | bodies.Choices() | bodies.CardShown() | bodies.Image() | bodies.File():
            return None if event.sender.role is Role.CUSTOMER else event.body
        case bodies.HandedOff():
            return _in(lang, WAITS_AT if position else WAITS, position=position)
        case bodies.Claimed(name=name):
            return _in(lang, CLAIMED, name=_called(name))
        case bodies.Transferred(name=name):
            return _in(lang, TRANSFERRED, name=_called(name))
        case bodies.Released(reason="cancelled"):
            return _in(lang, LEFT_LINE)
        case bodies.Released():
            return _in(lang, BACK_IN_LINE)
        case bodies.Closed():
            return _in(lang, CLOSED)
        case bodies.Rated():
            return _in(lang, RATED)
        case _:
            return None


def _called(name: str) -> str:
    return f" {name} " if name else ""


def _in(lang: str, words: tuple[str, str], **values: object) -> Text:
    return Text((words[1] if lang.startswith("en") else words[0]).format(**values))
