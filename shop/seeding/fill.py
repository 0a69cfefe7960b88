"""Fills an empty database once."""

import random

from msgspec.structs import replace

from shop.moments import Moment
from shop.people import Customer
from shop.seeding.demo import stories
from shop.seeding.goods import catalogue
from shop.seeding.lives import LIVES, completed
from shop.seeding.maker import Maker
from shop.seeding.people import DEMO, customers
from shop.store import Store
from shop.values import Order

VERSION = 3
ORDERS = 2000
SEED = 20260618


def fill(store: Store, moment: Moment) -> bool:
    """True when the database was empty or of another version and is now filled."""
    if store.seeded_at(VERSION) is not None:
        return False
    rng = random.Random(SEED)  # noqa: S311 — the same shop every time, nothing secret
    products = catalogue(rng)
    people = customers(rng, moment)
    make = Maker(rng, products, moment)
    orders = stories(make, people)
    orders += _others(make, people[len(DEMO) :], ORDERS - len(orders))
    with store.transaction():
        store.forget()
        store.add_products(products)
        store.add_customers(_with_used_coupons(people, orders))
        store.save(*orders)
        store.mark_seeded(moment.now, VERSION)
    return True


def _others(make: Maker, people: list[Customer], count: int) -> list[Order]:
    """`count` orders of other customers: every life as often as it is told, then the everyday ones."""
    tales = [life for times, life in LIVES for _ in range(times)]
    tales = tales[:count] + [completed] * max(count - len(tales), 0)
    return [make.settle(life(make, make.rng.choice(people))) for life in tales]


def _with_used_coupons(people: list[Customer], orders: list[Order]) -> list[Customer]:
    """The customers, each with a coupon spent on the order that it made cheaper."""
    cheaper = {o.customer: o.number for o in orders if o.placed and o.discount_fen}
    return [
        replace(c, coupons=(replace(c.coupons[0], used_on=cheaper[c.id]), *c.coupons[1:]))
        if c.id in cheaper
        else c
        for c in people
    ]
