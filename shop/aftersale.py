"""Returns, exchanges and refunds that a customer asks for. Pure: an order in, an order out."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec.structs import replace

from shop import parts, rules
from shop.errors import BadInputError, ConflictError, NotFoundError
from shop.moments import Moment
from shop.ordering import insist, the_item
from shop.people import Customer, Product
from shop.returning import GOODS_BACK_HOURS, REVIEW_HOURS
from shop.values import Courier, Due, Item, Order, Return, ReturnKind, ReturnReason, Step

Photo = Annotated[str, msgspec.Meta(max_length=500)]
MOST_DAYS_AHEAD = 7
WITHDRAWABLE = {"reviewing", "awaiting_goods"}


class Application(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer hands in."""

    item: str
    kind: ReturnKind
    reason: ReturnReason
    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1
    description: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    photos: Annotated[tuple[Photo, ...], msgspec.Meta(max_length=9)] = ()
    new_spec: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Pickup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a courier fetches the goods: an ISO day and a span of hours."""

    day: dt.date
    slot: Annotated[str, msgspec.Meta(max_length=20)] = ""


class SendBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the goods come back."""

    courier: Courier
    tracking_number: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{8,24}$")]


def apply_return(
    order: Order, asked: Application, owner: tuple[Customer, Product | None], moment: Moment
) -> tuple[Order, Return]:
    """The order with a new return under review."""
    item = the_item(order, asked.item)
    if asked.quantity > item.quantity:
        raise BadInputError(f"这件商品只买了 {item.quantity} 件。")
    insist(rules.judge(order, item, rules.Wish(asked.kind, asked.reason), owner, moment))
    _check_new_spec(asked, item, owner[1])
    return open_return(order, asked, moment)


def _check_new_spec(asked: Application, item: Item, product: Product | None) -> None:
    if asked.kind != "exchange":
        return
    wanted = asked.new_spec or item.spec
    spec = next((s for s in product.specs if s.spec == wanted), None) if product else None
    if spec is None:
        names = "、".join(s.spec for s in product.specs) if product else "无"
        raise BadInputError(f"没有这个规格，可选：{names}。")
    if spec.stock < asked.quantity:
        raise ConflictError(f"规格「{wanted}」库存不足，可以改为退货退款。", "out_of_stock")


def open_return(order: Order, asked: Application, moment: Moment) -> tuple[Order, Return]:
    """The order with the application in it, unjudged."""
    item = the_item(order, asked.item)
    part = item.price_fen * asked.quantity
    if order.discount_fen and order.goods_fen:
        part -= order.discount_fen * part // order.goods_fen
    found = Return(
        id=f"RT{order.number}{len(order.returns) + 1:02d}",
        item=item.id,
        quantity=asked.quantity,
        kind=asked.kind,
        reason=asked.reason,
        state="reviewing",
        amount_fen=0 if asked.kind == "exchange" else part,
        created=moment.now,
        steps=(Step("reviewing", "已提交申请，等待审核", moment.now),),
        description=asked.description,
        photos=asked.photos,
        new_spec=(asked.new_spec or item.spec) if asked.kind == "exchange" else "",
    )
    order = replace(order, returns=(*order.returns, found))
    due = Due(moment.after(REVIEW_HOURS), "return", found.id, "awaiting_goods")
    return parts.schedule(order, due), found


def withdraw(order: Order, return_id: str, moment: Moment) -> Order:
    """The order with its return withdrawn, while the goods are not on their way."""
    found = _the_return(order, return_id)
    if found.state not in WITHDRAWABLE:
        raise ConflictError("这个申请现在不能撤销。", "not_withdrawable")
    order = parts.unschedule(order, "return", return_id)
    return parts.move_return(order, return_id, "withdrawn", moment, "您已撤销申请")


def send_back(order: Order, return_id: str, sent: SendBack, moment: Moment) -> Order:
    """The order with the goods of its return on their way to the warehouse."""
    found = _the_return(order, return_id)
    if found.state != "awaiting_goods":
        raise ConflictError("这个申请现在不需要填写寄回单号。", "not_awaiting_goods")
    order = parts.unschedule(order, "return", return_id)
    order = parts.with_return(order, return_id, courier=sent.courier, tracking_number=sent.tracking_number)
    order = parts.move_return(order, return_id, "goods_on_way", moment, f"商品已由{sent.courier}寄回")
    return parts.schedule(order, Due(moment.after(GOODS_BACK_HOURS), "return", return_id, "checking"))


def book_pickup(order: Order, return_id: str, wish: Pickup, moment: Moment) -> Order:
    """The order with a courier to fetch the goods of its return; they are on their way after that day."""
    found = _the_return(order, return_id)
    if found.state != "awaiting_goods":
        raise ConflictError("这个申请现在不能预约取件。", "not_awaiting_goods")
    days = (wish.day - moment.now.date()).days
    if not 0 <= days <= MOST_DAYS_AHEAD:
        raise BadInputError(f"取件日期可以选今天起 {MOST_DAYS_AHEAD} 天内。")
    told = f"{wish.day:%m月%d日} {wish.slot}".strip()
    step = Step("awaiting_goods", f"已预约上门取件：{told}", moment.now)
    return parts.with_return(
        order, return_id, pickup=f"{wish.day.isoformat()} {wish.slot}".strip(), steps=(*found.steps, step)
    )


def _the_return(order: Order, return_id: str) -> Return:
    found = parts.the_return(order, return_id)
    if found is None:
        raise NotFoundError
    return found
