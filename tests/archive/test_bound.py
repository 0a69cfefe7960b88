"""Where else a customer may be told the shop's news."""

from bot.archive.bound import BoundElsewhere
from bot.archive.database import Database
from bot.archive.store import Store
from bot.conversation.bodies import Customer, Met
from bot.conversation.events import SYSTEM, Event, Kind
from bot.conversation.state import State, fold


async def test_only_bound_conversations_of_that_customer_at_that_site_and_outside_our_pages(
    store: Store, database: Database
) -> None:
    lin, wang = Customer("c1", "林小雨", verified=True), Customer("c2", "王磊", verified=True)
    met = {
        "wechat-older": Met("wechat", "demo", lin),
        "qq-newer": Met("qq", "demo", lin),
        "web": Met("web", "demo", lin),
        "another-site": Met("wechat", "other", lin),
        "anothers": Met("wechat", "demo", wang),
        "only-says-so": Met("wechat", "demo", Customer("c1", "林小雨")),
    }
    for ts, (conversation, body) in enumerate(met.items(), 1_790_000_000_000):
        event = Event(1, "met:1", Kind.MET, SYSTEM, ts, body)
        await store.write(fold(State(conversation), event), [event])

    found = await BoundElsewhere(database).of("demo", "c1")

    assert found == ["qq-newer", "wechat-older"]
