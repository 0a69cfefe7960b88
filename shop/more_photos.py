"""Pictures that a customer sends after a return, case or ticket was handed in. Pure: a value in, a value out."""

from typing import Annotated

import msgspec

from shop import parts
from shop.aftersale import Photo
from shop.errors import ConflictError
from shop.returning import OPEN_RETURNS
from shop.values import Order

MOST = 9


class More(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is added; a picture that is there already is not there twice."""

    photos: Annotated[tuple[Photo, ...], msgspec.Meta(min_length=1, max_length=MOST)]


def add_to_return(order: Order, return_id: str, more: More) -> Order:
    """The order with the pictures in that return. Raises ConflictError when it has ended, or beyond nine."""
    found = parts.the_return(order, return_id)
    if found is None or found.state not in OPEN_RETURNS:
        raise ended()
    return parts.with_return(order, return_id, photos=together(found.photos, more))


def add_to_case(order: Order, case_id: str, more: More) -> Order:
    """The order with the pictures in that case. Raises ConflictError when it is closed, or beyond nine."""
    found = parts.the_case(order, case_id)
    if found is None or found.state == "closed":
        raise ended()
    return parts.with_case(order, case_id, photos=together(found.photos, more))


def together(there: tuple[str, ...], more: More) -> tuple[str, ...]:
    """All of them, oldest first. Raises ConflictError beyond nine."""
    photos = tuple(dict.fromkeys((*there, *more.photos)))
    if len(photos) > MOST:
        left = f"还可以补充 {MOST - len(there)} 张" if len(there) < MOST else "不能再补充了"
        raise ConflictError(
            f"一个申请最多附 {MOST} 张照片，现在已有 {len(there)} 张，{left}。", "too_many_photos"
        )
    return photos


def ended() -> ConflictError:
    """There is nobody left to look at them."""
    return ConflictError("这个申请已经处理结束，不能再补充照片。", "ended")
