"""Supervisors write the FAQ: drafts, publishing, versions and the way back; the bot has it within seconds."""

import asyncio
import json
from pathlib import Path
from typing import Any

from bot.faq_now import FaqNow, FaqPress
from bot.log.posted import keep

TEXT: dict[str, Any] = {
    "question": "袜子会起球吗？",
    "phrasings": ["袜子穿久了起不起球", " 会不会起毛球 ", "洗几次会起球", "", "棉袜起球怎么办"],
    "answer": "{shop}的袜子起球包换。",
    "answer_en": "Socks that pill are replaced.",
}


async def a_draft(chef: Any, **changes: Any) -> dict[str, Any]:
    status, told = await chef.posts("faq", topic="products", text=TEXT | changes)
    assert status == 200, told
    draft: dict[str, Any] = told["draft"]
    return draft


def state_of(faq: dict[str, Any], entry: str) -> tuple[str, bool]:
    one = next(one for one in faq["entries"] if one["id"] == entry)
    return one["state"], one["draft"]


async def test_a_draft_answers_nobody_until_it_is_published_and_then_every_process_has_it(
    desk: Any, tmp_path: Path
) -> None:
    chef, file = await desk.agent("chef", "supervisor"), tmp_path / "faq.json"
    draft = await a_draft(chef)
    name = draft["entry"]
    assert draft["text"]["phrasings"] == [
        "袜子穿久了起不起球",
        "会不会起毛球",
        "洗几次会起球",
        "棉袜起球怎么办",
    ]
    assert not await keep(desk.parts.posted, file)
    assert state_of((await chef.gets("faq"))[1], name) == ("new", True)
    asked = {"words": "袜子起球怎么办", "entry": name, "text": TEXT}
    tried = (await chef.posts("faq/ask", **asked))[1]
    assert (tried["verdict"], tried["hits"][0]["entry"]) == ("answer", name)
    assert tried["hits"][0]["answer"] == "店小二商城的袜子起球包换。"
    assert name not in json.dumps((await chef.posts("faq/ask", words="袜子起球怎么办"))[1])

    status, told = await chef.posts(f"faq/{name}/publish", rev=draft["rev"])

    assert (status, told["version"]["version"], told["edition"]) == (200, 1, 1)
    assert await keep(desk.parts.posted, file)
    assert not await keep(desk.parts.posted, file)
    assert json.loads(file.read_bytes())["entries"][0]["id"] == name
    assert state_of((await chef.gets("faq"))[1], name) == ("own", False)
    now = (await chef.posts("faq/ask", words="袜子起球怎么办"))[1]
    assert now["hits"][0]["entry"] == name


async def test_shoppers_and_agents_are_offered_what_was_published_also_after_redis_lost_it(
    desk: Any, redis: Any, tmp_path: Path
) -> None:
    chef, file = await desk.agent("chef", "supervisor"), tmp_path / "faq.json"
    now = FaqNow(desk.parts.posted, file)
    assert now.suggest("退货运")[0] == "退货运费谁出？"
    assert "袜子会起球吗？" not in now.suggest("袜子起")
    draft = await a_draft(chef)
    assert (await chef.posts(f"faq/{draft['entry']}/publish", rev=1))[0] == 200
    for key in await redis.keys("xiaoer:{faq}:*"):
        await redis.delete(key)

    await FaqPress(desk.parts.faq_book, desk.parts.posted).tick()
    following = asyncio.create_task(now.follow())
    try:
        for _ in range(600):
            if "袜子会起球吗？" in now.suggest("袜子起"):
                break
            await asyncio.sleep(0.1)
    finally:
        following.cancel()
    assert now.suggest("袜子起")[0] == "袜子会起球吗？"
    assert now.known.near("袜子起球怎么办", "zh-CN")[0].text == "店小二商城的袜子起球包换。"


async def test_every_version_says_who_and_what_and_any_of_them_can_be_had_back(desk: Any) -> None:
    chef, boss = await desk.agent("chef", "supervisor"), await desk.agent("boss", "admin")
    name = "returns.freight"
    shipped = (await chef.gets(f"faq/{name}"))[1]["shipped"]
    for browser, answer in ((chef, "运费店铺出。"), (boss, "运费您出。")):
        rev = (await browser.posts(f"faq/{name}/draft", rev=0, text=shipped | {"answer": answer}))[1][
            "draft"
        ]["rev"]
        assert (await browser.posts(f"faq/{name}/publish", rev=rev))[0] == 200

    assert (await chef.posts(f"faq/{name}/back", version=1))[0] == 200
    entry = (await chef.gets(f"faq/{name}"))[1]
    assert [(one["version"], one["by_name"], one["origin"]) for one in entry["versions"]] == [
        (3, "客服chef", 1),
        (2, "客服boss", -1),
        (1, "客服chef", -1),
    ]
    assert entry["published"]["answer"] == "运费店铺出。"

    assert (await chef.posts(f"faq/{name}/back", version=0))[1]["version"]["kind"] == "shipped"
    assert (await chef.gets(f"faq/{name}"))[1]["published"] == shipped
    assert json.loads(await desk.parts.posted.content()) == {"edition": 4, "entries": [], "withdrawn": []}
    assert (await chef.posts(f"faq/{name}/back", version=9))[0] == 404


async def test_a_withdrawn_entry_answers_no_more_and_can_be_brought_back(desk: Any) -> None:
    chef = await desk.agent("chef", "supervisor")
    asked = {"words": "退货运费谁出"}
    assert (await chef.posts("faq/ask", **asked))[1]["hits"][0]["entry"] == "returns.freight"
    assert (await chef.posts("faq/returns.freight/withdraw"))[0] == 200
    hits = (await chef.posts("faq/ask", **asked))[1]["hits"]
    assert "returns.freight" not in [hit["entry"] for hit in hits]
    assert state_of((await chef.gets("faq"))[1], "returns.freight") == ("withdrawn", False)
    assert (await chef.posts("faq/returns.freight/back", version=0))[0] == 200
    assert (await chef.posts("faq/ask", **asked))[1]["hits"][0]["entry"] == "returns.freight"


async def test_of_two_who_write_at_once_the_second_is_told(desk: Any) -> None:
    chef, boss = await desk.agent("chef", "supervisor"), await desk.agent("boss", "supervisor")
    draft = await a_draft(chef)
    path = f"faq/{draft['entry']}"
    assert (await boss.posts(f"{path}/draft", rev=1, text=TEXT | {"answer": "改了"}))[0] == 200
    for verb, content in (("draft", {"text": TEXT}), ("publish", {}), ("discard", {})):
        status, told = await chef.posts(f"{path}/{verb}", rev=1, **content)
        assert (status, told["error"]["code"]) == (409, "stale_entry"), verb
    assert (await chef.gets(path))[1]["draft"]["text"]["answer"] == "改了"
    assert (await chef.posts(f"{path}/discard", rev=2))[0] == 200
    assert (await chef.gets(path))[0] == 404


async def test_an_unfinished_draft_is_kept_but_not_published(desk: Any) -> None:
    chef = await desk.agent("chef", "supervisor")
    draft = await a_draft(chef, answer="{no_such_value}", phrasings=["一种问法"])
    status, told = await chef.posts(f"faq/{draft['entry']}/publish", rev=1)
    assert (status, told["error"]["code"]) == (400, "entry_incomplete")
    checked = (await chef.posts("faq/check", entry=draft["entry"], text=draft["text"]))[1]
    assert [one["code"] for one in checked["problems"]] == ["no_value", "few"]
    assert (await desk.parts.faq_book.edition()) == 0
