"""The whole product behind every outside channel at once: question, answer from the shop, human, rating.

Every call comes three times at once and again until it is acknowledged; parts are killed in between. One house,
one day in six chats; each test says what must be true of one of them afterwards.
"""

import asyncio
import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from browser.conftest import CHROMIUM, FLAGS
from browser.house.agent_at_work import AgentAtWork
from browser.house.running_house import ROOT, House
from chats_outside import OneBotChat
from desk_end import Desk
from napcat import NapCat
from outside_day import (
    AMONG_COLLEAGUES,
    HUMAN,
    KNOWN,
    QUESTION,
    RECALLED,
    REPLY,
    Day,
    Platforms,
    spend,
)
from playwright.async_api import Page, async_playwright, expect
from qq_platform import APP_ID as QQ_ID, SECRET as QQ_SECRET
from wechat_platform import AES_KEY, APP_ID, MINI_ID, SECRET, TOKEN
from wecom_platform import (
    AES_KEY as CORP_KEY,
    CORP_ID,
    SECRET as CORP_SECRET,
    TOKEN as CORP_TOKEN,
)

from bot.conversation.file_kinds import kind_of

pytestmark = [pytest.mark.model, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

BRIDGE = "a-bridge-token-of-some-length"
CHANNELS = ("wechat", "miniprogram", "wecom", "qq", "qq_group", "onebot")


@pytest.fixture(scope="module")
async def platforms() -> AsyncIterator[Platforms]:
    found = Platforms()
    found.qq.fetches = True
    await found.qq.start()
    yield found
    await found.qq.stop()


@pytest.fixture(scope="module")
async def house(platforms: Platforms, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("outside")
    servers = [TestServer(one.app(), host="127.0.0.1") for one in (platforms.wechat, platforms.wecom)]
    for server in servers:
        await server.start_server()
    wechat, wecom = (str(server.make_url("")).rstrip("/") for server in servers)
    secrets = folder / "secrets"
    secrets.write_text(
        f"XIAOER_WECHAT_SECRET={SECRET}\nXIAOER_MINIPROGRAM_SECRET={SECRET}\nXIAOER_WECOM_SECRET={CORP_SECRET}\n"
        f"XIAOER_QQ_SECRET={QQ_SECRET}\nXIAOER_ONEBOT_TOKEN={BRIDGE}\n"
    )
    secrets.chmod(0o600)
    house = House(
        folder / "var",
        XIAOER_SECRETS_FILE=str(secrets),
        XIAOER_WECHAT_API=wechat,
        XIAOER_WECHAT_APP_ID=APP_ID,
        XIAOER_WECHAT_TOKEN=TOKEN,
        XIAOER_WECHAT_AES_KEY=AES_KEY,
        XIAOER_MINIPROGRAM_APP_ID=MINI_ID,
        XIAOER_MINIPROGRAM_TOKEN=TOKEN,
        XIAOER_WECOM_API=wecom,
        XIAOER_WECOM_CORP_ID=CORP_ID,
        XIAOER_WECOM_TOKEN=CORP_TOKEN,
        XIAOER_WECOM_AES_KEY=CORP_KEY,
        XIAOER_QQ_APP_ID=QQ_ID,
        XIAOER_QQ_API=platforms.qq.url,
    )
    house.start()
    try:
        await house.is_ready()
        yield house
        assert house.stop()[0] == 0
    finally:
        house.kill_all()
        for server in servers:
            await server.close()


@pytest.fixture(scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture(scope="module")
async def day(house: House, platforms: Platforms, session: aiohttp.ClientSession) -> AsyncIterator[Day]:
    bridge = NapCat(10001, BRIDGE)
    bridge.fetches = True
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as another:
        li, wang = Desk(session, house), Desk(another, house)
        await li.signs_in()
        await wang.signs_in("zhuguan")
        yield await spend(house, platforms, OneBotChat(bridge, house, session), li, wang)
    await bridge.leave()


@pytest.mark.parametrize("channel", CHANNELS)
async def test_nothing_is_lost_and_nothing_doubled_from_a_question_to_a_rating(
    day: Day, channel: str
) -> None:
    chat, events = day.chats[channel], day.events[channel]
    own = [e["body"].get("text") for e in events if e["kind"] == "said" and e["from"]["role"] == "customer"]
    asked = [QUESTION, KNOWN] if chat.public else [QUESTION, QUESTION]
    again = channel == "onebot" and day.asked_again
    assert own == [
        *asked,
        *([QUESTION] if again else []),
        *([KNOWN] if channel in {"qq", "wecom"} else []),
        HUMAN,
    ]
    assert [e["body"]["stars"] for e in events if e["kind"] == "rated"] == [5]
    states = {e["body"]["state"] for e in events if e["kind"] == "delivered"}
    assert states == ({"sent", "unknown"} if again else {"sent"})
    assert [text for text, count in Counter(chat.sees()).items() if text and count > 1] == []
    assert any(REPLY in text for text in chat.sees())
    assert day.waited[channel]["customer"]["verified"] is not chat.public


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_agents_picture_arrives_once_in_a_form_the_platform_takes(day: Day, channel: str) -> None:
    [picture] = day.chats[channel].pictures()
    assert kind_of(picture) == ("image/webp" if channel == "onebot" else "image/jpeg")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_colleagues_write_to_each_other_and_what_is_taken_back_in_time_never_reaches_the_shopper(
    day: Day, channel: str
) -> None:
    out, kept = day.chats[channel].went_out(), json.dumps(day.events[channel], ensure_ascii=False)
    assert REPLY in out
    assert [words for words in (*AMONG_COLLEAGUES, RECALLED) if words not in kept] == []
    assert [words for words in (*AMONG_COLLEAGUES, RECALLED) if words in out] == []


async def test_on_the_web_no_word_among_colleagues_comes_either_and_none_of_it_on_return(day: Day) -> None:
    live, back = (json.dumps(one.frames, ensure_ascii=False) for one in day.web)
    kept = json.dumps(day.events["web"], ensure_ascii=False)
    assert [words for words in (*AMONG_COLLEAGUES, RECALLED) if words not in kept] == []
    assert REPLY in live
    assert [words for words in AMONG_COLLEAGUES if words in live] == []
    assert REPLY in back
    assert [words for words in (*AMONG_COLLEAGUES, RECALLED) if words in back] == []


async def test_in_a_group_nothing_of_orders_is_shown(day: Day) -> None:
    shown = "\n".join(day.chats["qq_group"].sees())
    assert "ticket=" not in shown
    assert not re.search(r"\d{10}", shown)


async def test_the_courier_died_while_it_was_sending(day: Day) -> None:
    assert max(day.tries.values()) > 1


async def test_a_delay_is_told_once_and_only_in_the_chat_where_it_was_wanted(
    house: House, day: Day, session: aiohttp.ClientSession
) -> None:
    chat, others = day.chats["wechat"], [day.chats["qq"], day.chats["wecom"], day.chats["onebot"]]
    await chat.says("开启提醒")
    await chat.sees_soon("已开启提醒")
    event = {"id": "late-1", "type": "delayed", "customer": "C100001", "order": "1", "expected": "12月2日"}
    body = json.dumps(event).encode()
    at, nonce = str(int(time.time())), "n" * 32
    lines = ["v1", "POST", "/hooks/shop/demo", at, nonce, "", hashlib.sha256(body).hexdigest()]
    mark = hmac.new(house.secrets()["site_secret"].encode(), "\n".join(lines).encode(), "sha256").hexdigest()
    headers = {"X-Xiaoer-Timestamp": at, "X-Xiaoer-Nonce": nonce, "X-Xiaoer-Signature": f"v1={mark}"}
    told = []
    for _ in range(1000):  # until the archive knows of the consent, and then three times more
        async with session.post(f"{house.gateway}/hooks/shop/demo", data=body, headers=headers) as answer:
            told.append((await answer.json())["told"])
        if told[-3:] == [1, 1, 1]:
            break
        await asyncio.sleep(0.05)
    await chat.sees_soon("慢了，现在预计 12月2日")
    assert max(told) == 1
    assert sum("慢了" in text for text in chat.sees()) == 1
    assert not any("慢了" in text for other in others for text in other.sees())


async def test_the_check_finds_all_of_a_running_house_right_but_an_address_that_platforms_cannot_call(
    house: House, day: Day
) -> None:
    command = [sys.executable, "-m", "bot.cli", "channels", "check", "--data", str(house.data)]
    running = await asyncio.create_subprocess_exec(
        *(*command, "--port", str(house.port)),
        env=house._environment,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    told = (await running.communicate())[0].decode()
    right = [line for line in told.splitlines() if line.startswith("✓")]
    wrong = [line for line in told.splitlines() if line.startswith("✗")]
    assert [line.split(":")[0] for line in wrong] == ["✗ public address"], told
    for channel in ("wechat", "miniprogram", "wecom", "qq"):
        assert any(line.startswith(f"✓ {channel} callback") for line in right), told
        assert any(line.startswith(f"✓ {channel} token") for line in right), told
    assert running.returncode == 1
    assert day


@pytest_asyncio.fixture(loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
        context.set_default_timeout(60_000)
        yield await context.new_page()
        await browser.close()


async def test_an_agent_sees_what_wechat_still_lets_him_send_and_what_became_of_each_message(
    house: House, platforms: Platforms, day: Day, page: Page, tmp_path: Path
) -> None:
    chat, agent = day.chats["wechat"], AgentAtWork(page, house)
    await chat.says(HUMAN)
    await agent.signs_in("xiaoli")
    await agent.claims("林小雨")
    left, last = (
        page.locator(".talk header").get_by_text(re.compile("微信公众号(剩|暂时)")),
        page.locator(".said.from-agent"),
    )
    await expect(left).to_have_text("微信公众号剩 4 条 / 47 h", timeout=60_000)  # that he came was told, too

    platforms.wechat.fails = [45047]
    await agent.replies("这句被平台拒收")
    await expect(last.last).to_contain_text("未送达 · 客服消息下发条数超过上限", timeout=60_000)
    await expect(last.last).to_contain_text("45047", timeout=60_000)
    platforms.wechat.fails = ["done_and_break"]
    await agent.replies("这句没有回音")
    await expect(last.last).to_contain_text("不确定是否送达 · 平台没有答复", timeout=60_000)
    await expect(left).to_have_text("微信公众号剩 3 条 / 47 h", timeout=60_000)
    await agent.replies("这句到了")
    await expect(last.last).to_contain_text("已送达平台", timeout=60_000)
    await expect(last.last.get_by_role("button", name="撤回")).to_have_count(0)  # WeChat has it
    await expect(left).to_have_text("微信公众号剩 2 条 / 47 h", timeout=60_000)

    for words in ("您好，", "退款已经到账，", "请查收。"):
        await agent.replies(words)
    await expect(left).to_have_text("微信公众号剩 1 条 / 47 h", timeout=60_000)
    assert chat.sees()[-1] == "您好，\n\n退款已经到账，\n\n请查收。"
    name, verb, head = [
        await page.locator(what).bounding_box() for what in (".talk h2", ".talk .to-ticket", ".talk header")
    ]
    assert name
    assert verb
    assert head
    assert name["width"] > 30, "what is left to send hides who it is"
    assert verb["x"] + verb["width"] <= head["x"] + head["width"], "a button is out of reach"
    folder = Path(os.environ.get("XIAOER_SHOTS", tmp_path))
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        await agent.picture(folder, f"wechat-{theme}")
    await chat.says("还有别的问题")
    await expect(left).to_have_text("微信公众号剩 5 条 / 47 h", timeout=60_000)


async def test_nothing_that_shoppers_said_or_secrets_are_in_the_logs(house: House, day: Day) -> None:
    logs = "\n".join(house.logs().values())
    for secret in (
        QUESTION,
        REPLY,
        SECRET,
        CORP_SECRET,
        QQ_SECRET,
        BRIDGE,
        "ticket=",
        "20002",
        '"U1"',
        "o-wechat",
    ):
        assert secret not in logs, secret
    assert day
