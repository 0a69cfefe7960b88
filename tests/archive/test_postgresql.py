"""The archive and the accounts on a real PostgreSQL: the same, also after it was away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from real_servers import PostgreSQL, needs_postgresql

from bot.archive.accounts import Accounts, AgentRole
from bot.archive.database import Database
from bot.archive.follower import Archivist
from bot.archive.store import Store
from bot.conversation import commands
from bot.conversation.bodies import Customer, Rated, Text
from bot.conversation.events import Role, Sender
from bot.errors import ArchiveUnavailableError, NameTakenError, SignInError
from bot.log.log import Log

pytestmark = [pytest.mark.servers, needs_postgresql]

LIN = Customer("c1", "林小雨", "钻石", verified=True)
WANG = Sender(Role.AGENT, "a-1", "小王")
PASSWORD = "correct horse 9"


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


async def test_the_archive_catches_up_after_postgresql_crashed(
    log: Log, server: PostgreSQL, database: Database
) -> None:
    store = Store(database)
    archivist = Archivist(log, store)
    await says(log, "y1", "第一句")
    await archivist.handle("y1", 2)
    server.stop("immediate")
    try:
        for n in range(520):
            await says(log, "y1", f"停机时第 {n} 句")
        with pytest.raises(ArchiveUnavailableError):
            await store.archived("y1")
        copying = [asyncio.create_task(archivist.handle("y1", last)) for last in (522, 300, 522)]
        await asyncio.sleep(0.3)
        assert not any(task.done() for task in copying)
    finally:
        server.start()
    await asyncio.wait_for(asyncio.gather(*copying), 15)

    assert await store.events("y1") == await log.events("y1", limit=1000)
    assert await store.archived("y1") == 522


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
