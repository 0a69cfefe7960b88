"""When the bot is not sure what was meant, or knows that it can't help."""

from actions.action import ShopAction
from actions.asked import LONGEST_SAID, SAID, Asked
from actions.following import goes_on
from actions.handing import WORDS
from actions.knowledge import FAQ, Knowledge
from actions.labels import label
from actions.reply import Reply
from actions.said import Choice, Means, press
from actions.second import GIVEN
from actions.talk import first_choices

READINGS = 2
VIP = "钻石"
# Readings that no button can stand for.
NO_BUTTON = frozenset(
    {
        "nlu_fallback", "hand_off", "request_human", "oos", "needs_context", "provide_info", "greet", "goodbye",
        "thanks", "affirm", "deny", "chitchat", "bot_challenge", "faq_pick",
    }
)  # fmt: skip
LIKELIEST_ANYWAY = ("logistics_track", "order_status", "refund_progress")


class ActionAskReading(ShopAction):
    """Three buttons: the likeliest readings, with the FAQ's among them when it is sure, and a person."""

    called = "action_ask_reading"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if await goes_on(asked, reply, self.shop):
            return
        if asked.customer.level == VIP:  # who need not choose among guesses: the brain gives him a person
            reply.say(*WORDS["vip"])
            reply.hand_off("vip")
            return
        t = reply.tongue
        names = [name for name in (*asked.readings, *LIKELIEST_ANYWAY) if name not in NO_BUTTON]
        known = {name: value for name, value in asked.entities if name in GIVEN}
        if asked.text and not asked.pressed:
            known[SAID] = asked.text[:LONGEST_SAID]
        choices = [
            Choice(t(label(name).zh, label(name).en), Means(intent=name, entities=known))
            for name in dict.fromkeys(names)
        ]
        near = self.knowledge.near(asked.text) if asked.text else None
        if near:
            choices.insert(0, Choice(near[1], Means(faq=near[0])))
        reply.offer(
            "不好意思，我想确认一下，您想问的是？",
            "Just to be sure: which of these do you mean?",
            *choices[:READINGS],
            reply.human(),
        )


class ActionOos(ShopAction):
    """Says honestly what the bot can't do, what it can, and that there is a person."""

    called = "action_oos"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if await goes_on(asked, reply, self.shop):
            return
        near = self.knowledge.near(asked.text) if asked.text else None
        asks = (press(near[1], "faq_pick", faq_entry=near[0]),) if near else ()
        reply.offer(
            "抱歉，这个问题我还不会处理。我能帮您查订单和物流、办理退换货和退款、开发票；其他问题可以转人工客服。",
            "I'm sorry, that is beyond me. I can look up orders and parcels, arrange returns and refunds, and issue "
            "invoices; for anything else a person can help.",
            *asks,
            *first_choices(reply),
        )
