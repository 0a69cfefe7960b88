"""The shop's own canned replies: agents have them at once, clashes are refused in words, nothing is lost unseen."""

from typing import Any

import pytest

from bot.console.pinyin import sounds

TITLES = ["催快递", "结束语"]


async def titles(browser: Any) -> list[str]:
    _, found = await browser.gets("canned")
    return [one["title"] for one in found["replies"]]


async def test_a_new_reply_is_every_agents_at_once_and_found_by_its_sound(desk: Any) -> None:
    boss, li = await desk.agent("boss", "supervisor"), await desk.agent("li")
    line = await li.connects()
    assert await titles(li) == TITLES

    given = {
        "title": "  赠品  说明 ",
        "text": "{客户}您好，赠品随单发出，电话13800138000。\n",
        "group": "活动",
    }
    status, made = await boss.posts("canned", **given, shortcut="zp")
    await line.hears("canned")
    _, found = await li.gets("canned")

    assert status == 200
    assert made == found["replies"][-1]
    assert made["title"] == "赠品 说明"
    assert made["text"] == "{客户}您好，赠品随单发出，电话13800138000。", (
        "the shop's own words are not masked"
    )
    assert made["keys"] == "zengpinshuoming zpsm"
    assert (made["by_name"], made["rev"], made["shipped"]) == ("客服boss", 1, False)
    assert (await boss.gets("canned"))[1] == found


async def test_only_who_is_in_charge_writes_them(desk: Any) -> None:
    li = await desk.agent("li")
    for path in ("canned", "canned/bye", "canned/bye/remove", "canned/bye/restore"):
        assert (await li.posts(path, title="a", text="b", rev=0))[0] == 403
    assert await titles(li) == TITLES


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": "催快递"}, "已经有一条叫「催快递」的快捷回复。"),
        ({"title_en": "goodBYE"}, "已经有一条叫「结束语」的快捷回复。"),
        ({"shortcut": "jsy"}, "快捷码 /jsy 已经是「结束语」的。"),
        ({"text": " 感谢您的耐心。"}, "内容和「结束语」一样。"),
        ({"text": "{姓名}您好"}, "没有 {姓名} 这个变量，能用的是 {客户} {订单号} {客服}。"),
    ],
)
async def test_what_clashes_is_refused_in_words(desk: Any, given: dict[str, str], said: str) -> None:
    boss = await desk.agent("boss", "supervisor")
    status, told = await boss.posts("canned", **({"title": "新的", "text": "新的话"} | given))
    assert status in (400, 409)
    assert told["error"]["message"] == said
    assert await titles(boss) == TITLES
    # One is never in its own way.
    status, told = await boss.posts(
        "canned/bye", title="结束语", text="感谢您的耐心。", shortcut="jsy", rev=0
    )
    assert status == 200


async def test_a_shipped_reply_is_changed_taken_out_and_brought_back(desk: Any) -> None:
    boss = await desk.agent("boss", "supervisor")
    changed = {"title": "再见", "text": "再见，{客户}。", "group": "closing"}
    status, bye = await boss.posts("canned/bye", **changed, rev=0)
    assert (status, bye["rev"], bye["shipped"], bye["keys"]) == (200, 1, True, "zaijian zj")
    assert await titles(boss) == ["催快递", "再见"]

    assert (await boss.posts("canned/bye/remove", rev=1))[0] == 204
    _, found = await boss.gets("canned")
    assert [one["title"] for one in found["replies"]] == ["催快递"]
    assert [one["title"] for one in found["removed"]] == ["结束语"]
    assert (await boss.posts("canned/bye", **changed, rev=2))[0] == 404

    _, own = await boss.posts("canned", title="结束语", text="拜拜")
    status, told = await boss.posts("canned/bye/restore")
    assert (status, told["error"]["code"]) == (409, "canned_taken")
    assert (await boss.posts(f"canned/{own['id']}/remove", rev=1))[0] == 204
    assert (await boss.posts("canned/bye/restore"))[0] == 200
    assert await titles(boss) == TITLES
    assert (await boss.posts(f"canned/{own['id']}/restore"))[0] == 404


async def test_two_supervisors_never_overwrite_each_other_unseen(desk: Any) -> None:
    one, other = await desk.agent("boss", "supervisor"), await desk.agent("wang", "supervisor")
    assert (await one.posts("canned/bye", title="再见", text="一", rev=0))[0] == 200
    status, told = await other.posts("canned/bye", title="拜拜", text="二", rev=0)
    assert (status, told["error"]["code"]) == (409, "stale_canned")
    assert (await other.posts("canned/bye/remove", rev=0))[0] == 409
    assert await titles(one) == ["催快递", "再见"]


def test_a_title_sounds_as_it_is_typed() -> None:
    assert sounds("退款时效") == "tuikuanshixiao tksx"
    assert sounds("发票 A4") == "fapiao fp"
    assert sounds("VIP") == ""
