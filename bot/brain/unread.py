"""Messages that have no words for us: a voice message, a video. They are not guessed at, but answered as what they are."""

import re

from bot.conversation.bodies import Choices, Means, Offer, Text, Understood
from bot.conversation.commands import BotAnswers
from bot.conversation.events import Event
from bot.conversation.state import State

# What channels write for them (bot/channels/*_events.py, onebot_frames.py).
_VOICE = re.compile(r"(?:\[语音(?:消息)?\]\s*)+")
_OTHER = re.compile(
    r"(?:\[(?:视频|语音(?:消息)?|文件(?: [^\]\n]*)?|卡片消息|转发的聊天记录|名片|音乐|暂不支持的消息)\]\s*)+"
)
_HEARD = (
    "抱歉，我还听不了语音。请打字告诉我，或转人工客服。",
    "Sorry, I can't listen to voice messages yet. Please type it, or ask for a person.",
)
_SEEN = (
    "抱歉，视频、文件这类消息我还看不了。请打字告诉我是什么事，或转人工客服。",
    "Sorry, I can't open videos, files and the like. Please tell me in words, or ask for a person.",
)
_HUMAN = ("转人工", "Talk to a person")


def answer_unread(state: State, event: Event) -> BotAnswers | None:
    """The answer to a message without words; None for every other."""
    text = event.body.text.strip() if isinstance(event.body, Text) else ""
    words = _HEARD if _VOICE.fullmatch(text) else _SEEN if _OTHER.fullmatch(text) else None
    if words is None:
        return None
    english = state.customer.lang.startswith("en")
    offer = Offer("1", _HUMAN[english], means=Means(human=True))
    understood = Understood(event.seq, "nlu_fallback", 0.0, decision="ask", reason="no_words")
    return BotAnswers(event.seq, state.epoch, understood, (), (Choices(words[english], (offer,)),))
