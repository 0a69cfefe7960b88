"""The catalogue, read from goods.yml."""

import random
from importlib import resources

import yaml

from shop.people import Product, ProductSpec

ORIGINS = ("浙江杭州", "广东东莞", "江苏苏州", "福建泉州", "山东青岛", "四川成都", "安徽合肥", "上海")
PERISHABLE = {"云南阳光玫瑰葡萄", "丹东草莓", "阳澄湖大闸蟹礼盒", "冷冻鸡胸肉"}
INTIMATE = {"贴身文胸内衣", "纯棉四角内裤三条装"}
OPENED = "美妆个护"
LONGER_DAYS = {"鞋靴箱包": 15, "运动户外": 15, "家居家纺": 30}


def catalogue(rng: random.Random) -> list[Product]:
    """All products, in the order of the file."""
    text = resources.files("shop.seeding").joinpath("goods.yml").read_text(encoding="utf-8")
    rows = [(category, row) for category, listed in yaml.safe_load(text).items() for row in listed]
    return [_product(n, category, row, rng) for n, (category, row) in enumerate(rows, 1)]


def _product(number: int, category: str, row: list[str | int], rng: random.Random) -> Product:
    name, brand, yuan, names, material, grams = row
    price = int(yuan) * 100 - 10
    product_id = f"P{number:04d}"
    specs = []
    for spec in str(names).split("|"):
        stock = 0 if rng.random() < 0.06 else rng.randint(3, 900)
        specs.append(ProductSpec(spec, price, stock))
    return Product(
        id=product_id,
        name=str(name),
        category=category,
        brand=str(brand),
        model=f"{'ABCDEFGHJK'[number % 10]}{rng.randint(100, 999)}",
        origin=rng.choice(ORIGINS),
        material=str(material),
        weight_g=int(grams),
        image=f"/img/{product_id}.svg",
        specs=tuple(specs),
        rating=round(rng.uniform(4.3, 5.0), 1),
        sold=rng.randint(40, 20000),
        return_days=LONGER_DAYS.get(category, 7),
        not_returnable_reason=_excluded(str(name), category),
        description=f"{brand}{name}，{material}材质，可开电子发票，运输破损由我们承担。",
    )


def _excluded(name: str, category: str) -> str:
    if name in PERISHABLE:
        return "生鲜易腐商品不支持七天无理由退货；如有变质破损，请在签收后联系我们。"
    if name in INTIMATE:
        return "贴身衣物拆封后不支持七天无理由退货；质量问题可以申请售后。"
    if category == OPENED:
        return "美妆个护商品拆封后影响二次销售，不支持七天无理由退货；质量问题可以申请售后。"
    return ""
