"""How every platform is called: signed, in time, not too often, and again only where that is safe."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession, web
from platform_contract import Stage, misbehaving

from actions.platforms import base
from actions.platforms.capabilities import EVERYTHING, VARIANTS, Capability
from actions.platforms.check import examine
from actions.platforms.client import Call, Client, Limits
from actions.platforms.signing import signed_headers

DOCS = Path(__file__).parents[3] / "docs" / "platforms"
API_KEY = "key-of-the-shop-in-tests"


async def test_what_is_not_keyed_is_sent_once_even_when_the_other_side_is_down() -> None:
    async with misbehaving("500") as (url, heard):
        client = Client("x", Limits())
        for again, times in ((False, 1), (True, 3)):
            heard.clear()
            with pytest.raises(base.PlatformDown):
                await client.send(lambda: Call("x", "POST", url), again=again)
            assert len(heard) == times
        await client.close()


async def test_what_is_still_being_tried_when_it_is_closed_opens_nothing_again() -> None:
    async with misbehaving("500") as (url, heard):
        client = Client("x", Limits())
        trying = asyncio.create_task(client.send(lambda: Call("x", "GET", url), again=True))
        for _ in range(10_000):
            if heard:
                break
            await asyncio.sleep(0.001)
        await client.close()
        with pytest.raises(base.PlatformDown):
            await trying
        with pytest.raises(base.PlatformDown):
            await client.send(lambda: Call("x", "GET", url), again=False)
        assert len(heard) == 1


async def test_each_try_is_signed_anew() -> None:
    made = []

    def make() -> Call:
        made.append(signed_headers("us", "secret", ("GET", "/", b""))["X-Xiaoer-Nonce"])
        return Call("x", "GET", url)

    async with misbehaving("500") as (url, _):
        client = Client("x", Limits())
        with pytest.raises(base.PlatformDown):
            await client.send(make, again=True)
        await client.close()
    assert len(set(made)) == 3


async def test_a_side_that_keeps_failing_is_left_alone_and_tried_again_after_a_rest() -> None:
    async with misbehaving("500") as (url, heard):
        client = Client("x", Limits(breaker_failures=2, breaker_rest_s=0.2))
        for _ in range(5):
            with pytest.raises(base.PlatformDown):
                await client.send(lambda: Call("x", "GET", url), again=False)
        assert len(heard) == 2
        await asyncio.sleep(0.25)
        with pytest.raises(base.PlatformDown):
            await client.send(lambda: Call("x", "GET", url), again=False)
        assert len(heard) == 3
        await client.close()


async def test_no_more_calls_are_under_way_than_allowed_and_the_rest_wait_or_are_told_busy() -> None:
    async with misbehaving("slow") as (url, heard):
        client = Client("x", Limits(total_s=0.3, at_once=3, breaker_failures=99))
        told = await asyncio.gather(
            *(client.send(lambda: Call("x", "GET", url), again=False) for _ in range(9)),
            return_exceptions=True,
        )
        await client.close()
    assert {type(error) for error in told} <= {base.PlatformSlow, base.PlatformBusy}
    assert 3 <= len(heard) <= 6


@pytest.mark.parametrize("spoil", ["nothing", "again", "body", "key", "path", "old", "secret", "who"])
async def test_the_demo_shop_lets_in_only_what_is_signed_whole_fresh_and_new(
    shop_url: str, spoil: str
) -> None:
    path, body, key = "/api/v1/customers/C100001/tickets", b'{"kind":"other","text":"x"}', "key-1"
    who, secret = ("nobody" if spoil == "who" else "xiaoer"), ("another" if spoil == "secret" else API_KEY)
    headers = dict(signed_headers(who, secret, ("POST", path, body), key))
    match spoil:
        case "body":
            body = body.replace(b"other", b"repair")
        case "key":
            headers["Idempotency-Key"] = "key-2"
        case "path":
            path = path.replace("C100001", "C100002")
        case "old":
            headers["X-Xiaoer-Timestamp"] = str(int(headers["X-Xiaoer-Timestamp"]) - 301)
    async with ClientSession(shop_url) as session:
        for _ in range(2 if spoil == "again" else 1):
            async with session.post(path, data=body, headers=headers) as answer:
                status = answer.status

    assert status == (201 if spoil == "nothing" else 401)


async def test_every_read_of_a_merchants_system_keeps_to_the_published_document(rest: Stage) -> None:
    for number in (*rest.waiting, rest.delivered):
        for ask in (
            rest.platform.order,
            rest.platform.shipments,
            rest.platform.payments,
            rest.platform.invoice,
        ):
            await ask(rest.customer, number)  # type: ignore[operator]

    assert all(finding.well for finding in await examine(rest.platform, rest.customer))


async def test_what_a_merchants_system_lacks_is_told_as_lacking(rest: Stage) -> None:
    async def lacks(_: web.Request) -> web.Response:
        return web.json_response({"error": {"code": "unsupported", "message": "没有"}}, status=501)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", lacks)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with rest.facing(f"http://127.0.0.1:{runner.addresses[0][1]}") as platform:
        with pytest.raises(base.Unsupported) as error:
            await platform.points(rest.customer)
    await runner.cleanup()
    assert error.value.capability is Capability.POINTS


def test_the_document_describes_every_method_and_the_page_every_capability() -> None:
    document = yaml.safe_load((DOCS / "openapi.yaml").read_text(encoding="utf-8"))
    operations = {each["operationId"] for path in document["paths"].values() for each in path.values()}
    page = (DOCS / "README.md").read_text(encoding="utf-8")
    section = page[page.index("## Capabilities") : page.index("## A new platform")]

    assert operations - {"payments_of_order"} == {capability.value for capability in EVERYTHING - VARIANTS}
    assert {capability.value for capability in EVERYTHING} <= set(re.findall(r"`(\w+)`", section))


def test_the_pages_example_of_a_signature_is_right(monkeypatch: Any) -> None:
    page = (DOCS / "rest.md").read_text(encoding="utf-8")
    monkeypatch.setattr("time.time", lambda: 1763800000.5)
    monkeypatch.setattr("secrets.token_hex", lambda _: "0123456789abcdef0123456789abcdef")
    target = "/xiaoer/v1/customers/C100001/orders?size=20&page=1"

    headers = signed_headers("xiaoer", "secret-of-the-merchants-system", ("GET", target, b""))

    assert f"`{headers['X-Xiaoer-Signature']}`" in page
