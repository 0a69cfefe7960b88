"""Pictures and files of agents: judged by their bytes, kept, said."""

from io import BytesIO
from typing import Any

from aiohttp import FormData

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.conversation.file_kinds import LARGEST

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 20
PDF = b"%PDF-1.7\n" + b"a bill" * 20


async def sent(agent: Any, conversation: str, data: Any, **headers: str) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": agent.csrf, "Content-Type": "application/octet-stream"} | headers
    if isinstance(data, FormData):
        del headers["Content-Type"]
    path = f"/api/console/conversations/{conversation}/uploads"
    async with agent.session.post(path, data=data, headers=headers) as response:
        return response.status, await response.json()


async def serving(desk: Any, conversation: str = "x1") -> tuple[Any, int]:
    agent = await desk.agent("wang")
    epoch = await desk.customer_waits(conversation)
    await agent.does("claim", conversation, epoch=epoch)
    return agent, epoch + 1


async def test_a_picture_is_kept_and_said_with_its_address(desk: Any) -> None:
    agent, epoch = await serving(desk)
    status, kept = await sent(agent, "x1", PNG)
    assert (status, kept.get("kind"), kept.get("size")) == (200, "image/png", len(PNG)), kept
    assert await desk.parts.media.load(kept["url"]) == (PNG, "image/png")

    body = {"type": "image", "url": kept["url"], "text": "是这一款吗"}
    status, replied = await agent.does("reply", "x1", cid="1", epoch=epoch, body=body)
    assert (status, replied["event"]["body"]) == (200, body)


async def test_a_form_with_a_file_is_taken_too_and_a_document_keeps_its_name(desk: Any) -> None:
    agent, epoch = await serving(desk)
    form = FormData()
    form.add_field("file", PDF, filename="发票.pdf")
    status, kept = await sent(agent, "x1", form)
    assert (status, kept["kind"]) == (200, "application/pdf")

    body = {"type": "file", "url": kept["url"], "name": "../\u202e发票.pdf"}
    status, replied = await agent.does("reply", "x1", cid="1", epoch=epoch, body=body)
    said = {"type": "file", "url": kept["url"], "name": "..发票.pdf", "size": len(PDF)}
    assert (status, replied["event"]["body"]) == (200, said)
    as_image = {"type": "image", "url": kept["url"]}
    assert (await agent.does("reply", "x1", cid="2", epoch=epoch, body=as_image))[0] == 400


async def test_what_it_is_is_read_from_the_bytes_and_not_from_what_it_says(desk: Any) -> None:
    agent, _ = await serving(desk)
    for data in (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html>", b"MZ", b""):
        status, answer = await sent(agent, "x1", data, **{"Content-Type": "image/png"})
        assert (status, answer["error"]["code"]) == (400, "bad_file")


async def test_more_than_ten_megabytes_is_refused_with_or_without_a_length(desk: Any) -> None:
    agent, _ = await serving(desk)

    async def endless() -> Any:
        yield PNG
        for _ in range(LARGEST // 65536 + 1):
            yield bytes(65536)

    assert (await sent(agent, "x1", BytesIO(PNG + bytes(LARGEST - len(PNG)))))[0] == 200
    for data in (BytesIO(PNG + bytes(LARGEST)), endless()):
        status, answer = await sent(agent, "x1", data)
        assert (status, answer["error"]["code"]) == (400, "too_large")


async def test_only_who_has_the_conversation_sends_and_only_what_was_kept_is_said(desk: Any) -> None:
    agent, epoch = await serving(desk)
    li = await desk.agent("li")
    assert (await sent(li, "x1", PNG))[0] == 409
    assert (await sent(agent, "x1", PNG, **{"X-CSRF-Token": "no"}))[0] == 403
    for url in ("/media/" + "0" * 40, "https://elsewhere.example/a.png", "javascript:alert(1)", ""):
        body = {"type": "image", "url": url}
        assert (await agent.does("reply", "x1", cid=url[-9:], epoch=epoch, body=body))[0] == 400


async def test_a_channel_that_carries_no_files_says_so_before_anything_is_written(desk: Any) -> None:
    said = commands.CustomerSays("c1", "wechat", "demo", Customer(id="c9"), Text("转人工"))
    await desk.log.commit("w1", said, key="c1")
    agent, epoch = await desk.agent("wang"), (await desk.log.state("w1")).epoch
    status, claimed = await agent.does("claim", "w1", epoch=epoch)
    assert status == 200, claimed
    _, kept = await sent(agent, "w1", PDF)
    body = {"type": "file", "url": kept["url"], "name": "a.pdf"}
    status, answer = await agent.does("reply", "w1", cid="1", epoch=epoch + 1, body=body)
    assert (status, answer["error"]["code"]) == (400, "no_files_there")
