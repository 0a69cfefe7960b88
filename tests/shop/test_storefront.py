"""The storefront: sign-in, identity for the chat, nothing that a customer typed becomes markup."""

import re
import time
from typing import Any

import jwt
from msgspec.structs import replace

from shop.api.doorway import STORE
from shop.settings import Settings


async def sign_in(client: Any, customer: str = "C100001") -> Any:
    return await client.post("/sign-in", data={"customer": customer}, allow_redirects=False)


async def test_the_page_offers_six_customers_and_the_widget(client: Any, settings: Settings) -> None:
    answer = await client.get("/")
    page = await answer.text()
    assert page.count('class="person"') == 6
    assert f'src="{settings.gateway_url}/widget.js" data-site="demo"' in page
    assert 'data-identity-url="/api/chat-identity"' in page
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "ws://127.0.0.1:8000" in policy
    assert not re.search(r"<style|style=|<script>|onclick=|javascript:", page)


async def test_a_signed_in_customer_sees_only_his_orders(client: Any) -> None:
    answer = await sign_in(client)
    assert answer.status == 303
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    page = await (await client.get("/")).text()
    mine = re.findall(r'href="/orders/(\d{18})"', page)
    assert len(mine) == 5
    detail = await client.get(f"/orders/{mine[0]}")
    assert detail.status == 200
    assert "built-in" not in await detail.text()
    await sign_in(client, "C100002")
    assert (await client.get(f"/orders/{mine[0]}")).status == 404


async def test_the_same_goods_are_ordered_again_paid_and_dispatched(client: Any) -> None:
    await sign_in(client, "C100005")
    page = await (await client.get("/")).text()
    number = re.findall(r'href="/orders/(\d{18})"', page)[0]
    again = await client.get(f"/orders/{number}/again")
    assert "提交订单" in await again.text()
    placed = await client.post(f"/orders/{number}/again", allow_redirects=False)
    fresh = placed.headers["Location"]
    assert re.fullmatch(r"/orders/\d{18}", fresh)
    assert fresh != f"/orders/{number}"
    assert "付款" in await (await client.get(fresh)).text()
    assert (await client.post(f"{fresh}/pay", data={"method": "贝壳"})).status == 400
    paid = await (await client.post(f"{fresh}/pay", data={"method": "微信支付"})).text()
    assert "已支付，待发货" in paid
    assert (await client.post(f"{fresh}/pay", data={"method": "微信支付"})).status == 200
    assert paid.count("微信支付") == 1
    await sign_in(client, "C100002")
    assert (await client.get(f"{fresh}/again")).status == 404
    assert (await client.post(f"{fresh}/pay", data={"method": "微信支付"})).status == 404


async def test_an_address_that_nobody_gave_out_leads_back_to_the_shop(client: Any) -> None:
    gone = await client.get("/nothing-here?lang=en")
    assert gone.status == 404
    assert "There is no such page" in await gone.text()
    assert (await client.get("/api/v1/nothing-here")).content_type == "application/json"


async def test_only_the_demo_customers_can_be_signed_in_as(client: Any) -> None:
    assert (await sign_in(client, "C100200")).status == 400
    assert (await (await client.get("/api/chat-identity")).json()) == {"identity": None}


async def test_the_chat_learns_who_is_signed_in(client: Any, settings: Settings) -> None:
    await sign_in(client, "C100005")
    answer = await client.get("/api/chat-identity")
    assert answer.headers["Cache-Control"] == "no-store"
    token = (await answer.json())["identity"]
    claims = jwt.decode(token, settings.site_secret, algorithms=["HS256"], audience="xiaoer", issuer="demo")
    assert (claims["sub"], claims["name"], claims["level"]) == ("C100005", "孙倩", "钻石")
    assert claims["exp"] - claims["iat"] == 1800
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["jti"]
    await client.post("/sign-out")
    assert (await (await client.get("/api/chat-identity")).json()) == {"identity": None}


async def test_a_forged_cookie_or_a_chat_identity_signs_nobody_in(client: Any, settings: Settings) -> None:
    claims = {"sub": "C100001", "aud": "shop", "exp": int(time.time()) + 60}
    forged = jwt.encode(claims, "f" * 40, "HS256")
    other = jwt.encode(claims | {"aud": "xiaoer"}, settings.site_secret, "HS256")
    for cookie in (forged, other, "garbage"):
        answer = await client.get("/api/chat-identity", headers={"Cookie": f"shop_customer={cookie}"})
        assert await answer.json() == {"identity": None}


async def test_what_customers_type_never_becomes_markup(client: Any) -> None:
    evil = '"><script>alert(1)</script>'
    store = client.app[STORE]
    store.add_customers([replace(store.customer("C100001"), name=evil)])
    await sign_in(client)
    page = await (await client.get("/", params={"q": evil})).text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_the_page_speaks_english_when_asked(client: Any) -> None:
    await sign_in(client, "C100003")
    page = await (await client.get("/", params={"lang": "en"})).text()
    assert 'lang="en"' in page
    for words in ("My orders", "Signed for, not received", "Delayed", "Stalled"):
        assert words in page


async def test_every_product_has_a_picture_of_its_own(client: Any) -> None:
    for number in ("P0001", "P0060", "P0120"):
        answer = await client.get(f"/img/{number}.svg")
        assert answer.content_type == "image/svg+xml"
        assert (await answer.text()).startswith("<svg")
    assert (await client.get("/img/P9999.svg")).status == 404
    assert (await client.get("/static/..%2Fsettings.py")).status == 404
