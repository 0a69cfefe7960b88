"""No flow shows, changes or betrays by its pace what is another customer's."""

from pathlib import Path
from typing import Any

import pytest
from flows_end import API_KEY, IDS, Actions, Shop

from actions.platforms.demo import DemoPlatform
from actions.settings import Settings

ME, OTHER = "林小雨", "陈大明"
MISSING = {
    "order_number": "209901010000000000",
    "tracking_number": "SF9999999999999",
    "return_id": "RT20990101000000000001",
    "payment": "PM20990101000000000001",
    "parcel": "SF9999999999999",
    "item": "I9",
}
BESIDE: dict[str, str] = {"confirm": "k", "evidence": "-", "title": "个人", "option": "pickup_point"}


async def answer(
    served: Actions, action: str, entities: dict[str, str], slots: dict[str, Any], text: str = ""
) -> list[Any]:
    call = {
        "next_action": action,
        "tracker": {
            "sender_id": "s",
            "slots": slots,
            "events": [],
            "latest_message": {
                "text": text,
                "intent": {"name": action.removeprefix("action_"), "confidence": 0.9},
                "entities": [{"entity": name, "value": value} for name, value in entities.items()],
                "metadata": {"conversation": "c", "message_id": "m", "customer": {"id": IDS[ME]}},
            },
        },
        "domain": {},
    }
    result = await served.executor.run(call)  # type: ignore[arg-type]
    kept = [
        e
        for e in result["events"]
        if e["event"] != "slot" or e["name"] not in {"picking", "pending", "topic", "changes_done"}
    ]
    return [result["responses"], kept]


def without(told: object, *ids: str) -> str:
    text = str(told)
    for each in ids:
        text = text.replace(each, "…")
    return text


@pytest.mark.model
async def test_every_action_and_slot_answers_anothers_ids_as_if_they_were_missing(
    seed: Path, tmp_path: Path
) -> None:
    shop = Shop(seed, tmp_path)
    await shop.open()
    platform = DemoPlatform(Settings(shop_url=shop.url, shop_api_key=API_KEY))
    served = Actions(platform)
    books = shop.books(OTHER)
    before = [shop.books(name) for name in IDS]
    foreign: list[tuple[str, str]] = []
    for order in books:
        foreign += [("order_number", order.number)]
        foreign += [("tracking_number", parcel.tracking_number) for parcel in order.parcels]
        foreign += [("parcel", parcel.tracking_number) for parcel in order.parcels]
        foreign += [("payment", payment.id) for payment in order.payments]
        foreign += [("return_id", found.id) for found in order.returns]
    foreign += [("return_id", found.id) for order in shop.books("王秀兰") for found in order.returns]
    secrets = {order.number for order in books} | {p.tracking_number for o in books for p in o.parcels}
    checked = 0
    try:
        # Other rooms' tests may have made actions of their own.
        ours = [
            name
            for name, run in served.executor.actions.items()
            if getattr(run, "__self__", run).__module__.startswith("actions.")
        ]
        assert len(ours) > 30
        for action in sorted(ours):
            for name, value in foreign:
                missing = MISSING[name]
                for beside in ({}, BESIDE):
                    theirs = await paced(shop, served, action, {name: value, **beside}, {})
                    nobodys = await paced(shop, served, action, {name: missing, **beside}, {})
                    assert without(theirs, value) == without(nobodys, missing), (action, name, beside)
                    assert not secrets - {value} & set(without(theirs, value).split("'")), action
                    checked += 1
                if name == "order_number":
                    theirs = await paced(shop, served, action, {}, {name: value})
                    nobodys = await paced(shop, served, action, {}, {name: missing})
                    assert without(theirs, value) == without(nobodys, missing), (action, "slot")
        assert checked > 500
        assert [shop.books(name) for name in IDS] == before
    finally:
        await platform.close()
        await shop.close()


async def paced(
    shop: Shop, served: Actions, action: str, entities: dict[str, str], slots: dict[str, Any]
) -> tuple[list[Any], list[str]]:
    """The answer, and what it took: the same calls to the shop take the same time."""
    shop.asked.clear()
    said = await answer(served, action, entities, slots)
    return said, list(shop.asked)
