"""Accounts: what to do about them, and never a password or a code."""

import re

from actions.action import ShopAction
from actions.asked import Asked
from actions.knowledge import FAQ, Knowledge, say_from_knowledge
from actions.reply import Reply
from actions.said import press

# A code or password that was typed in: whoever asked for it was not us.
GIVEN = re.compile(r"(?:验证码|校验码|密码|code|password)\D{0,6}[0-9A-Za-z]{4,}", re.IGNORECASE)
STOLEN = re.compile(r"被盗|盗号|盗刷|异常登录|别人登|诈骗|骗|转账|冒充")


class ActionAccountSecurity(ShopAction):
    """Answers from the FAQ, warns who was about to give a secret away, and says what we never ask for."""

    called = "action_account_security"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if GIVEN.search(asked.text):
            reply.say(
                "请不要把密码或验证码发给任何人，包括客服。如果刚才有人向您索要，请马上修改密码。",
                "Please never send a password or a code to anybody, not even to us. If somebody asked you for it, "
                "change your password right away.",
            )
        if not say_from_knowledge(asked, reply, self.knowledge):
            reply.say(
                "账户问题可以在「我的-账户与安全」里处理：修改密码、换绑手机、两步验证、登录记录都在那里。",
                "Passwords, phone number, two-step sign-in and the list of sign-ins are under My account - Security.",
            )
        t = reply.tongue
        ways = (
            (press(t("登记账户异常", "Report it"), "open_ticket", kind="account"),)
            if STOLEN.search(asked.text)
            else ()
        )
        reply.offer(
            "温馨提示：我们不会向您索要密码、验证码或银行卡信息，也不会要求转账。",
            "We never ask for passwords, codes or card details, nor for a transfer.",
            *ways,
            reply.human(),
        )
