"""Tells the customer service what happened: dispatched, late, delivered, money back; signed, until it was heard.

What is to be told is written down beside the order that it is about, so that neither a restart nor a service
that is away loses it. The same happening has the same id however often it is told.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp
import msgspec

from shop.moments import Moment
from shop.settings import Settings
from shop.store import Store
from shop.values import Order, Parcel

log = logging.getLogger(__name__)
VERSION = "v1"
OLD_NEWS = timedelta(hours=24)
CALL_S = 3.0
LONGEST_PAUSE_S = 300
AT_ONCE = 20


class Happening(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a customer may want to hear of, as the customer service is told it."""

    id: str
    type: str
    customer: str
    order: str
    title: str = ""
    notify: bool = False
    courier: str = ""
    tracking_number: str = ""
    expected: str = ""
    amount_fen: int = 0
    route: str = ""


def happenings(before: Order, after: Order, now: datetime) -> list[Happening]:
    """What happened to the order between the two, unless it is old news. Pure."""
    found: list[Happening] = []
    known = {parcel.tracking_number: parcel for parcel in before.parcels}
    for parcel in after.parcels:
        was = known.get(parcel.tracking_number)
        if was is None and now - parcel.shipped_at < OLD_NEWS:
            found.append(_about(after, "shipped", parcel))
        if parcel.signed_at and (was is None or not was.signed_at) and now - parcel.signed_at < OLD_NEWS:
            found.append(_about(after, "delivered", parcel))
        if was is not None and _is_late(parcel, now) and _was_watched(before, after, parcel):
            found.append(_about(after, "delayed", parcel))
    arrived = {refund.id for refund in before.refunds if refund.state == "arrived"}
    for refund in after.refunds:
        if refund.state != "arrived" or refund.id in arrived or refund.arrived_at is None:
            continue
        if now - refund.arrived_at < OLD_NEWS and after.placed:
            told = Happening(f"refunded:{refund.id}", "refunded", after.customer, after.number, _title(after))
            found.append(msgspec.structs.replace(told, amount_fen=refund.amount_fen, route=refund.route))
    return found


def _about(order: Order, what: str, parcel: Parcel) -> Happening:
    number = parcel.tracking_number
    told = Happening(f"{what}:{order.number}:{number}", what, order.customer, order.number, _title(order))
    return msgspec.structs.replace(
        told,
        courier=parcel.courier,
        tracking_number=number,
        expected=f"{parcel.expected:%m月%d日}" if what == "shipped" else "",
    )


def _title(order: Order) -> str:
    more = f" 等{len(order.items)}件" if len(order.items) > 1 else ""
    return f"{order.items[0].name}{more}" if order.items else ""


def _is_late(parcel: Parcel, now: datetime) -> bool:
    return (
        parcel.state not in {"signed", "lost", "returned"}
        and parcel.expected <= now < parcel.expected + OLD_NEWS
    )


def _was_watched(before: Order, after: Order, parcel: Parcel) -> bool:
    # The watch set at dispatch ran out just now.
    watches = [due for due in before.due if due.does == "late" and due.ref == parcel.tracking_number]
    return any(due not in after.due for due in watches)


class Teller:
    """Writes down what happened, and tells it in the background."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], Moment]) -> None:
        self._url = f"{settings.gateway_url}/hooks/shop/{settings.site}"
        self._path = f"/hooks/shop/{settings.site}"
        self._secret = settings.site_secret.encode()
        self._store = store
        self._clock = clock

    def note(self, before: Order, after: Order) -> None:
        """Called for every order that time has moved, in the same transaction as the order where there is one."""
        for told in happenings(before, after, self._clock().now):
            person = self._store.customer(told.customer)
            agreed = msgspec.structs.replace(told, notify=person is not None and person.notify)
            self._store.note_news(told.id, msgspec.json.encode(agreed))

    async def run(self, pause_s: float) -> None:
        """Tells what there is to tell, for ever; what was not heard is told again, ever more seldom."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_S)) as session:
            wait = pause_s
            while True:
                try:
                    told, heard = await self._tell_some(session)
                except Exception:
                    log.exception("the news could not be told")
                    told, heard = 0, False
                wait = pause_s if heard else min(wait * 2, LONGEST_PAUSE_S)
                await asyncio.sleep(0 if heard and told == AT_ONCE else wait)

    async def _tell_some(self, session: aiohttp.ClientSession) -> tuple[int, bool]:
        """How many were told, and whether the service is there."""
        news = self._store.news(AT_ONCE)
        for told, (identifier, body) in enumerate(news):
            try:
                async with session.post(
                    self._url, data=body, headers=self._signed(body), allow_redirects=False
                ) as answer:
                    status = answer.status
            except (aiohttp.ClientError, TimeoutError, OSError):
                return told, False
            if status >= 500 or status == 429:
                return told, False
            if status != 200:  # telling it again would not help
                log.warning("the customer service refused news: %d", status)
            self._store.mark_told(identifier)
        return len(news), True

    def _signed(self, body: bytes) -> dict[str, str]:
        at, nonce = str(int(time.time())), secrets.token_hex(16)
        digest = hashlib.sha256(body).hexdigest()
        told = f"{VERSION}\nPOST\n{self._path}\n{at}\n{nonce}\n\n{digest}"
        mark = hmac.new(self._secret, told.encode(), hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "X-Xiaoer-Timestamp": at,
            "X-Xiaoer-Nonce": nonce,
            "X-Xiaoer-Signature": f"{VERSION}={mark}",
        }
