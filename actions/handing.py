"""Handing the conversation to a person, with a word that fits the reason."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.reply import Reply

WORDS: dict[str, tuple[str, str]] = {
    "asked": (
        "好的，马上为您转接人工客服，请稍等。",
        "Of course, I'm passing you on to a colleague. One moment.",
    ),
    "second_miss": (
        "抱歉，我没能理解您的问题，不耽误您的时间了，马上为您转接人工客服。",
        "I'm sorry that I did not understand. A colleague will help you.",
    ),
    "anger": (
        "非常抱歉给您带来这样的体验，我理解您的心情。马上为您转接人工客服，由专人为您处理。",
        "I'm truly sorry about this. A colleague will take care of it personally.",
    ),
    "complaint": (
        "非常抱歉让您不满意，您反映的问题我们很重视。马上转接人工客服，会全程跟进并在 24 小时内给您答复。",
        "I'm very sorry. We take this seriously: a colleague takes over now and follows it to the end.",
    ),
    "vip": ("您好，您的专属客服马上为您服务，请稍等。", "Your personal agent will be with you in a moment."),
}


class ActionHandOff(ShopAction):
    called = "action_hand_off"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        reason = asked.reason if asked.reason in WORDS else "asked"
        reply.say(*WORDS[reason])
        reply.hand_off(reason)


class ActionServiceComplaint(ShopAction):
    """A complaint is soothed and goes to a person, always."""

    called = "action_service_complaint"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.say(*WORDS["complaint"])
        reply.hand_off("complaint")
