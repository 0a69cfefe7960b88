"""Tickets: what people at the shop look into for a customer. Pure: what is asked in, a ticket out."""

import datetime as dt
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from shop.errors import BadInputError
from shop.moments import Moment

Kind = Literal[
    "compensation", "complaint", "installation", "repair", "payment", "invoice", "account", "other"
]
State = Literal["accepted", "investigating", "proposed", "closed"]
Photo = Annotated[str, msgspec.Meta(max_length=500)]
FEEDBACK_HOURS = 24.0
MOST_DAYS_AHEAD = 14
# Hours after which a ticket has moved on by itself.
STEPS: tuple[tuple[float, State, str], ...] = (
    (0, "accepted", "已受理，正在分派专员"),
    (2, "investigating", "专员正在核实"),
    (20, "proposed", "已给出处理方案，专员会与您联系"),
    (68, "closed", "已结案"),
)
KINDS: dict[Kind, str] = {
    "compensation": "赔偿申请",
    "complaint": "投诉",
    "installation": "安装预约",
    "repair": "维修申请",
    "payment": "支付核查",
    "invoice": "发票问题",
    "account": "账户问题",
    "other": "其他问题",
}
STATES: dict[State, str] = {
    "accepted": "已受理",
    "investigating": "核实中",
    "proposed": "已给出方案",
    "closed": "已结案",
}


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer wants looked into."""

    kind: Kind
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    order: str = ""
    day: str = ""
    amount_fen: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] = 0
    photos: Annotated[tuple[Photo, ...], msgspec.Meta(max_length=9)] = ()


class Ticket(msgspec.Struct, frozen=True):
    id: str
    customer: str
    kind: Kind
    text: str
    created: datetime
    feedback_before: datetime
    order: str = ""
    day: str = ""
    amount_fen: int = 0
    photos: tuple[str, ...] = ()


def open_ticket(wish: Wish, customer: str, number: int, moment: Moment) -> Ticket:
    """The `number`-th ticket of a customer, accepted now. Raises BadInputError for a day that can't be."""
    if wish.day:
        try:
            days = (dt.date.fromisoformat(wish.day) - moment.now.date()).days
        except ValueError as error:
            raise BadInputError("日期请写成 2026-11-25 这样。") from error
        if not 0 <= days <= MOST_DAYS_AHEAD:
            raise BadInputError(f"日期可以选今天起 {MOST_DAYS_AHEAD} 天内。")
    return Ticket(
        id=f"TK{customer[1:]}{number:03d}",
        customer=customer,
        kind=wish.kind,
        text=wish.text,
        created=moment.now,
        feedback_before=moment.after(FEEDBACK_HOURS),
        order=wish.order,
        day=wish.day,
        amount_fen=wish.amount_fen,
        photos=wish.photos,
    )


def steps_so_far(ticket: Ticket, moment: Moment) -> list[tuple[datetime, State, str]]:
    """What has happened to a ticket, oldest first; time alone moves it on."""
    begun = Moment(ticket.created, moment.speed)
    steps = [(begun.after(hours), state, text) for hours, state, text in STEPS]
    return [step for step in steps if step[0] <= moment.now] or steps[:1]
