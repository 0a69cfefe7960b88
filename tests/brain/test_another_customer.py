"""A chat that is bound to another customer, or to nobody: nothing of the one before is used or shown there."""

from typing import Any

import pytest
from aiohttp import web
from brain_end import CUSTOMER, House, texts

from bot.conversation.bodies import Bound, Choice, Choices, Customer, Means, Offer, Understood
from bot.conversation.commands import CustomerIsBound, HouseAnswers
from bot.desk.packet import make_packet

pytestmark = pytest.mark.model

ORDER = "202611220001"
OTHER = Customer("c2", "陈大明", "普通", verified=True)


async def bound_to(house: House, customer: Customer, how: Any = "link") -> None:
    command = CustomerIsBound(f"bind:{customer.id}", "web", "demo", Bound(customer, how))
    await house.log.commit(house.conversation, command)


async def about_the_order(_: dict[str, Any]) -> web.StreamResponse:
    """The action that found the order keeps it in mind."""
    kept = {"event": "slot", "name": "order_number", "value": ORDER}
    return web.json_response({"events": [kept], "responses": [{"text": f"订单 {ORDER} 在路上"}]})


async def says(house: House, text: str | Choice) -> list[str]:
    """What the bot says to whoever the chat belongs to now."""
    await house.hears(text, None)
    return texts(await house.answers())


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("after", [Customer(), OTHER])
async def test_what_the_bot_remembers_of_one_customer_is_unknown_to_the_next(
    house: House, after: Customer, cached: bool
) -> None:
    house.actions.answer = about_the_order
    await house.says(f"订单{ORDER}的快递到哪了")
    house.actions.answer = house.actions.says("好的")
    await bound_to(house, CUSTOMER, "notices")  # only that he wants to be told: he is the same
    await says(house, "那什么时候到")
    assert house.actions.asked[-1]["tracker"]["slots"]["order_number"] == ORDER

    await bound_to(house, after)
    if not cached:
        house.brain = house.another_brain()
    await says(house, "我的快递到哪了")

    tracker = house.actions.asked[-1]["tracker"]
    assert tracker["latest_message"]["metadata"]["customer"]["id"] == after.id
    assert tracker["slots"]["order_number"] is None
    assert ORDER not in str(tracker)
    state = await house.log.state(house.conversation)
    events = await house.log.events(house.conversation)
    assert make_packet(events, {}).slots["order_number"] == ORDER
    assert ORDER not in str(make_packet(events, {}, since=state.customer_since))


async def test_who_is_bound_for_the_first_time_goes_on_where_he_was(house: House) -> None:
    house.actions.answer = about_the_order
    await house.hears(f"订单{ORDER}的快递到哪了", Customer())
    await house.answers()
    await bound_to(house, CUSTOMER)
    await says(house, "那什么时候到")

    assert house.actions.asked[-1]["tracker"]["slots"]["order_number"] == ORDER


async def test_an_answer_that_was_thought_for_the_one_before_is_never_said(house: House) -> None:
    async def answer(call: dict[str, Any]) -> web.StreamResponse:
        customer = call["tracker"]["latest_message"]["metadata"]["customer"]["id"]
        if customer == CUSTOMER.id:
            await bound_to(house, Customer(), "unbound")
        return web.json_response({"events": [], "responses": [{"text": f"为{customer or '游客'}查到"}]})

    house.actions.answer = answer

    assert texts(await house.says("我的快递到哪了")) == ["为游客查到"]


async def test_an_offer_made_to_the_one_before_means_nothing_any_more(house: House) -> None:
    await house.says("你好")
    means = Means(intent="logistics_track", entities={"order_number": ORDER})
    offered = HouseAnswers("o1", "web", "demo", (Choices("哪一笔？", (Offer("1", "帐篷", means=means),)),))
    [event] = (await house.log.commit(house.conversation, offered)).events
    await bound_to(house, OTHER)

    await says(house, Choice(event.seq, "1", "帐篷"))

    asked = house.actions.asked[-1]["tracker"]
    assert ORDER not in str(asked)
    [*_, last] = [
        e.body for e in await house.log.events(house.conversation) if isinstance(e.body, Understood)
    ]
    assert last.confidence < 1
