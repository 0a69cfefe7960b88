"""The six customers of the storefront: their orders tell every story at once."""

from shop import parts
from shop.invoicing import Ask, request_invoice
from shop.logistics import Report, open_case
from shop.ordering import cancel
from shop.people import Customer
from shop.progress import advance
from shop.seeding import lives
from shop.seeding.maker import Maker
from shop.values import Due, Order

NEXT_NEWS_HOURS = 0.05


def stories(make: Maker, people: list[Customer]) -> list[Order]:
    """All their orders as they are now; 周舟 has none."""
    lin, chen, wang, zhao, sun = people[:5]
    return [
        make.settle(order)
        for order in (
            *_lin(make, lin),
            *_chen(make, chen),
            *_wang(make, wang),
            *_zhao(make, zhao),
            *_sun(make, sun),
        )
    ]


def _lin(make: Maker, who: Customer) -> list[Order]:
    """Rich tracking with news within minutes; a return whose goods are on their way back."""
    road = advance(make.sent(who, 36, ["主动降噪蓝牙耳机"], "顺丰"), make.now)
    news = min(road.due, key=lambda due: due.at)
    parcel = news.ref
    rest = [due for due in road.due if due is not news]
    road = parts.unschedule(road, "track", parcel)
    soon = Due(make.now.after(NEXT_NEWS_HOURS), "track", parcel, news.state, news.text, news.place)
    road = parts.schedule(road, soon, *rest)
    back = make.returned(
        make.sent(who, 130, ["宽松羊毛混纺大衣"], "京东物流"), 60, ("return", "no_reason"), 20
    )
    split = make.send(make.paid(who, 30, ["全棉四件套", "香薰蜡烛"]), 6, "中通", "I1")
    split = make.send(split, 16, "京东物流", "I2")
    done = make.sent(who, 900, ["手冲咖啡豆"], "中通")
    signed = make.sent(who, 90, ["缓震跑步鞋"], "顺丰")
    return [road, back, split, done, signed]


def _chen(make: Maker, who: Customer) -> list[Order]:
    """Charged twice; a payment that failed; money without an order; waiting for dispatch."""
    twice = make.try_to_pay(make.send(make.paid(who, 26, ["机械键盘 87 键"]), 9, "圆通"), minutes=4)
    failed = make.try_to_pay(make.place(who, 0.2, ["静音无线鼠标"]), "insufficient_balance")
    return [
        twice,
        failed,
        lives.stray(make, who),
        make.send(make.paid(who, 5, ["商务皮带"]), after=40),
        make.sent(who, 700, ["速干运动短裤"]),
    ]


def _wang(make: Maker, who: Customer) -> list[Order]:
    """Signed for but not received; delayed; stalled; an exchange."""
    return [
        lives.not_received(make, who),
        lives.delayed(make, who),
        lives.stalled(make, who),
        make.returned(make.sent(who, 160, ["居家棉拖鞋"]), 28, ("exchange", "wrong_size")),
        make.sent(who, 1400, ["每日坚果 30 包"]),
    ]


def _zhao(make: Maker, who: Customer) -> list[Order]:
    """Not dispatched in time; a cancelled order whose money is under way; one whose refund failed."""
    pending = cancel(make.paid(who, 45, ["骑行头盔"]), "不想要了", make.ago(40))[0]
    return [
        make.paid(who, 75, ["三人自动帐篷"]),
        pending,
        lives.refund_failed(make, who),
        lives.expired(make, who),
        make.sent(who, 30, ["登山杖"], "韵达"),
    ]


def _sun(make: Maker, who: Customer) -> list[Order]:
    """A damaged parcel; an invoice under way; one issued; a lost parcel; a refund that arrived."""
    broken = advance(make.sent(who, 62, ["陶瓷餐具套装"], "顺丰"), make.now)
    broken = open_case(broken, Report("damaged", "", "收到时外箱压扁，两只盘子碎了"), make.ago(1.5))[0]
    bill = advance(make.sent(who, 120, ["无线吸尘器"], "京东物流"), make.now)
    bill = request_invoice(
        bill, Ask("special", "上海倩影设计有限公司", "91310115MA1K3X9Y2Z"), who.email, make.ago(5)
    )
    issued = advance(make.sent(who, 600, ["真丝衬衫"], "顺丰"), make.now)
    issued = request_invoice(issued, Ask("electronic", who.name), who.email, make.ago(500))
    return [
        broken,
        bill,
        issued,
        lives.lost(make, who),
        make.returned(make.sent(who, 420, ["羊绒围巾"]), 300, ("return", "no_reason"), 200),
        make.sent(who, 26, ["香水 木质调"], "顺丰"),
    ]
