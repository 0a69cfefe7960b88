"""What the customers of the bench say: short questions of the kind that data/nlu/ teaches, 28 % about their orders."""

import random
from collections.abc import Iterator

# The answer to these is looked up in the shop.
LOOKED_UP = (
    "我的快递到哪了",
    "查物流",
    "我的订单到哪一步了",
    "查一下我的订单",
    "退款到哪了",
    "我的退款什么时候到账",
    "我有哪些优惠券可以用",
    "我有多少积分",
)
# These are answered from what the bot knows.
KNOWN = (
    "你好",
    "在吗",
    "谢谢",
    "好的谢谢",
    "再见",
    "你是机器人吗",
    "支持七天无理由退货吗",
    "退货的运费谁出",
    "包邮吗",
    "发什么快递",
    "可以用什么方式付款",
    "支持花呗吗",
    "保修多久",
    "怎么修改密码",
    "今天心情不错",
)
LOOKED_UP_SHARE = 0.28


def sayings(seed: int) -> Iterator[str]:
    """Without end, the same for the same seed: every hundred of them holds 28 that are looked up."""
    rng = random.Random(seed)
    looked_up = round(100 * LOOKED_UP_SHARE)
    while True:
        hundred = [LOOKED_UP[n % len(LOOKED_UP)] for n in range(looked_up)]
        hundred += [KNOWN[n % len(KNOWN)] for n in range(100 - looked_up)]
        rng.shuffle(hundred)
        yield from hundred


BURST = (
    "你好",
    "包邮吗",
    "发什么快递",
    "支持七天无理由退货吗",
    "退货的运费谁出",
    "支持花呗吗",
    "保修多久",
    "谢谢",
)
"""Eight messages of one impatient customer; none needs the shop."""
