"""An agent's picture on its way to WeChat: uploaded as the platform takes it, and told in words when it can't be."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from pictures_end import Kind, Shelf, drawn
from wechat_platform import APP_ID, SECRET, WeChatPlatform
from wecom_platform import CORP_ID, KFID, SECRET as CORP_SECRET, WeComPlatform
from weixin_media import LASTS_S, WeixinMedia

from bot.channels.picture_forms import Form, fitted
from bot.channels.wechat import MINIPROGRAM, WECHAT, WeChat
from bot.channels.wechat_api import Credentials, WeixinApi
from bot.channels.wecom import WeCom
from bot.conversation.bodies import Image, Text
from bot.conversation.events import Role, Sender
from bot.conversation.file_kinds import kind_of
from bot.courier.contract import Address, Failed, Label, Outcome, Sent, Told
from bot.errors import ArchiveUnavailableError
from bot.log.tokens import Tokens

AGENT = Sender(Role.AGENT, "a1", "小李")
KINDS: tuple[Kind, ...] = ("JPEG", "PNG", "GIF", "WEBP")


@dataclass
class Stage:
    """One channel before its platform, and a shopper who may be sent something."""

    channel: WeChat | WeCom
    address: Address
    pictures: WeixinMedia
    platform: WeChatPlatform | WeComPlatform
    sees: list[str]
    shelf: Shelf

    def keeps(self, data: bytes) -> str:
        address = f"/media/{len(self.shelf.kept)}"
        self.shelf.kept[address] = (data, kind_of(data))
        return address

    async def shows(self, url: str, words: str = "") -> list[Outcome]:
        pieces = self.channel.render((Told(5, AGENT, Image(url, words)),))
        labels = [Label(f"{n:032x}", 5, n) for n in range(len(pieces))]
        return [await self.channel.send(self.address, *one) for one in zip(pieces, labels, strict=True)]


@pytest.fixture(params=[WECHAT, MINIPROGRAM, "wecom"])
async def stage(request: pytest.FixtureRequest, redis: Any) -> AsyncIterator[Stage]:
    shelf = Shelf()
    platform = WeComPlatform() if request.param == "wecom" else WeChatPlatform()
    server = TestServer(platform.app(), host="127.0.0.1")
    await server.start_server()
    async with aiohttp.ClientSession() as session:

        def api(who: Credentials) -> WeixinApi:
            return WeixinApi("test", str(server.make_url("")), session, Tokens(redis), who)

        if isinstance(platform, WeComPlatform):
            kf = platform.shopper()
            platform.says(kf, "在吗")
            found: Any = (
                WeCom(api(Credentials(CORP_ID, CORP_SECRET, corp=True)), shelf),
                Address("wecom", KFID, kf.userid),
                kf.sees,
            )
        else:
            shopper = platform.shopper()
            platform._open(shopper, 5, 172_800)
            found = (
                WeChat(request.param, api(Credentials(APP_ID, SECRET)), shelf),
                Address(request.param, APP_ID, shopper.openid),
                shopper.sees,
            )
        channel, address, sees = found
        yield Stage(channel, address, platform.pictures, platform, sees, shelf)
    await server.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_picture_arrives_after_its_words_whatever_kind_it_is(stage: Stage, kind: Kind) -> None:
    outcomes = await stage.shows(stage.keeps(data := drawn(kind)), "这是面单")

    assert [type(one) for one in outcomes] == [Sent, Sent]
    words, picture = stage.sees
    assert words == "这是面单"
    arrived = stage.pictures.of(picture)
    if kind_of(data) in stage.pictures.kinds:
        assert arrived == data
    else:
        assert kind_of(arrived) == "image/jpeg"


async def test_a_picture_that_is_too_large_is_made_smaller() -> None:
    large = drawn("PNG", 1300)
    form = Form(frozenset({"image/png"}), 1_400_000)
    assert len(large) > form.most

    fit = await fitted(large, "image/png", form)

    assert fit is not None
    assert (len(fit[0]) <= form.most, kind_of(fit[0])) == (True, fit[1])


@pytest.mark.parametrize(
    ("code", "words", "again"),
    [
        (45001, "图片太大", False),
        (40005, "JPG 或 PNG", False),
        (40009, "图片太大", False),
        (-1, "系统繁忙", True),
        (45009, "限额", False),
    ],
)
async def test_an_upload_that_is_refused_is_told_in_words(
    stage: Stage, code: int, words: str, again: bool
) -> None:
    stage.pictures.fails = [code]

    [outcome] = await stage.shows(stage.keeps(drawn("PNG")))

    assert isinstance(outcome, Failed)
    assert outcome.retryable is again
    assert words in outcome.reason
    assert outcome.reason.startswith("图片上传失败")
    assert stage.sees == []


async def test_a_media_id_that_the_platform_forgot_is_a_reason_to_upload_it_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = stage.keeps(drawn("PNG"))
    monkeypatch.setattr(stage.pictures, "add", lambda *_: "of-another-account")
    [first] = await stage.shows(url)
    monkeypatch.undo()
    [second] = await stage.shows(url)

    assert isinstance(first, Failed)
    assert first.retryable
    assert "40007" in first.reason
    assert isinstance(second, Sent)
    assert not stage.pictures.knows("of-another-account")
    [media_id] = stage.pictures.kept
    data, at = stage.pictures.kept[media_id]
    stage.pictures.kept[media_id] = (data, at - LASTS_S)
    assert not stage.pictures.knows(media_id)  # three days later
    [third] = await stage.shows(url)
    assert isinstance(third, Sent)


async def test_what_is_no_picture_any_more_is_told_before_anything_is_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: str) -> None:
        raise ArchiveUnavailableError

    broken = stage.keeps(b"RIFF0000WEBP")
    [unfit], [gone] = await stage.shows(broken), await stage.shows("/media/gone")
    monkeypatch.setattr(stage.shelf, "load", away)
    [later] = await stage.shows(broken)

    for outcome, words, again in (
        (unfit, "JPG 或 PNG", False),
        (gone, "不在", False),
        (later, "读不出来", True),
    ):
        assert isinstance(outcome, Failed)
        assert (words in outcome.reason, outcome.retryable) == (True, again)
    assert stage.sees == []
    assert stage.pictures.kept == {}


async def test_a_bomb_of_pixels_is_not_drawn() -> None:
    from struct import pack  # noqa: PLC0415
    from zlib import crc32  # noqa: PLC0415

    head = b"IHDR" + pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + pack(">I", 13) + head + pack(">I", crc32(head))
    assert await fitted(bomb, "image/webp", Form(frozenset({"image/png"}), 10_000)) is None


def test_a_picture_from_elsewhere_is_only_its_words() -> None:
    told = (Told(5, AGENT, Text("看这里")), Told(6, AGENT, Image("https://elsewhere.example/a.png", "图")))
    for channel in (WeChat(WECHAT, None, Shelf()), WeCom(None, Shelf())):  # type: ignore[arg-type]
        assert [piece.content["msgtype"] for piece in channel.render(told)] == ["text"]
