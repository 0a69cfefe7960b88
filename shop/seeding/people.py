"""300 customers: six who are shown on the storefront, and the others."""

import random
from datetime import timedelta

from shop.moments import Moment
from shop.people import LEVELS, Coupon, Customer, Level, PointsChange

CUSTOMERS = 300
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余"
GIVEN = [
    "子涵",
    "欣怡",
    "浩然",
    "宇轩",
    "梓萱",
    "诗琪",
    "俊杰",
    "雨桐",
    "思远",
    "晓彤",
    "佳宁",
    "明轩",
    "若曦",
    "嘉豪",
    "静怡",
    "文博",
    "雅婷",
    "志强",
    "丽娟",
    "建国",
    "秀英",
    "海燕",
    "国强",
    "桂芳",
    "晨曦",
    "一诺",
    "沐阳",
    "可馨",
    "天佑",
    "语嫣",
    "鹏飞",
    "婷婷",
    "磊",
    "娜",
    "伟",
    "芳",
    "敏",
    "静",
    "强",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "涛",
    "超",
]
PLACES = (
    ("北京", "北京市朝阳区望京街道"),
    ("上海", "上海市浦东新区花木街道"),
    ("广州", "广东省广州市天河区石牌街道"),
    ("深圳", "广东省深圳市南山区粤海街道"),
    ("成都", "四川省成都市武侯区桂溪街道"),
    ("武汉", "湖北省武汉市洪山区关山街道"),
    ("南京", "江苏省南京市鼓楼区宁海路街道"),
    ("西安", "陕西省西安市雁塔区小寨路街道"),
    ("重庆", "重庆市渝北区龙溪街道"),
    ("长沙", "湖南省长沙市岳麓区观沙岭街道"),
    ("沈阳", "辽宁省沈阳市和平区太原街街道"),
    ("郑州", "河南省郑州市金水区经八路街道"),
    ("青岛", "山东省青岛市市南区香港中路街道"),
    ("昆明", "云南省昆明市五华区护国街道"),
    ("厦门", "福建省厦门市思明区莲前街道"),
)
GARDENS = ("阳光花园", "翠湖天地", "锦绣家园", "和平小区", "星河湾", "梧桐苑", "学府雅居", "金桂里")
DEMO: tuple[tuple[str, Level, int, str, str], ...] = (
    ("林小雨", "金卡", 0, "有包裹在路上，一件退货进行中", "A parcel on the way, a return in progress"),
    (
        "陈大明",
        "普通",
        3,
        "一笔订单被扣了两次款，还有一笔支付失败",
        "Charged twice, and a payment that failed",
    ),
    (
        "王秀兰",
        "银卡",
        7,
        "显示签收却没收到，另一个包裹延误了",
        "Signed for but never received, and a delayed parcel",
    ),
    (
        "赵磊",
        "普通",
        4,
        "付款后一直没发货，取消的订单在等退款",
        "Not dispatched in time, and a refund to come",
    ),
    ("孙倩", "钻石", 1, "收到的包裹破损了，发票还在开", "A damaged parcel, and an invoice under way"),
    ("周舟", "普通", 10, "新朋友，还没有下过单", "New here, no orders yet"),
)
KINDS = (
    ("满199减30", "amount_off", 19900, 3000, 0, "全场通用"),
    ("满99减10", "amount_off", 9900, 1000, 0, "全场通用"),
    ("服饰九折券", "discount", 10000, 0, 10, "女装、男装"),
    ("数码95折券", "discount", 20000, 0, 5, "数码配件"),
    ("满299赠香薰蜡烛", "gift", 29900, 0, 0, "家居家纺"),
)


def customers(rng: random.Random, moment: Moment) -> list[Customer]:
    """Everyone, the six of the storefront first."""
    people = []
    for n in range(CUSTOMERS):
        demo = DEMO[n] if n < len(DEMO) else None
        name = demo[0] if demo else rng.choice(SURNAMES) + rng.choice(GIVEN)
        level = demo[1] if demo else rng.choices(LEVELS, (60, 22, 13, 5))[0]
        city, street = PLACES[demo[2]] if demo else rng.choice(PLACES)
        customer_id = f"C{100001 + n}"
        people.append(
            Customer(
                id=customer_id,
                name=name,
                phone=f"1{rng.choice(('38', '39', '58', '86', '77'))}{rng.randint(0, 99999999):08d}",
                email=f"u{100001 + n}@example.com",
                level=level,
                address=f"{street}{rng.choice(GARDENS)}{rng.randint(1, 28)}栋{rng.randint(101, 2806)}室",
                city=city,
                registered=moment.now - timedelta(days=rng.randint(30, 1500)),
                story=demo[3] if demo else "",
                story_en=demo[4] if demo else "",
                coupons=_coupons(customer_id, rng, moment),
                points=_points(rng, moment),
            )
        )
    return people


def _coupons(customer_id: str, rng: random.Random, moment: Moment) -> tuple[Coupon, ...]:
    coupons = []
    for n in range(rng.randint(1, 5)):
        name, kind, minimum, off, percent, scope = rng.choice(KINDS)
        start = moment.now - timedelta(days=rng.randint(1, 60))
        coupons.append(
            Coupon(
                id=f"CP{customer_id[1:]}{n + 1:02d}",
                name=name,
                kind=kind,  # type: ignore[arg-type]
                minimum_fen=minimum,
                scope=scope,
                level="普通",
                valid_from=start,
                valid_until=start + timedelta(days=45),
                amount_off_fen=off,
                discount_percent=percent,
            )
        )
    return tuple(coupons)


def _points(rng: random.Random, moment: Moment) -> tuple[PointsChange, ...]:
    changes = [
        PointsChange(moment.now - timedelta(days=d), rng.randint(20, 600), "购物获得积分")
        for d in sorted(rng.sample(range(1, 420), rng.randint(1, 6)), reverse=True)
    ]
    changes.append(PointsChange(moment.now - timedelta(hours=rng.randint(1, 20)), 1, "每日签到"))
    return tuple(changes)
