"""Vendure's customers and goods in the contract's words. Pure."""

from datetime import datetime

import msgspec

from actions.platforms import values
from actions.platforms.vendure_reading import masked_phone
from actions.platforms.vendure_told import Asset, here


class _Told(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Group(_Told, frozen=True):
    name: str


class Person(_Told, frozen=True):
    id: str
    first_name: str
    last_name: str
    email_address: str
    created_at: datetime
    phone_number: str | None = None
    groups: tuple[Group, ...] = ()


class Stock(_Told, frozen=True):
    stock_on_hand: int
    stock_allocated: int


class Kind(_Told, frozen=True):
    name: str
    price_with_tax: int
    currency_code: str
    stock_levels: tuple[Stock, ...] = ()


class Good(_Told, frozen=True):
    id: str
    name: str
    description: str
    variants: tuple[Kind, ...]
    featured_asset: Asset | None = None


def read_member(person: Person) -> values.Member:
    """The customer, masked; his first group is his level."""
    name = f"{person.last_name}{person.first_name}"
    user, _, host = person.email_address.partition("@")
    return values.Member(
        id=person.id,
        name=f"{name[:1]}**",
        phone=masked_phone(person.phone_number or ""),
        email=f"{user[:1]}***@{host}",
        level=person.groups[0].name if person.groups else "",
        points=0,
        address="",
        registered=here(person.created_at),
    )


def read_product(good: Good) -> values.Product:
    """The product; what Vendure does not know (brand, rating …) is empty, and seven days are the law's."""
    specs = tuple(
        values.Spec(
            spec=kind.name.removeprefix(good.name).strip(),
            price_fen=kind.price_with_tax,
            stock=max(sum(at.stock_on_hand - at.stock_allocated for at in kind.stock_levels), 0),
        )
        for kind in good.variants
        if kind.currency_code == "CNY"
    )
    return values.Product(
        id=good.id,
        name=good.name,
        category="",
        brand="",
        model="",
        origin="",
        material="",
        weight_g=0,
        image=good.featured_asset.preview if good.featured_asset else "",
        price_fen=min((spec.price_fen for spec in specs), default=0),
        specs=specs,
        stock=sum(spec.stock for spec in specs),
        rating=0.0,
        return_days=7,
        returnable=True,
        not_returnable_reason="",
        description=good.description,
    )
