"""`xiaoer channels check`, and the mini-program, whose pushes may be JSON and are never answered themselves."""

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec
import pytest
from aiohttp import web
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

from bot.channels import onebot, qq_codes, wechat_codes
from bot.channels.checking import Check
from bot.errors import SetupError
from bot.log.log import Log
from bot.log.tokens import Tokens
from bot.outlets_check import checked, open_secrets, reachable
from bot.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]


class Both(NamedTuple):
    """Both platforms, the house between them, and its settings as the check reads them."""

    wechat: WeChatPlatform
    wecom: WeComPlatform
    house: OutsideHouse
    settings: Settings


OTHER_KEY = "z" * 42 + "8"


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
            yield Both(platform, corp, house, msgspec.structs.replace(settings, public_url=house.url))
        finally:
            await api.close()
            await corp_api.close()


async def found(both: Both, **changes: Any) -> dict[str, Check]:
    house, settings = both.house, both.settings
    async with aiohttp.ClientSession() as session:
        told = await checked(
            msgspec.structs.replace(settings, **changes), session, Tokens(house.log.redis), house.parts.relay
        )
    return {check.name: check for check in told}


async def test_everything_that_is_set_up_is_tried(both: Both) -> None:
    checks = await found(both)
    assert {name for name, check in checks.items() if check.ok} == {
        *(
            "wechat callback",
            "wechat aes key",
            "wechat token",
            "wecom callback",
            "wecom token",
            "wecom accounts",
        ),
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


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ((40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1"), "203.0.113.7"),
        ((40164, "invalid ip 203.0.113.7, not in whitelist"), "白名单"),
        ((89503, "not allow to access from your ip, 203.0.113.7"), "管理员"),
        ((40013, "invalid appid"), "AppID"),
        ((45009, "reach max api daily quota limit"), "限额"),
        ((48004, "api forbidden for blocked"), "封禁"),
        ((50002, "user limited"), "受限"),
        ((-1, "system error"), "繁忙"),
        ((77777, "something new"), "something new"),
    ],
)
async def test_each_refusal_of_the_platform_is_told_with_what_to_do(
    both: Both, refusal: tuple[int, str], words: str
) -> None:
    await found(both)  # a token is kept from now on: that it was once given proves nothing today
    both.wechat.refuses = refusal
    checks = await found(both)
    for name in ("wechat token", "miniprogram token"):
        assert not checks[name].ok
        assert words in checks[name].zh
        assert str(refusal[0]) in checks[name].zh


async def test_wecoms_refusals_are_told_and_an_account_that_the_api_may_not_use(both: Both) -> None:
    both.wecom.refuses = (60020, "not allow to access from your ip, more info at … from ip: 203.0.113.7")
    checks = await found(both)
    assert "企业可信IP" in checks["wecom token"].zh
    assert "203.0.113.7" in checks["wecom token"].zh
    assert "wecom accounts" not in checks
    both.wecom.refuses, both.wecom.managed = None, False
    checks = await found(both)
    assert checks["wecom token"].ok
    assert "可调用接口" in checks["wecom accounts"].zh


async def test_a_gateway_that_was_not_started_anew_after_a_change_is_found_out(both: Both) -> None:
    checks = await found(both, wechat_aes_key=OTHER_KEY, wecom_aes_key=OTHER_KEY)
    assert checks["wechat callback"].ok
    assert "重启网关" in checks["wechat aes key"].zh
    assert "重启网关" in checks["wecom callback"].zh
    short = await found(both, wechat_aes_key="too-short", wecom_aes_key="too-short")
    assert "43 位" in short["wechat aes key"].zh
    assert "43 位" in short["wecom aes key"].zh


async def test_each_channel_that_is_half_set_up_names_what_is_missing(both: Both) -> None:
    nothing = {
        "wechat_secret": "",
        "miniprogram_token": "",
        "wecom_aes_key": "",
        "qq_secret": "",
        "qq_app_id": "1",
    }
    checks = await found(both, **nothing)
    for name, missing in (
        ("wechat", "XIAOER_WECHAT_SECRET"),
        ("miniprogram", "XIAOER_MINIPROGRAM_TOKEN"),
        ("wecom", "XIAOER_WECOM_AES_KEY"),
        ("qq", "XIAOER_QQ_SECRET"),
    ):
        assert not checks[name].ok
        assert missing in checks[name].zh
    alone = {
        f"{one}_{what}": ""
        for one in ("wechat", "miniprogram")
        for what in ("app_id", "secret", "token", "aes_key")
    }
    corp = {f"wecom_{what}": "" for what in ("corp_id", "secret", "token", "aes_key")}
    assert "没有配置任何外部渠道" in (await found(both, **alone, **corp))["channels"].zh


async def test_what_stands_before_the_gateway_is_told_when_it_answers_instead(both: Both) -> None:
    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently("https://shop.example/")

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", elsewhere)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    checks = await found(both, public_url=str(server.make_url("")).rstrip("/"))
    await server.close()
    for name in ("wechat callback", "miniprogram callback", "wecom callback"):
        assert "301" in checks[name].zh
        assert "反向代理" in checks[name].zh


@pytest.mark.parametrize(
    ("url", "ok", "words"),
    [
        ("https://kf.example.com", True, "kf.example.com"),
        ("https://kf.example.com:8443", False, "443"),
        ("http://kf.example.com", False, "https"),
        ("http://127.0.0.1:8000", False, "公网"),
        ("http://10.0.0.8", False, "公网"),
        ("https://localhost", False, "公网"),
    ],
)
def test_an_address_that_platforms_do_not_call_is_told(url: str, ok: bool, words: str) -> None:
    check = reachable(url)
    assert check.ok is ok
    assert words in check.zh


@pytest.mark.parametrize(
    ("page", "known"),
    [
        ("wechat", {*wechat_codes.CODES}),
        ("wecom", {*wechat_codes.CODES, *wechat_codes.SEND_FAILS}),
        ("qq", {*qq_codes.CODES}),
        ("onebot", {*onebot.REASONS}),
    ],
)
def test_every_documented_code_has_its_words(page: str, known: set[int]) -> None:
    text = (ROOT / "docs" / "channels" / f"{page}.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| *((?:fail_type )?-?\d[-\d、]*(?:、\d+)*) *\|", text, re.MULTILINE)
    documented = {int(code) for row in rows for code in re.findall(r"-?\d+", row)}
    assert len(documented) > 4
    assert documented <= known


async def test_a_mini_program_pushes_json_and_is_answered_by_message(both: Both) -> None:
    platform, house = both.wechat, both.house
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
    path.chmod(0o644)
    assert "chmod 600" in open_secrets(str(path))[0].zh
    path.chmod(0o600)
    assert open_secrets(str(path)) == open_secrets("") == []
    path.write_text("no equals sign")
    with pytest.raises(SetupError, match="line 1"):
        read_settings(environment)
    with pytest.raises(SetupError, match="can't be read"):
        read_settings({"XIAOER_SECRETS_FILE": str(tmp_path / "none")})
