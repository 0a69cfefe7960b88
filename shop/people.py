"""Customers, their coupons and points, and the goods: what stands beside orders."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

Level = Literal["普通", "银卡", "金卡", "钻石"]
LEVELS: tuple[Level, ...] = ("普通", "银卡", "金卡", "钻石")


class Coupon(msgspec.Struct, frozen=True):
    id: str
    name: str
    kind: Literal["amount_off", "discount", "gift"]
    minimum_fen: int
    scope: str
    level: Level
    valid_from: datetime
    valid_until: datetime
    amount_off_fen: int = 0
    discount_percent: int = 0
    used_on: str | None = None


class PointsChange(msgspec.Struct, frozen=True):
    time: datetime
    points: int
    text: str


class Customer(msgspec.Struct, frozen=True):
    id: str
    name: str
    phone: str
    email: str
    level: Level
    address: str
    city: str
    registered: datetime
    notify: bool = True
    story: str = ""
    story_en: str = ""
    coupons: tuple[Coupon, ...] = ()
    points: tuple[PointsChange, ...] = ()

    @property
    def balance(self) -> int:
        """Points that can be spent."""
        return sum(change.points for change in self.points)


def give_coupons_back(customer: Customer, number: str) -> tuple[Customer, tuple[str, ...]]:
    """The customer with the coupons that were spent on that order, to be used again, and their names."""
    names = tuple(coupon.name for coupon in customer.coupons if coupon.used_on == number)
    coupons = tuple(replace(c, used_on=None) if c.used_on == number else c for c in customer.coupons)
    return (replace(customer, coupons=coupons), names) if names else (customer, ())


class ProductSpec(msgspec.Struct, frozen=True):
    spec: str
    price_fen: int
    stock: int


class Product(msgspec.Struct, frozen=True):
    id: str
    name: str
    category: str
    brand: str
    model: str
    origin: str
    material: str
    weight_g: int
    image: str
    specs: tuple[ProductSpec, ...]
    rating: float
    sold: int
    return_days: int
    not_returnable_reason: str
    description: str

    @property
    def price_fen(self) -> int:
        """The lowest price among the specifications, in fen."""
        return min(spec.price_fen for spec in self.specs)

    @property
    def stock(self) -> int:
        """Pieces left of all specifications."""
        return sum(spec.stock for spec in self.specs)
