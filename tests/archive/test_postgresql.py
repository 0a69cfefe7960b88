"""The archive and the accounts on a real PostgreSQL: the same, also after it was away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
from real_servers import PostgreSQL, needs_postgresql

from bot.archive.accounts import Accounts, AgentRole
from bot.archive.database import Database
from bot.archive.faq_book import FaqBook, FaqText, Writer
from bot.archive.follower import Archivist
from bot.archive.hook_book import HookBook
from bot.archive.store import Store
from bot.conversation import commands
from bot.conversation.bodies import Customer, Rated, Text
from bot.conversation.events import Role, Sender
from bot.errors import (
    ArchiveUnavailableError,
    HookTakenError,
    NameTakenError,
    SignInError,
    StaleEntryError,
)
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.log import Log
from bot.settings import Hook

pytestmark = [pytest.mark.servers, needs_postgresql]

LIN = Customer("c1", "林小雨", "钻石", verified=True)
WANG = Sender(Role.AGENT, "a-1", "小王")
PASSWORD = "correct horse 9"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
async def database(server: PostgreSQL) -> AsyncIterator[Database]:
    database = Database(server.url)
    await database.create()
    yield database
    await database.close()


async def says(log: Log, conversation: str, text: str) -> None:
    await log.commit(
        conversation, commands.CustomerSays(f"c:{text.replace(chr(0), '')}", "web", "demo", LIN, Text(text))
    )


async def test_a_conversation_comes_back_from_postgresql_as_it_was(log: Log, database: Database) -> None:
    store = Store(database)
    await says(log, "x1", "我的包裹\x00在哪里 100%")
    await says(log, "x1", "转人工")
    epoch = (await log.state("x1")).epoch
    await log.commit("x1", commands.AgentClaims(WANG, epoch))
    await log.commit("x1", commands.AgentCloses(WANG, epoch + 1))
    await log.commit("x1", commands.CustomerRates("r:1", Rated(5, ("热情",), "很好")))
    archivist = Archivist(log, store)

    await asyncio.gather(*(archivist.handle("x1", last) for last in (6, 3, 6, 1)))

    assert await store.events("x1") == await log.events("x1")
    assert [found.conversation for found in await store.search("包裹")] == ["x1"]
    assert [found.conversation for found in await store.history("c1")] == ["x1"]


async def test_of_two_gateways_that_publish_one_draft_one_does_and_webhooks_are_kept(
    database: Database,
) -> None:
    book, writer = FaqBook(database), Writer("a-9", "王主管", 1)
    text = FaqText("起球\x00吗？", ("会起球吗",), "不会。", "No.", related=("a.b",))
    assert (await book.save("products.own_1", 0, text, writer)).rev == 1
    with pytest.raises(StaleEntryError):
        await book.save("products.own_1", 0, text, writer)
    both = await asyncio.gather(
        *(book.publish("products.own_1", 1, writer) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one) for one in both if isinstance(one, Exception)) == [StaleEntryError]
    await book.withdraw("products.own_1", writer)
    assert (await book.go_back("products.own_1", 1, writer)).text == (await book.versions("products.own_1"))[
        -1
    ].text
    edition, published = await book.published()
    assert (edition, msgspec.json.decode(published)["entries"][0]["question"]) == (3, "起球吗？")

    hooks, hook = HookBook(database, {}), Hook("https://crm.example/x", "s" * 32, ("ticket.opened",))
    await hooks.add("crm", hook, "王主管", 1)
    with pytest.raises(HookTakenError):
        await hooks.add("crm", hook, "王主管", 1)
    await hooks.pause("crm", paused=True)
    assert (await hooks.place("crm")).hook == hook
    await hooks.remove("crm")
    assert await hooks.places() == {}


async def test_the_archive_catches_up_after_postgresql_crashed(
    log: Log, server: PostgreSQL, database: Database
) -> None:
    store = Store(database)
    archivist = Archivist(log, store)
    await says(log, "y1", "第一句")
    await archivist.handle("y1", 2)
    server.stop("immediate")
    try:
        for n in range(700):
            await says(log, "y1", f"停机时第 {n} 句")
        with pytest.raises(ArchiveUnavailableError):
            await store.archived("y1")
        copying = [asyncio.create_task(archivist.handle("y1", last)) for last in (702, 300, 702)]
        await asyncio.sleep(0.3)
        assert not any(task.done() for task in copying)
    finally:
        server.start()
    await asyncio.wait_for(asyncio.gather(*copying), 15)

    assert await store.events("y1") == await log.events("y1", limit=1000)
    assert await store.archived("y1") == 702


async def test_hours_without_postgresql_leave_no_gap_in_any_conversation(
    log: Log, redis: Any, server: PostgreSQL, database: Database
) -> None:
    """Eight hundred events in forty conversations while SQL is down, with the follower that runs in production."""
    store = Store(database)
    archivist = Archivist(log, store)
    leases = Leases(redis, "archive", log.partitions, "one")
    follower = Follower(redis, leases, archivist.handle, archivist.give_up)
    stop = asyncio.Event()
    names = [f"z{n}" for n in range(40)]
    await says(log, names[0], "停机之前")
    following = asyncio.create_task(follower.run(stop))
    async with asyncio.timeout(10):
        while await store.archived(names[0]) < 2:  # noqa: ASYNC110 - it lies in SQL
            await asyncio.sleep(0.02)
    server.stop("immediate")
    try:
        for n in range(20):
            await asyncio.gather(*(says(log, name, f"停机时第 {n} 句") for name in names))
        assert not following.done()
    finally:
        server.start()
    async with asyncio.timeout(40):
        for name in names:
            while await store.archived(name) < (await log.state(name)).seq:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    stop.set()
    await asyncio.wait_for(following, 10)

    for name in names:
        assert await store.events(name) == await log.events(name)


async def test_agents_sign_in_on_postgresql(database: Database) -> None:
    accounts = Accounts(database)
    wang = await accounts.add("wang", AgentRole.AGENT, PASSWORD, "小王")
    with pytest.raises(NameTakenError):
        await accounts.add("wang", AgentRole.ADMIN, PASSWORD)
    with pytest.raises(SignInError):
        await accounts.verify("wang", "wrong one 9")

    token, _ = await accounts.begin_session(await accounts.verify("wang", PASSWORD))
    session = await accounts.session(token)
    assert session is not None
    assert session.agent == wang
    await accounts.end_session(token)
    assert await accounts.session(token) is None
