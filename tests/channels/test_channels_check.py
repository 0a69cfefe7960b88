"""`xiaoer channels check`, and the mini-program, whose pushes may be JSON and are never answered themselves."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer
from outside_end import OutsideHouse, outside_house
from wechat_platform import AES_KEY, APP_ID, SECRET, TOKEN, WeChatPlatform
from wecom_platform import (
    AES_KEY as CORP_KEY,
    CORP_ID,
    SECRET as CORP_SECRET,
    TOKEN as CORP_TOKEN,
    WeComPlatform,
)
from weixin_cipher import sha1_of_sorted

from bot.channels.checking import Check
from bot.errors import SetupError
from bot.log.log import Log
from bot.log.tokens import Tokens
from bot.outlets_check import checked
from bot.settings import Settings, read_settings

Both = tuple[WeChatPlatform, OutsideHouse, Settings]


@pytest.fixture
async def both(redis: Any, log: Log, tmp_path: Path) -> AsyncIterator[Both]:
    platform, corp = WeChatPlatform(), WeComPlatform()
    api, corp_api = TestServer(platform.app(), host="127.0.0.1"), TestServer(corp.app(), host="127.0.0.1")
    await api.start_server()
    await corp_api.start_server()
    settings = Settings(
        secret="our-own-secret-of-more-than-32-characters",
        site_secret="a-site-secret-of-more-than-32-characters",
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        wechat_token=TOKEN,
        wechat_aes_key=AES_KEY,
        wechat_api=str(api.make_url("")),
        miniprogram_app_id=APP_ID,
        miniprogram_secret=SECRET,
        miniprogram_token=TOKEN,
        wecom_corp_id=CORP_ID,
        wecom_secret=CORP_SECRET,
        wecom_token=CORP_TOKEN,
        wecom_aes_key=CORP_KEY,
        wecom_api=str(corp_api.make_url("")),
    )
    async with outside_house(redis, log, tmp_path, settings) as house:
        try:
            yield platform, house, msgspec.structs.replace(settings, public_url=house.url)
        finally:
            await api.close()
            await corp_api.close()


async def found(both: Both, **changes: Any) -> dict[str, Check]:
    _, house, settings = both
    async with aiohttp.ClientSession() as session:
        told = await checked(
            msgspec.structs.replace(settings, **changes), session, Tokens(house.log.redis), house.parts.relay
        )
    return {check.name: check for check in told}


async def test_everything_that_is_set_up_is_tried(both: Both) -> None:
    checks = await found(both)
    assert {name for name, check in checks.items() if check.ok} == {
        *("wechat callback", "wechat aes key", "wechat token", "wecom callback", "wecom token"),
        *("miniprogram callback", "miniprogram token"),
    }
    assert {name for name, check in checks.items() if not check.ok} == {"public address", "binding"}


async def test_what_is_wrong_is_told_in_the_platforms_words(both: Both) -> None:
    checks = await found(
        both, wechat_secret="wrong", wechat_token="another", wecom_secret="wrong", qq_app_id="1"
    )
    assert "40125" in checks["wechat token"].zh
    assert "签名不通过" in checks["wechat callback"].zh
    assert "40001" in checks["wecom token"].zh
    assert "XIAOER_QQ_SECRET" in checks["qq"].zh
    away = await found(both, public_url="http://127.0.0.1:9")
    assert "连不上" in away["wechat callback"].zh


async def test_a_mini_program_pushes_json_and_is_answered_by_message(both: Both) -> None:
    platform, house, _ = both
    shopper = platform.shopper()
    platform._open(shopper, 5, 172_800)
    now = str(int(time.time()))
    query = {"signature": sha1_of_sorted(TOKEN, now, "n"), "timestamp": now, "nonce": "n"}
    message = {
        "ToUserName": "gh_1",
        "FromUserName": shopper.openid,
        "CreateTime": int(now),
        "MsgType": "text",
        "Content": "在吗",
        "MsgId": 24540000000000001,
    }
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(
                f"{house.url}/channels/miniprogram", params=query, data=json.dumps(message)
            ) as answer:
                assert (answer.status, await answer.text()) == (200, "success")
    assert [d.state for d in await house.settled()] == ["sent"]
    assert shopper.sees == ["好的"]
    assert platform.sends[0]["msgtype"] == "text"


def test_a_secrets_file_is_read_below_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "channels.env"
    path.write_text('# WeChat\nXIAOER_WECHAT_APP_ID=wx1\nXIAOER_WECHAT_SECRET="of the file"\n\n')
    environment = {"XIAOER_SECRETS_FILE": str(path), "XIAOER_WECHAT_APP_ID": "wx2"}

    settings = read_settings(environment)

    assert (settings.wechat_app_id, settings.wechat_secret) == ("wx2", "of the file")
    path.write_text("no equals sign")
    with pytest.raises(SetupError, match="line 1"):
        read_settings(environment)
    with pytest.raises(SetupError, match="can't be read"):
        read_settings({"XIAOER_SECRETS_FILE": str(tmp_path / "none")})
