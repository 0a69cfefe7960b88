"""How a parcel travels: the events that a courier will report, from the warehouse to the door."""

import zlib

import msgspec

from shop.moments import Moment
from shop.values import Courier, Due, ParcelState

COURIERS: tuple[Courier, ...] = ("顺丰", "中通", "圆通", "韵达", "京东物流", "EMS")
PROMISED_HOURS = 72
SIGNED_AT_HOURS = 34

# (hours after collection, state, place, text); {city} is where the customer lives.
ROUTE: tuple[tuple[float, ParcelState, str, str], ...] = (
    (0, "collected", "杭州", "【杭州市】店小二杭州仓已揽收，包裹已交给{courier}"),
    (2.5, "in_transit", "杭州", "【杭州市】快件已到达杭州转运中心，正在分拣"),
    (5, "in_transit", "杭州", "【杭州市】快件已从杭州转运中心发出，下一站：{city}转运中心"),
    (18, "in_transit", "{city}", "【{city}】快件已到达{city}转运中心"),
    (23, "in_transit", "{city}", "【{city}】快件已从{city}转运中心发出，下一站：您附近的营业部"),
    (26, "in_transit", "{city}", "【{city}】快件已到达您附近的营业部"),
    (29, "out_for_delivery", "{city}", "【{city}】快递员正在派送，请保持电话畅通"),
    (SIGNED_AT_HOURS, "signed", "{city}", "【{city}】快件已签收，签收人：本人。感谢使用{courier}"),
)


def tracking_number(courier: str, seed: str) -> str:
    """A tracking number in the courier's own format, always the same for the same seed."""
    digits = f"{zlib.crc32(seed.encode()):010d}{zlib.adler32(seed.encode()) % 100000:05d}"
    return {
        "顺丰": f"SF1{digits[-12:]}",
        "中通": f"78{digits[-12:]}",
        "圆通": f"YT{digits[-13:]}",
        "韵达": f"46{digits[-13:]}",
        "京东物流": f"JDVA{digits[-11:]}",
        "EMS": f"EA{digits[-9:]}CN",
    }[courier]


def route(start: Moment, courier: str, number: str, city: str) -> tuple[Due, ...]:
    """What will be reported of a parcel that is collected at `start`, in order."""
    return tuple(
        Due(
            start.after(hours),
            "track",
            number,
            state,
            text.format(city=city, courier=courier),
            place.format(city=city),
        )
        for hours, state, place, text in ROUTE
    )


def last_leg(start: Moment, courier: str, number: str, city: str) -> tuple[Due, ...]:
    """How a parcel that had stopped reaches its customer after all."""
    first = Due(
        start.after(1), "track", number, "in_transit", f"【{city}】快件恢复运输，正发往您附近的营业部", city
    )
    ending = route(start, courier, number, city)[-2:]
    return (
        first,
        *(msgspec.structs.replace(due, at=start.after(8 + 4 * n)) for n, due in enumerate(ending)),
    )
