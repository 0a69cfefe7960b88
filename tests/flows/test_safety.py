"""Nothing is changed twice, unasked, beyond the limits, or without a line that tells of it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from flows_end import IDS, House, Shopper, handed, told

from actions import changing
from actions.settings import Settings
from bot.brain.brain import Brain
from bot.brain.turn import Turns
from bot.conversation.bodies import Acted, CardShown, Choice
from bot.conversation.changed import Changed
from bot.conversation.commands import AgentApproves, AgentClaims
from bot.conversation.events import Event, Kind, Role, Sender
from bot.desk.packet import make_packet
from bot.errors import LogUnavailableError, StaleError

pytestmark = pytest.mark.model
AGENT = Sender(Role.AGENT, "a1", "小王")


def changes(events: list[Event]) -> list[Changed]:
    return [line for e in events if isinstance(e.body, Acted) for line in e.body.changes]


def limit(monkeypatch: pytest.MonkeyPatch, **to: int) -> None:
    limited = Settings(**to)  # type: ignore[arg-type]
    monkeypatch.setattr(changing, "settings", lambda: limited)


async def test_each_change_is_written_down_with_who_what_when_and_its_key(house: House) -> None:
    zhao = house.shopper("赵磊")
    await zhao.says("帮我取消帐篷的订单")
    done = await zhao.presses("确认取消订单")
    again = await zhao.presses("确认取消订单")

    [line] = changes(done)
    order = house.shop.order("赵磊", "三人自动帐篷")
    assert (line.what, line.thing, line.outcome) == ("order_cancel", order.number, "done")
    assert (line.old, line.new) == ("已支付，待发货", "取消订单")
    assert line.amount_fen == order.payments[0].amount_fen
    assert line.customer == IDS["赵磊"]
    assert line.key
    assert changes(again) == []
    assert len(order.refunds) == 1


async def test_an_audit_line_never_holds_an_address_or_a_phone(house: House) -> None:
    chen = house.shopper("陈大明")
    await chen.says("皮带那单地址改成浙江省杭州市西湖区文三路138号，电话13912345678")
    done = await chen.says("确认")

    kept = str([e.body for e in done if e.kind in {Kind.ACTED, Kind.UNDERSTOOD}])
    assert changes(done)[0].new == "改收货地址、联系电话"
    assert "文三路" not in kept
    assert "13912345678" not in kept


async def test_above_the_limit_an_agent_sees_what_is_prepared_approves_it_and_it_is_done_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, approve_above_fen=10_000)
    zhao = house.shopper("赵磊")
    await zhao.says("帮我取消帐篷的订单")
    asked = await zhao.presses("确认取消订单")
    assert "人工同事复核" in told(asked)
    assert handed(asked) == "approval"
    assert house.shop.order("赵磊", "三人自动帐篷").status == "paid"

    packet = make_packet(await house.log.events(zhao.conversation), {})
    assert packet.proposal is not None
    assert packet.proposal.amount_fen == 39890
    waiting = await house.log.state(zhao.conversation)
    state = (await house.log.commit(zhao.conversation, AgentClaims(AGENT, waiting.epoch))).state
    approval = AgentApproves(AGENT, state.epoch, packet.proposal.of)
    await house.log.commit(zhao.conversation, approval)
    with pytest.raises(StaleError):
        await house.log.commit(zhao.conversation, approval)
    before = (await house.log.state(zhao.conversation)).seq
    await house.brain.handle(zhao.conversation, before)
    await house.brain.handle(zhao.conversation, before)

    done = await house.log.events(zhao.conversation, after=before)
    order = house.shop.order("赵磊", "三人自动帐篷")
    assert order.status == "cancelled"
    assert len(order.refunds) == 1
    assert [(line.outcome, line.approved_by) for line in changes(done)] == [("done", "a1")]
    assert "订单已取消" in told(done)
    assert make_packet(await house.log.events(zhao.conversation), {}).proposal is None


async def test_too_many_changes_in_a_day_go_to_a_person(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, changes_per_day=1)
    chen = house.shopper("陈大明")
    await chen.says("皮带那单加个备注：请放门卫处")
    await chen.says("确认")
    await chen.says("皮带那单加个备注：送货前打电话")
    refused = await chen.says("确认")

    assert handed(refused) == "approval"
    assert house.shop.order("陈大明", "商务皮带").remark == "请放门卫处"


async def test_the_days_number_of_changes_counts_the_customer_in_all_conversations_and_channels(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, changes_per_day=2)
    page, another, chat = (house.shopper("陈大明", mark=mark) for mark in ("page", "another", "wechat"))
    chat.channel = "wechat"

    async def remarks(shopper: Shopper, remark: str) -> list[Event]:
        await shopper.says(f"皮带那单加个备注：{remark}")
        return await shopper.says("确认")

    assert handed(await remarks(page, "请放门卫处")) == ""
    await another.says("皮带那单加个备注：不用了")
    await another.says("算了 不改了")  # what is not confirmed does not count
    assert handed(await remarks(another, "放快递柜")) == ""
    house.brain = chat.brain = Brain(
        house.log, Turns(house.project, house.log)
    )  # all of its own is forgotten
    refused = await remarks(chat, "送货前打电话")

    assert handed(refused) == "approval"
    assert "次数已经到上限" in told(refused)
    assert house.shop.order("陈大明", "商务皮带").remark == "放快递柜"
    other = house.shopper("赵磊")
    await other.says("帮我取消帐篷的订单")
    assert handed(await other.presses("确认取消订单")) == ""


async def test_two_conversations_at_the_same_moment_share_the_last_change_that_is_allowed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, changes_per_day=1)
    here, there = (house.shopper("陈大明", mark=mark) for mark in ("here", "there"))
    await here.says("皮带那单加个备注：请放门卫处")
    await there.says("皮带那单加个备注：放快递柜")
    answers = await asyncio.gather(here.says("确认"), there.says("确认"))

    assert sorted(handed(each) for each in answers) == ["", "approval"]


async def test_the_days_limit_of_money_counts_what_went_back_in_another_conversation(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, money_per_day_fen=50_000)
    page, chat = house.shopper("陈大明"), house.shopper("陈大明", mark="wechat")
    await page.says("钱扣了两次怎么回事")
    assert handed(await page.presses("退回 ¥328.90")) == ""
    await chat.says("还有一笔钱扣了没订单")
    refused = await chat.presses("退回 ¥307.80")

    assert handed(refused) == "approval"
    assert len(house.shop.order("陈大明", "机械键盘").refunds) == 1


async def test_of_two_confirmations_at_once_in_two_conversations_one_is_done(house: House) -> None:
    page, chat = house.shopper("赵磊"), house.shopper("赵磊", mark="wechat")
    for one in (page, chat):
        await one.says("帮我取消帐篷的订单")
    await asyncio.gather(page.presses("确认取消订单"), chat.presses("确认取消订单"))

    order = house.shop.order("赵磊", "三人自动帐篷")
    assert (order.status, len(order.refunds)) == ("cancelled", 1)
    assert sorted(line.outcome for one in (page, chat) for line in changes(one.heard)) == ["done", "refused"]


async def test_words_that_say_something_else_are_no_yes(house: House) -> None:
    lin = house.shopper("林小雨")
    await lin.says("跑步鞋尺码小了给我换42的")
    for text in ("要40码那个", "换成41的吧", "可以换43吗", "好像42也不太行"):
        assert changes(await lin.says(text)) == [], text
    assert house.shop.order("林小雨", "缓震跑步鞋").returns == ()


async def test_a_stale_button_does_nothing_that_the_shop_would_not(house: House) -> None:
    zhao = house.shopper("赵磊")
    await zhao.says("帮我取消帐篷的订单")
    await zhao.presses("先不取消")
    await zhao.says("帮我取消帐篷的订单")
    await zhao.says("确认")
    of, offer = await zhao.offered("确认取消订单")
    stale = await zhao.says(Choice(of, offer.id, offer.label))

    assert len(house.shop.order("赵磊", "三人自动帐篷").refunds) == 1
    assert handed(stale) == ""


async def test_a_crash_between_shop_and_log_does_it_once(house: House) -> None:
    zhao = house.shopper("赵磊")
    await zhao.says("帮我取消帐篷的订单")
    commit = house.log.commit
    died = False

    async def dies_once(conversation: str, command: object, **more: object) -> object:
        nonlocal died
        if type(command).__name__ == "BotAnswers" and not died:
            died = True
            raise LogUnavailableError("killed after the shop had done it")
        return await commit(conversation, command, **more)  # type: ignore[arg-type]

    house.log.commit = dies_once  # type: ignore[method-assign, assignment]
    with pytest.raises(LogUnavailableError):
        await zhao.presses("确认取消订单")
    assert house.shop.order("赵磊", "三人自动帐篷").status == "cancelled"
    house.log.commit = commit  # type: ignore[method-assign]

    last = (await house.log.state(zhao.conversation)).seq
    await house.brain.handle(zhao.conversation, last)
    heard = await house.log.events(zhao.conversation, after=last)

    assert "订单已取消" in told(heard)
    assert len(house.shop.order("赵磊", "三人自动帐篷").refunds) == 1
    assert [line.outcome for line in changes(heard)] == ["done"]


async def test_a_shopper_hears_within_two_seconds_that_it_takes_longer_and_then_gets_the_answer_or_a_human(
    houses: Callable[[], AbstractAsyncContextManager[House]],
) -> None:
    async with houses() as house:
        lin = house.shopper("林小雨")
        house.shop.delay(5.0)
        talking = asyncio.create_task(lin.says("耳机的快递到哪了"))
        loop = asyncio.get_running_loop()
        since = loop.time()
        heard: list[Event] = []
        while not heard and loop.time() - since < 4:
            await asyncio.sleep(0.02)
            seen = await house.log.events(lin.conversation)
            heard = [e for e in seen if e.kind is Kind.SAID and e.sender.role is Role.BOT]
        waited = loop.time() - since
        events = await talking

        assert "请稍等" in told(heard)
        assert waited < 2
        words = [e for e in events if e.kind is Kind.SAID and "请稍等…" in told([e])]
        assert len(words) == 1
        assert handed(events) == "platform_failed" or any(isinstance(e.body, CardShown) for e in events)


async def test_the_word_that_it_takes_longer_comes_once_when_the_turn_is_made_again(house: House) -> None:
    lin = house.shopper("林小雨")
    house.shop.delay(1.7)
    commit, failed = house.log.commit, 0

    async def fails_twice(conversation: str, command: object, **more: object) -> object:
        nonlocal failed
        if type(command).__name__ == "BotAnswers" and failed < 1:
            failed += 1
            raise LogUnavailableError("gone for a moment")
        return await commit(conversation, command, **more)  # type: ignore[arg-type]

    house.log.commit = fails_twice  # type: ignore[method-assign, assignment]
    with pytest.raises(LogUnavailableError):
        await lin.says("我有多少积分")
    await house.brain.handle(lin.conversation, 0)
    events = await house.log.events(lin.conversation)

    assert sum("请稍等…" in told([e]) for e in events) == 1
    assert "我的积分" in told(events)
