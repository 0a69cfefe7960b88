"""Handing the conversation to a person, with a word that fits the reason."""

from actions.action import ShopAction, answer_as
from actions.asked import Asked
from actions.following import goes_on
from actions.pointing import pointed_at
from actions.reply import Reply
from actions.said import press

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


COMPENSATION = ("赔偿", "补偿", "赔钱", "赔我", "compensat")


class ActionHandOff(ShopAction):
    called = "action_hand_off"
    points = False

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.reason == "second_miss" and await self._was_clear(asked, reply):
            return
        reason = asked.reason if asked.reason in WORDS else "asked"
        reply.say(*WORDS[reason])
        reply.hand_off(reason)

    async def _was_clear(self, asked: Asked, reply: Reply) -> bool:
        """Answers a message that is clear by what was said before it: 第一个, the goods' name, a yes."""
        means = pointed_at(asked)
        if means and await answer_as(asked, reply, self.shop, means):
            reply.is_understood()
            return True
        return await goes_on(asked, reply, self.shop)


class ActionServiceComplaint(ShopAction):
    """A complaint is soothed and goes to a person; who asks for compensation may also have it taken down."""

    called = "action_service_complaint"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.customer.id and any(word in asked.text for word in COMPENSATION):
            reply.offer(
                "非常抱歉给您带来了损失，我理解您的心情。我可以马上登记赔偿申请，24 小时内给您首次反馈；也可以由人工同事直接为您处理。",
                "I'm very sorry for the trouble. I can take down your claim, and you hear from us within 24 hours; or "
                "talk to a person right away.",
                press(reply.tongue("登记赔偿申请", "Take down my claim"), "open_ticket", kind="compensation"),
                reply.human(),
            )
            return
        reply.say(*WORDS["complaint"])
        reply.hand_off("complaint")
