"""What a shopper hears when the shop or an action failed: never a guess, always a way to a person."""

from actions.platforms.base import NotFound, PlatformError, Refused, Unsupported
from actions.reply import Reply


def say_shop_failed(reply: Reply, error: PlatformError) -> None:
    """Says what the failure means for the shopper; what can't be told goes to a human."""
    changing = reply.changing
    reply.forget_all_said()
    if isinstance(error, Refused) and error.message:
        reply.offer(error.message, "I'm sorry, the shop does not allow this now.", reply.human())
    elif isinstance(error, Unsupported):
        reply.offer(
            "抱歉，这项业务我暂时不能在线办理，人工客服可以帮您处理。",
            "I'm sorry, I can't arrange this here; a person can.",
            reply.human(),
        )
    elif isinstance(error, NotFound):
        reply.offer(
            "刚才的信息已经查不到了，可能已经变更。需要的话我帮您转人工核对。",
            "I can no longer find this; it may have changed. I can bring in a colleague to check.",
            reply.human(),
        )
    elif changing:
        reply.say(
            "非常抱歉，商城系统没有及时回应，这次操作是否成功还不能确定，请先不要重复操作。"
            "我马上请人工同事为您核实。",
            "I'm sorry: the shop's system did not answer in time, so I can't tell yet whether this went "
            "through. Please don't repeat it; a colleague will check right away.",
        )
        reply.hand_off("platform_failed")
    else:
        reply.say(
            "非常抱歉，商城系统暂时没有回应，我现在查不到准确信息，不想给您不确定的答复。"
            "我马上请人工同事来帮您。",
            "I'm sorry, the shop's system is not answering just now, so I can't look this up and won't "
            "guess. A colleague will help you.",
        )
        reply.hand_off("platform_failed")


def say_action_failed(reply: Reply) -> None:
    """For what is our own fault."""
    reply.forget_all_said()
    reply.say(
        "非常抱歉，我这边出了点问题，没能处理好您的问题。我马上请人工同事来帮您。",
        "I'm sorry, something went wrong on my side. A colleague will take over.",
    )
    reply.hand_off("action_failed")
