"""The API answers as openapi.yaml says, to whom it may, and changes things once."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
import yaml

LIN, CHEN, WANG, ZHAO, SUN, ZHOU = (f"C10000{n}" for n in range(1, 7))
API = "/api/v1/customers"


def test_the_document_is_valid_openapi_and_names_every_route(client: Any) -> None:
    path = Path(__file__).parents[2] / "shop" / "openapi.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    openapi_spec_validator.validate_spec(document)
    told = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    served = {
        (route.method, route.resource.canonical)
        for route in client.app.router.routes()
        if route.method in {"GET", "POST"} and route.resource.canonical.startswith(("/api/v1", "/healthz"))
    }
    assert told == served


@pytest.mark.parametrize("who", [LIN, CHEN, WANG, ZHAO, SUN, ZHOU, "C100077", "C100150"])
async def test_everything_a_customer_has_reads_as_the_document_says(shopper: Any, who: str) -> None:
    for part in ("", "/coupons", "/points", "/payments", "/cases", "/returns", "/refunds", "/invoices"):
        shown = await shopper.get(f"{API}/{who}{part}")
        for one in shown.get("items", []) if part in {"/cases", "/returns", "/refunds"} else []:
            assert await shopper.get(f"{API}/{who}{part}/{one['id']}") == one
    orders = (await shopper.get(f"{API}/{who}/orders", size=100))["items"]
    assert bool(orders) == (who != ZHOU)
    for order in orders:
        at = f"{API}/{who}/orders/{order['number']}"
        detail = await shopper.get(at)
        assert {key: detail[key] for key in order} == order
        for part in ("payments", "shipments", "eligibility", "invoice"):
            await shopper.get(f"{at}/{part}")


async def test_names_phones_and_addresses_are_masked(shopper: Any) -> None:
    number = await shopper.order(LIN)
    to = (await shopper.get(f"{API}/{LIN}/orders/{number}"))["recipient"]
    assert to["name"] == "林**"
    assert to["phone"][3:7] == "****"
    assert to["address"].endswith("****")


async def test_another_customers_order_reads_exactly_like_a_missing_one(shopper: Any) -> None:
    number = await shopper.order(LIN)
    parcel = (await shopper.get(f"{API}/{LIN}/orders/{number}/shipments"))["items"][0]["tracking_number"]
    back = (await shopper.get(f"{API}/{LIN}/returns"))["items"][0]["id"]
    missing = await shopper.get(f"{API}/{LIN}/orders/202001010000000000", 404)
    for part in (f"orders/{number}", f"orders/{number}/payments", f"shipments/{parcel}", f"returns/{back}"):
        assert await shopper.get(f"{API}/{CHEN}/{part}", 404) == missing
    assert await shopper.get(f"{API}/C999999/orders", 404) == missing
    assert await shopper.post(f"{API}/{CHEN}/orders/{number}/cancel", {}, 404) == missing
    assert await shopper.post(f"{API}/{CHEN}/returns/{back}/withdraw", {}, 404) == missing


async def test_nobody_reads_without_the_key(shopper: Any) -> None:
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic abc"}):
        shopper.headers = header
        error = await shopper.get(f"{API}/{LIN}/orders", 401)
        assert error["error"]["code"] == "unauthorized"


async def test_a_bad_page_or_filter_is_told_in_chinese(shopper: Any) -> None:
    for query in ({"page": "0"}, {"size": "101"}, {"page": "٣"}, {"status": "gone"}, {"q": "长" * 101}):
        error = await shopper.get(f"{API}/{LIN}/orders", 400, **query)
        assert error["error"]["code"] == "bad_request"
    error = await shopper.post(f"{API}/{LIN}/orders/{await shopper.order(LIN)}/cancel", {"nonsense": 1}, 400)
    assert error["error"]["code"] == "bad_request"


async def test_orders_are_found_by_page_status_trouble_and_word(shopper: Any) -> None:
    everything = await shopper.get(f"{API}/{LIN}/orders", size=100)
    paged = [(await shopper.get(f"{API}/{LIN}/orders", page=n, size=2))["items"] for n in (1, 2, 3)]
    assert [order for page in paged for order in page] == everything["items"]
    assert (await shopper.get(f"{API}/{LIN}/orders", q="耳机"))["total"] == 1
    assert (await shopper.get(f"{API}/{WANG}/orders", exception="not_received"))["total"] == 1
    assert {o["status"] for o in (await shopper.get(f"{API}/{LIN}/orders", status="shipped"))["items"]} == {
        "shipped"
    }
    assert (await shopper.get("/api/v1/products", q="耳机", category="数码配件"))["total"] == 2


async def test_a_retry_gets_the_first_answer_and_cancels_once(shopper: Any) -> None:
    number = await shopper.order(CHEN, status="paid")
    at = f"{API}/{CHEN}/orders/{number}"
    bodies = await asyncio.gather(
        *(shopper.post(f"{at}/cancel", {"reason": "拍错了"}, key="same") for _ in range(5))
    )
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["order"]["status"] == "cancelled"
    assert (await shopper.get(f"{API}/{CHEN}/refunds", order=number))["total"] == 1
    reused = await shopper.post(f"{at}/cancel", {"reason": "别的"}, 422, key="same")
    assert reused["error"]["code"] == "key_reused"
    refused = await shopper.post(f"{at}/cancel", {"reason": "拍错了"}, 409)
    assert refused["error"]["code"] == "already_cancelled"


async def test_a_write_without_a_key_is_refused(shopper: Any) -> None:
    number = await shopper.order(CHEN, status="paid")
    answer = await shopper.client.post(
        f"{API}/{CHEN}/orders/{number}/cancel", json={}, headers=shopper.headers
    )
    assert answer.status == 400
    assert (await shopper.get(f"{API}/{CHEN}/orders/{number}"))["status"] == "paid"


async def test_a_double_charge_is_given_back_once(shopper: Any) -> None:
    payments = (await shopper.get(f"{API}/{CHEN}/payments", problem="duplicate"))["items"]
    done = await shopper.post(f"{API}/{CHEN}/payments/{payments[0]['id']}/refund", {}, 201)
    assert done["refund"]["amount_fen"] == payments[0]["amount_fen"]
    again = await shopper.post(f"{API}/{CHEN}/payments/{payments[0]['id']}/refund", {}, 409)
    assert again["error"]["code"] == "already_refunding"
    stray = (await shopper.get(f"{API}/{CHEN}/payments", problem="without_order"))["items"][0]
    assert stray["order"] is None
    await shopper.post(f"{API}/{CHEN}/payments/{stray['id']}/refund", {}, 201)
    shopper.clock.turn(days=5)
    refunds = (await shopper.get(f"{API}/{CHEN}/refunds"))["items"]
    assert {refund["state"] for refund in refunds} == {"arrived"}
    assert (await shopper.get(f"{API}/{CHEN}/orders", exception="duplicate_charge"))["total"] == 0


async def test_a_return_goes_its_whole_way_to_the_money(shopper: Any) -> None:
    number = await shopper.order(LIN, q="跑步鞋")
    at = f"{API}/{LIN}/orders/{number}"
    application = {"item": "I1", "kind": "return", "reason": "no_reason"}
    found = (await shopper.post(f"{at}/returns", application, 201))["return"]
    assert (await shopper.post(f"{at}/returns", application, 409))["error"]["code"] == "already_open"
    shopper.clock.turn(days=2)
    assert (await shopper.get(f"{API}/{LIN}/returns/{found['id']}"))["state"] == "awaiting_goods"
    photos = f"{API}/{LIN}/applications/{found['id']}/photos"
    added = await shopper.post(photos, {"photos": ["/media/1.jpg", "/media/2.jpg"]}, key="once")
    assert "现在共有 2 张" in added["message"]
    assert added == await shopper.post(photos, {"photos": ["/media/1.jpg", "/media/2.jpg"]}, key="once")
    many = await shopper.post(photos, {"photos": [f"/media/{n}.jpg" for n in range(2, 11)]}, 409)
    assert many["error"]["code"] == "too_many_photos"
    assert "还可以补充 7 张" in many["error"]["message"]
    await shopper.post(photos, {"photos": []}, 400)
    await shopper.post(photos.replace(LIN, CHEN), {"photos": ["/media/3.jpg"]}, 404)
    sent = {"courier": "中通", "tracking_number": "781234567890AB"}
    await shopper.post(f"{API}/{LIN}/returns/{found['id']}/tracking", sent)
    refused = await shopper.post(f"{API}/{LIN}/returns/{found['id']}/withdraw", {}, 409)
    assert refused["error"]["code"] == "not_withdrawable"
    shopper.clock.turn(days=8)
    ended = await shopper.get(f"{API}/{LIN}/returns/{found['id']}")
    assert ended["state"] == "done"
    assert (await shopper.post(photos, {"photos": ["/media/3.jpg"]}, 409))["error"]["code"] == "ended"
    refund = await shopper.get(f"{API}/{LIN}/refunds/{ended['refund']}")
    assert refund["state"] == "arrived"
    times = [datetime.fromisoformat(s["time"]) for s in ended["steps"]]
    assert times == sorted(times, reverse=True)


async def test_every_other_write_does_what_it_says(shopper: Any) -> None:
    overdue = f"{API}/{ZHAO}/orders/{await shopper.order(ZHAO, exception='dispatch_overdue')}"
    changed = await shopper.post(f"{overdue}/modify", {"phone": "13800001234", "remark": ""})
    assert changed["order"]["recipient"]["phone"] == "138****1234"
    assert (await shopper.post(f"{overdue}/urge", {}))["order"]["urged_at"]
    shopper.clock.turn(hours=5)
    assert (await shopper.get(overdue))["status"] == "shipped"
    assert (await shopper.post(f"{overdue}/modify", {"remark": "x"}, 409))["error"][
        "code"
    ] == "already_shipped"
    parcel = (await shopper.get(f"{overdue}/shipments"))["items"][0]["tracking_number"]
    await shopper.post(f"{API}/{ZHAO}/shipments/{parcel}/delivery", {"option": "pickup_point"})
    shopper.clock.turn(hours=30)
    assert (await shopper.get(f"{API}/{ZHAO}/shipments/{parcel}"))["state"] == "awaiting_pickup"

    stalled = f"{API}/{WANG}/orders/{await shopper.order(WANG, exception='stalled')}"
    case = (await shopper.post(f"{stalled}/cases", {"kind": "stalled"}, 201))["case"]
    shopper.clock.turn(days=4)
    assert (await shopper.get(f"{API}/{WANG}/cases/{case['id']}"))["state"] == "closed"
    assert (await shopper.get(stalled))["status"] == "signed"

    bought = f"{API}/{LIN}/orders/{await shopper.order(LIN, status='completed')}"
    ask = {"kind": "electronic", "title": "个人"}
    assert (await shopper.post(f"{bought}/invoice/resend", {}, 409))["error"]["code"] == "not_issued"
    await shopper.post(f"{bought}/invoice", ask | {"email": "bad"}, 400)
    assert (await shopper.post(f"{bought}/invoice", ask, 201))["invoice"]["state"] == "pending"
    shopper.clock.turn(days=2)
    assert (await shopper.post(f"{bought}/invoice/resend", {}))["invoice"]["state"] == "issued"


async def test_a_coupon_comes_back_when_all_of_the_money_has_and_not_before(shopper: Any) -> None:
    who, order = await _with_a_used_coupon(shopper)
    at = f"{API}/{who}/orders/{order}"
    items = (await shopper.get(at))["items"]
    returns = [
        await shopper.post(
            f"{at}/returns",
            {"item": item["id"], "kind": "refund_only", "reason": "quality", "quantity": item["quantity"]},
            201,
        )
        for item in items
    ]
    assert returns
    shopper.clock.turn(days=2)
    refunds = (await shopper.get(f"{API}/{who}/refunds", order=order))["items"]
    assert {refund["state"] for refund in refunds} == {"processing"}
    assert all(refund["coupons"] == [] for refund in refunds)
    shopper.clock.turn(days=3)
    refunds = (await shopper.get(f"{API}/{who}/refunds", order=order))["items"]
    assert {refund["state"] for refund in refunds} == {"arrived"}
    assert all(refund["coupons"] for refund in refunds)
    coupons = (await shopper.get(f"{API}/{who}/coupons"))["items"]
    assert [coupon["used_on"] for coupon in coupons if coupon["used_on"] == order] == []


async def _with_a_used_coupon(shopper: Any) -> tuple[str, str]:
    """A customer and his order, made cheaper by a coupon, of which everything may still go back."""
    for n in range(1, 200):
        at = f"{API}/C{100000 + n}"
        for coupon in (await shopper.get(f"{at}/coupons", state="used"))["items"]:
            if await _may_go_back(shopper, f"{at}/orders/{coupon['used_on']}"):
                return f"C{100000 + n}", coupon["used_on"]
    raise AssertionError("nobody has such an order")


async def _may_go_back(shopper: Any, at: str) -> bool:
    items = (await shopper.get(f"{at}/eligibility"))["items"]
    return bool(items) and all(item["return"]["allowed"] for item in items)


async def test_a_lower_price_is_given_back_once_and_coupons_are_told_by_state(shopper: Any) -> None:
    claimed = 0
    for n in range(7, 120):
        who = f"C{100000 + n}"
        for order in (await shopper.get(f"{API}/{who}/orders", status="signed"))["items"]:
            at = f"{API}/{who}/orders/{order['number']}"
            for item in (await shopper.get(f"{at}/eligibility"))["items"]:
                if claimed or not item["price_protection"]["allowed"]:
                    continue
                body = {"item": item["item"]}
                done = await shopper.post(f"{at}/price-protection", body, 201)
                assert done["refund"]["amount_fen"] % 2000 == 0
                refused = await shopper.post(f"{at}/price-protection", body, 409)
                assert refused["error"]["code"] == "already_claimed"
                claimed += 1
        if claimed:
            break
    assert claimed == 1
    pages = [await shopper.get(f"{API}/C{100000 + n}/coupons") for n in range(1, 60)]
    assert {c["state"] for page in pages for c in page["items"]} == {"usable", "used", "expired"}
