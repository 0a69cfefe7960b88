"""Delivery changes and logistics cases. Pure: an order in, an order out."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from shop import parts
from shop.errors import BadInputError, ConflictError, NotFoundError
from shop.moments import CHINA, Moment
from shop.values import Case, Due, Order, Parcel, ParcelTrouble, Step
from shop.words import CASE_KIND

FIRST_FEEDBACK_HOURS = 24.0
INVESTIGATE_HOURS = 2.0
MOST_DAYS_LATER = 7


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a parcel shall come instead."""

    option: Literal["later", "pickup_point", "address"]
    date: dt.date | None = None
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer says is wrong with a parcel."""

    kind: ParcelTrouble
    tracking_number: str = ""
    description: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    photos: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=500)], ...], msgspec.Meta(max_length=9)
    ] = ()


def change_delivery(order: Order, number: str, wish: Delivery, moment: Moment) -> Order:
    """The order with its parcel coming otherwise, while it is on its way."""
    parcel = _the_parcel(order, number)
    if parcel.state not in {"collected", "in_transit", "out_for_delivery"}:
        raise ConflictError("包裹不在运输途中，不能更改派送方式。", "not_in_transit")
    if wish.option == "later":
        order, note = _later(order, number, wish, moment)
    elif wish.option == "address":
        if not wish.address:
            raise BadInputError("请给出新的派送地址。")
        order = replace(order, recipient=replace(order.recipient, address=wish.address))
        note = "已改派至新地址"
    else:
        note = "已改为送至附近自提点，到达后短信通知取件码"
        order = replace(order, due=tuple(_to_pickup(due, number) for due in order.due))
    if wish.note:
        note = f"{note}（{wish.note}）"
    return parts.with_parcel(order, number, delivery_note=note)


def _later(order: Order, number: str, wish: Delivery, moment: Moment) -> tuple[Order, str]:
    if wish.date is None:
        raise BadInputError("请给出希望派送的日期。")
    days = (wish.date - moment.now.date()).days
    if not 1 <= days <= MOST_DAYS_LATER:
        raise BadInputError(f"派送日期可以选明天起 {MOST_DAYS_LATER} 天内。")
    arrivals = _arrivals(order, number)
    morning = dt.datetime.combine(wish.date, dt.time(9), CHINA)
    wait = max(morning - min((d.at for d in arrivals), default=morning), dt.timedelta(0))
    due = tuple(replace(d, at=d.at + wait) if d in arrivals else d for d in order.due)
    evening = dt.datetime.combine(wish.date, dt.time(20), CHINA)
    parcel = _the_parcel(order, number)
    order = parts.with_parcel(replace(order, due=due), number, expected=max(parcel.expected, evening))
    return order, f"已预约 {wish.date:%m月%d日} 派送"


def _arrivals(order: Order, number: str) -> tuple[Due, ...]:
    return tuple(
        d
        for d in order.due
        if d.does == "track" and d.ref == number and d.state in {"out_for_delivery", "signed"}
    )


def _to_pickup(due: Due, number: str) -> Due:
    if due.does != "track" or due.ref != number or due.state != "out_for_delivery":
        return due
    return replace(due, state="awaiting_pickup", text=f"【{due.place}】快件已到自提点，请凭取件码领取")


def open_case(order: Order, report: Report, moment: Moment) -> tuple[Order, Case]:
    """The order with a case about one of its parcels accepted."""
    if not order.parcels:
        raise ConflictError("订单还没有发货，不能登记物流异常。", "not_shipped")
    number = report.tracking_number or _suspect(order, report.kind).tracking_number
    parcel = _the_parcel(order, number)
    if report.kind in {"not_received", "damaged"} and parcel.state != "signed":
        raise ConflictError("包裹还没有签收，请登记停滞、延误或丢失。", "not_signed")
    if report.kind in {"stalled", "delayed", "lost"} and parcel.state == "signed":
        raise ConflictError("包裹已经签收；如没有收到，请登记“签收未收到”。", "already_signed")
    if any(
        c.tracking_number == number and c.kind == report.kind and c.state != "closed" for c in order.cases
    ):
        raise ConflictError("这个包裹的同类问题正在处理中，我们会尽快反馈。", "already_open")
    case = Case(
        id=f"LC{order.number}{len(order.cases) + 1:02d}",
        tracking_number=number,
        kind=report.kind,
        state="accepted",
        created=moment.now,
        feedback_before=moment.after(FIRST_FEEDBACK_HOURS),
        steps=(Step("accepted", f"已受理：{CASE_KIND[report.kind]}", moment.now),),
        description=report.description,
        photos=report.photos,
    )
    order = replace(order, cases=(*order.cases, case))
    if report.kind in {"not_received", "damaged"}:
        order = parts.with_parcel(order, number, trouble=report.kind)
    return parts.schedule(order, Due(moment.after(INVESTIGATE_HOURS), "case", case.id, "investigating")), case


def _suspect(order: Order, kind: ParcelTrouble) -> Parcel:
    """The parcel that is meant when none is named: one that can have that trouble."""
    signed = kind in {"not_received", "damaged"}
    return next((p for p in order.parcels if (p.state == "signed") == signed), order.parcels[0])


def _the_parcel(order: Order, number: str) -> Parcel:
    found = parts.the_parcel(order, number)
    if found is None:
        raise NotFoundError
    return found
