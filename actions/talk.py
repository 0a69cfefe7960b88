"""What people say around their questions: greetings, thanks, and whether a person is there."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.reply import Reply
from actions.said import Choice, press


def first_choices(reply: Reply) -> tuple[Choice, ...]:
    """What most shoppers come for, and a person."""
    t = reply.tongue
    return (
        press(t("查物流", "Track a parcel"), "logistics_track"),
        press(t("查订单", "My orders"), "order_status"),
        press(t("退货退款", "Returns and refunds"), "return_request"),
        reply.human(),
    )


class ActionGreet(ShopAction):
    called = "action_greet"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        name = f"{asked.customer.name}，" if asked.customer.id and asked.customer.name else ""
        reply.offer(
            f"{name}您好，我是智能客服小二。请问有什么可以帮您？",
            "Hello, I'm Xiaoer, the shop's assistant. How can I help?",
            *first_choices(reply),
        )


class ActionGoodbye(ShopAction):
    called = "action_goodbye"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.say("感谢您的光临，祝您生活愉快，再见！", "Thank you for stopping by. Goodbye!")


class ActionThanks(ShopAction):
    called = "action_thanks"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.say(
            "不客气，能帮到您就好。还有其他问题随时找我。",
            "You're welcome. I'm here if there is anything else.",
        )


class ActionDeny(ShopAction):
    """Also what the declining button of a confirmation means: nothing was done."""

    called = "action_deny"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        reply.leaves_form = True
        reply.remember(paused=None, shown=None)
        if asked.told("pending") or asked.told("paused") or asked.form:
            reply.say(
                "好的，没有做任何改动。还需要别的帮助吗？", "All right, nothing was changed. Anything else?"
            )
        else:
            reply.say("好的，有需要随时找我。", "All right. I'm here if you need me.")


class ActionChitchat(ShopAction):
    called = "action_chitchat"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.say(
            "谢谢您和我聊天。购物上的问题，比如物流、退换货、发票，都可以直接问我。",
            "Thanks for the chat! Ask me anything about your orders, parcels, returns or invoices.",
        )


class ActionBotChallenge(ShopAction):
    called = "action_bot_challenge"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.offer(
            "我是智能客服机器人小二，能查订单和物流、办理退换货。需要真人的话，随时可以转人工。",
            "I'm Xiaoer, a bot. I can look up orders and parcels and arrange returns; a person is one tap away.",
            reply.human(),
        )
