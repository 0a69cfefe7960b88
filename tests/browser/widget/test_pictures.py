"""What the shopper shows: seen before it is sent, drawn smaller, refused with a reason; and whether it was read."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.handing import hands, png
from tests.browser.widget.conftest import Shopper
from tests.browser.widget.fake_gateway import FakeGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AGENT = {"role": "agent", "id": "", "name": "李敏"}


def shown(gateway: FakeGateway) -> list[dict[str, object]]:
    return [event["body"] for event in gateway.room().events if event["from"]["role"] == "customer"]


async def test_a_pasted_picture_is_seen_before_it_is_sent_and_goes_before_the_words_about_it(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()
    await shopper.page.locator(".attach").wait_for()
    await hands(shopper.field, png(60, 40), "裂缝.png", "image/png")
    await expect(shopper.page.locator(".held canvas")).to_have_count(1)
    await hands(shopper.field, b"%PDF-1.7 bill", "发票.pdf", "application/pdf", "dragover")
    await expect(shopper.page.get_by_text("松开鼠标，添加图片或文件")).to_be_visible()
    await hands(shopper.field, b"%PDF-1.7 bill", "发票.pdf", "application/pdf", "drop")
    await shopper.page.get_by_role("button", name="发送 2 个").wait_for()
    assert shown(gateway) == [], "nothing is sent by itself"

    await shopper.says("收到就是裂的")
    await shopper.has_nothing_in_flight()
    assert shown(gateway) == [
        {"type": "image", "url": "/media/0"},
        {"type": "file", "url": "/media/1", "name": "发票.pdf", "size": 13},
        {"type": "text", "text": "收到就是裂的"},
    ]
    await expect(shopper.page.locator(".tray")).to_have_count(0)
    picture = shopper.page.locator(".row.customer .photo img")
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 60
    box = await picture.bounding_box()
    assert box is not None
    assert (box["height"], box["width"] > 70) == (160, True)
    await expect(shopper.page.locator(".row.customer .document")).to_have_text("发票.pdf")
    assert await shopper.page.evaluate("violations") == []


async def test_a_large_photo_is_drawn_smaller_and_what_is_no_picture_says_why_and_can_be_removed(
    shopper: Shopper, gateway: FakeGateway, tmp_path: Path
) -> None:
    await shopper.opens_chat()
    await shopper.page.locator(".attach").wait_for()
    photo = png(2400, 300)
    chosen = {
        "大图.png": photo,
        "x.png": b"<svg onload=alert(1)>",
        "手册.pdf": b"%PDF" + bytes(11 * 1024 * 1024),
    }
    for name, data in chosen.items():
        (tmp_path / name).write_bytes(data)
    await shopper.page.locator("input[type=file]").set_input_files([tmp_path / name for name in chosen])
    alerts = shopper.page.locator(".held [role=alert]")
    await expect(alerts).to_have_text(
        ["只能发 PNG、JPEG、GIF、WebP 图片和 PDF 文件。", "文件太大了，最多 10 MB"]
    )
    for name in ("x.png", "手册.pdf"):
        await shopper.page.get_by_role("button", name=f"去掉 {name}").click()
    await shopper.page.get_by_role("button", name="发送 1 个").click()
    await shopper.has_nothing_in_flight()
    ((data, kind),) = gateway.kept
    assert kind == "image/jpeg"
    assert len(data) < len(photo)
    size = "url => fetch(url).then(r => r.blob()).then(createImageBitmap).then(b => [b.width, b.height])"
    assert await shopper.page.evaluate(size, "/media/0") == [2000, 250]


async def test_the_shopper_sees_that_the_agent_has_read(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await gateway.becomes(stage="human", agent="李敏")
    await shopper.says("在吗")
    await shopper.log.get_by_text("已送达").wait_for()
    await gateway.reads(gateway.room().events[-1]["seq"])
    await shopper.log.get_by_text("已读").wait_for()
    await shopper.says("杯子裂了")
    await shopper.log.get_by_text("已送达").wait_for()
    await expect(shopper.log.get_by_text("已读")).to_have_count(0)
