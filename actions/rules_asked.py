"""Questions about the rules that sound like a wish: answered from the FAQ, with the wish one press away."""

import re

from actions.asked import Asked
from actions.knowledge import FAQ, Knowledge
from actions.labels import label
from actions.reply import Reply
from actions.said import press

# Entries that say how things are in general; no look-up of an order answers them better.
RULES = frozenset(
    {
        "orders.cancel_undo", "orders.cancelled_by_itself", "orders.confirm_receipt", "orders.merge", "orders.limit",
        "orders.bulk", "orders.confirmation", "orders.cart", "orders.states",
        "payment.bill", "payment.instalment", "payment.other_pays", "payment.time_limit", "payment.change_method",
        "payment.cod", "payment.digital_yuan", "payment.company_transfer",
        "logistics.self_pickup", "logistics.split", "logistics.couriers", "logistics.check_first",
        "logistics.refuse", "logistics.pickup_code", "logistics.coverage", "logistics.courier_attitude",
        "logistics.freight", "logistics.where_from",
        "returns.pickup", "returns.address", "returns.courier", "returns.review_time", "returns.withdraw",
        "returns.insurance", "returns.freight_refund", "returns.packaging", "returns.partial", "returns.gift_back",
        "returns.late", "returns.rejected", "returns.send_deadline", "returns.excluded",
        "refunds.amount", "refunds.freight", "refunds.bank_fail", "refunds.where", "refunds.only",
        "exchanges.freight", "exchanges.time", "exchanges.other_product", "exchanges.stock", "exchanges.twice",
        "invoices.paper", "invoices.merge", "invoices.amount", "invoices.refund", "invoices.title_change",
        "complaints.time", "complaints.unsatisfied", "complaints.untrue",
    }
)  # fmt: skip
# What a shopper says about himself and now is no question about the rules.
MINE = ("我的", "帮我", "给我", "我要", "我想", "我买", "单号", "那单", "这单", "申请", "麻烦")
ASKS = ("吗", "？", "?", "怎么", "多久", "哪", "什么", "谁", "为什么", "几天", "能不能", "可以")


def say_rule(asked: Asked, reply: Reply, knowledge: Knowledge | None) -> bool:
    """Says what the FAQ surely knows about a rule; whether that was asked for."""
    if asked.form or not any(word in asked.text for word in ASKS) or _is_wish(asked.text):
        return False
    known = (knowledge or FAQ).near(asked.text)
    answers = (knowledge or FAQ).entry(known[0]) if known and known[0] in RULES else None
    if not answers:
        return False
    reply.say(*answers)
    t, wish = reply.tongue, label(asked.intent)
    reply.offer(
        "还需要我帮您办理吗？",
        "Shall I do something about it?",
        press(t(wish.zh, wish.en), asked.intent),
        reply.human(),
    )
    return True


def _is_wish(text: str) -> bool:
    if re.search(r"(?:还能|能不能|可以|来得及).{0,2}取消", text):
        return True  # of the order that he has, however it is put
    return any(word in text for word in MINE) and "申请多久" not in text and "申请可以" not in text
