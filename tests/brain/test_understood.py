"""What the brain makes of a whole turn: two requests in it, and anger that lasts."""

import pytest
from brain_end import House

from bot.conversation.bodies import Understood
from bot.conversation.events import Event

pytestmark = pytest.mark.model

CALM = "我的快递到哪了"


def understood(events: list[Event]) -> Understood:
    return next(event.body for event in events if isinstance(event.body, Understood))


async def test_of_two_requests_the_action_answers_one_and_is_told_the_other(house: House) -> None:
    read = understood(await house.says("我要开发票，另外我的快递到哪了"))

    assert read.decision == "answer"
    assert read.second is not None
    assert {read.intent, read.second.intent} == {"invoice", "logistics_track"}
    told = house.actions.asked[-1]["tracker"]["latest_message"]["second"]
    assert told["intent"] == read.second.intent


async def test_thanks_greetings_and_numbers_around_a_request_are_no_second_one(house: House) -> None:
    for text in ("你好 我要开发票 谢谢", "订单号20251120123456789012，我要开发票", "好的，我要开发票"):
        read = understood(await house.says(text))
        assert (read.intent, read.second) == ("invoice", None), text


async def test_anger_fades_over_the_turns_instead_of_being_forgotten(house: House) -> None:
    alone = understood(await house.says(CALM)).anger
    shouted = understood(await house.says("都几天了还不发货，你们太差劲了，再不发我投诉")).anger
    after = understood(await house.says(CALM)).anger
    later = understood(await house.says(CALM)).anger

    assert shouted > alone
    assert after == pytest.approx(0.6 * alone + 0.4 * shouted, abs=0.01)
    assert alone <= later < after
