"""Pictures and files of shoppers in the widget: kept by their bytes, said by their address, refused with a reason."""

import asyncio
from typing import Any

from gateway_end import SHOP, Gateway, Widget, identity

from bot.conversation.bodies import File, Image
from bot.conversation.events import Role, Sender
from bot.conversation.file_kinds import LARGEST
from bot.log.log import Log
from bot.log.murmurs import Read

PNG = b"\x89PNG\r\n\x1a\n" + b"a crack" * 20
PDF = b"%PDF-1.7\n" + b"a bill" * 20


async def sent(gateway: Gateway, token: str, data: Any, **query: str) -> tuple[int, Any, Any]:
    url = gateway.server.make_url("/api/chat/uploads").with_query(query)
    headers = {"Authorization": f"Bearer {token}", "Origin": SHOP, "Content-Type": "application/octet-stream"}
    async with gateway.session.post(url, data=data, headers=headers) as response:
        return response.status, await response.json(), response.headers


async def shown(widget: Widget, body: dict[str, Any], cid: str) -> dict[str, Any]:
    await widget.send({"t": "send", "cid": cid, "kind": "said", "body": body})
    while (frame := await widget.next())["t"] not in ("ev", "err") or frame.get("cid") != cid:
        pass
    return frame


async def test_a_picture_and_a_file_are_kept_and_said_by_the_shopper(gateway: Gateway, log: Log) -> None:
    widget = await gateway.widget()
    welcome = await widget.hello(identity=identity())
    status, kept, headers = await sent(gateway, welcome["tok"], PNG)
    assert (status, kept["kind"], kept["size"]) == (200, "image/png", len(PNG))
    assert headers["Access-Control-Allow-Origin"] == SHOP
    picture = await shown(widget, {"type": "image", "url": kept["url"], "text": " 裂了 "}, "1")
    assert picture["ev"]["body"] == {"type": "image", "url": kept["url"], "text": "裂了"}

    _, bill, _ = await sent(gateway, welcome["tok"], PDF)
    document = {"type": "file", "url": bill["url"], "name": "../\u202e发票.pdf"}
    assert (await shown(widget, document, "2"))["ev"]["body"]["name"] == "..发票.pdf"
    said = [event.body for event in await log.events(welcome["conversation"]) if event.kind == "said"]
    assert said == [Image(kept["url"], "裂了"), File(bill["url"], "..发票.pdf", len(PDF))]


async def test_what_is_refused_says_why_in_the_shoppers_language_and_nothing_of_it_is_said(
    gateway: Gateway,
) -> None:
    widget = await gateway.widget()
    token = (await widget.hello(identity=identity()))["tok"]
    for data in (b"<svg onload='alert(1)'/>", b"<html>", b"MZ", b""):
        status, answer, _ = await sent(gateway, token, data)
        assert (status, answer["error"]["code"]) == (400, "bad_file")
    status, answer, _ = await sent(gateway, token, b"<svg/>", lang="en")
    assert answer["error"]["message"] == "Only PNG, JPEG, GIF and WebP pictures and PDF files can be sent."

    async def endless() -> Any:
        for _ in range(LARGEST // 65536 + 2):
            yield PNG.ljust(65536, b"\0")

    status, answer, _ = await sent(gateway, token, endless())
    assert (status, answer["error"]["message"]) == (400, "文件太大了，最多 10 MB。")
    assert (await sent(gateway, "forged", PNG))[0] == 401

    _, bill, _ = await sent(gateway, token, PDF)
    for body in (
        {"type": "image", "url": "/media/" + "0" * 40},
        {"type": "image", "url": "https://elsewhere.example/a.png"},
        {"type": "file", "url": "javascript:alert(1)", "name": "a.pdf"},
    ):
        assert (await shown(widget, body, body["url"][-9:]))["code"] == "no_such_file"
    assert (await shown(widget, {"type": "image", "url": bill["url"]}, "9"))["code"] == "bad_kind"


async def test_one_shopper_can_not_fill_the_house(gateway: Gateway) -> None:
    widget = await gateway.widget()
    token = (await widget.hello(identity=identity()))["tok"]
    statuses = [(await sent(gateway, token, PNG))[0] for _ in range(13)]
    assert statuses == [200] * 12 + [429]
    other = (await (await gateway.widget()).hello(identity=identity("c2")))["tok"]
    assert (await sent(gateway, other, PNG))[0] == 200


async def test_each_side_learns_how_far_the_other_has_read_and_a_note_is_typed_in_silence(
    gateway: Gateway, log: Log
) -> None:
    from bot.conversation import commands  # noqa: PLC0415 - for the agent of this one story

    widget = await gateway.widget()
    conversation = (await widget.hello(identity=identity()))["conversation"]
    murmurs, heard = gateway.channel.news.murmurs, []
    murmurs.listen(conversation, heard.append)
    await widget.says("转人工", "1")
    seq = (await widget.hears("ev"))["ev"]["seq"]
    await widget.send({"t": "read", "seq": seq})  # of the bot's: that concerns nobody
    wang = Sender(Role.AGENT, "a-1", "小王")
    state = await log.state(conversation)
    done = await log.commit(conversation, commands.AgentClaims(wang, state.epoch))
    while (await widget.hears("ev"))["ev"]["kind"] != "claimed":
        pass

    await murmurs.read(conversation, Role.AGENT, seq)
    assert await widget.hears("read") == {"t": "read", "seq": seq}
    await murmurs.typing(conversation, wang, aside=True)
    await murmurs.typing(conversation, Sender(Role.AGENT, "a-1", "小王真的在写"))
    assert (await widget.hears("typing"))["from"]["name"] == "小王真的在写"

    claimed = done.events[-1].seq
    await widget.send({"t": "read", "seq": claimed})
    await widget.send({"t": "read", "seq": claimed - 1})  # back is no way
    await widget.send({"t": "read", "seq": 9999})  # nor what nobody has said
    async with asyncio.timeout(60):
        while Read(Role.CUSTOMER, claimed) not in heard:  # noqa: ASYNC110 - Redis has no event
            await asyncio.sleep(0.01)
    await widget.send({"t": "ping"})
    await widget.hears("pong")
    assert await murmurs.has_read(conversation, Role.CUSTOMER) == claimed
    assert [one for one in heard if isinstance(one, Read) and one.role is Role.CUSTOMER] == [
        Read(Role.CUSTOMER, claimed)
    ]

    again = await gateway.widget()
    await again.hello(identity=identity())
    assert (await again.hears("read"))["seq"] == seq
