"""What the processes write about people: nothing that names, calls or signs in as one."""

import asyncio
import re
import sqlite3

import pytest

from .running_house import House
from .talking import Talker

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE, MAIL, PARCEL = "13912345678", "lin.xiaoyu@example.com", "SF1234567890123"


async def test_no_secret_phone_or_order_number_is_in_a_log(house: House) -> None:
    order = (await house.orders_of("C100010"))[0]["number"]
    identity = house.identity("许一")
    async with Talker(house, "许一") as shopper:
        for text in (f"我的手机号是{PHONE}", f"邮箱{MAIL}", f"快递{PARCEL}到哪了", f"订单{order}到哪了"):
            await shopper.asks(text)
        token = shopper.welcome["tok"]

    logs = house.logs()
    assert {"gateway.log", "brain.log", "followers.log", "shop.log", "redis.log"} <= set(logs)
    assert "started" in logs["brain.log"]
    hidden = [
        *house.secrets().values(),
        PHONE,
        MAIL,
        PARCEL,
        order,
        identity.split(".")[2],
        token.split(".")[2],
    ]
    found = [(name, what) for name, text in logs.items() for what in hidden if what in text]
    phones = [
        (name, match)
        for name, text in logs.items()
        for match in re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)
    ]
    assert found == []
    assert phones == []
    assert [name for name, text in logs.items() if "Traceback" in text] == []


async def test_everything_that_was_said_reaches_the_archive_once(house: House) -> None:
    async with Talker(house, "许一") as shopper:
        await shopper.asks("你好")
        seen = {event["id"] for event in shopper.events}
        conversation = shopper.welcome["conversation"]

    def archived() -> list[str]:
        with sqlite3.connect(house.data / "archive.db") as database:
            rows = database.execute("select id from events where conversation = ?", (conversation,))
            return [row[0] for row in rows]

    for _ in range(600):
        if seen <= set(archived()):
            break
        await asyncio.sleep(0.1)
    kept = archived()
    assert seen <= set(kept)
    assert len(kept) == len(set(kept))
