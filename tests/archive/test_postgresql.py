"""The archive and the accounts on a real PostgreSQL: the same, also after it was away."""

import asyncio
from collections.abc import AsyncIterator

import pyotp
import pytest
from real_servers import PostgreSQL, needs_postgresql

from bot.archive.accounts import Accounts, AgentRole
from bot.archive.audit import Audit
from bot.archive.database import Database
from bot.archive.follower import Archivist
from bot.archive.reporter import Reporter
from bot.archive.reports import Reports
from bot.archive.second_factors import SecondFactors, take_factor
from bot.archive.store import Store
from bot.conversation import commands
from bot.conversation.bodies import Customer, Rated, Text
from bot.conversation.events import Role, Sender
from bot.errors import (
    ArchiveUnavailableError,
    NameTakenError,
    SignInError,
    WrongCodeError,
)
from bot.log.follow import Follower
from bot.log.leases import Leases
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
    async with asyncio.timeout(15):
        await asyncio.gather(*copying)

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


async def test_second_factors_the_audit_and_reports_work_on_postgresql(log: Log, database: Database) -> None:
    accounts, factors = Accounts(database), SecondFactors(database, "s" * 32)
    hong = await accounts.add("hong", AgentRole.AGENT, PASSWORD)
    token, _ = await accounts.begin_session(hong)
    await factors.require(of_everybody=True)
    session = await accounts.session(token)
    assert session is not None
    assert session.unsecured
    totp = pyotp.TOTP((await factors.offer(hong.id, "hong")).secret)
    code = totp.now()
    codes = await factors.confirm(hong.id, code)
    with pytest.raises(WrongCodeError):
        await factors.check(hong.id, code)
    tries = await asyncio.gather(
        *(factors.check(hong.id, codes[0]) for _ in range(4)), return_exceptions=True
    )
    assert sum(one is None for one in tries) == 1
    session = await accounts.session(token)
    assert session is not None
    assert not session.unsecured
    await take_factor(database, "hong")
    await factors.require(of_everybody=False)

    audit = Audit(database)
    for n in range(3):
        await audit.note(n, (hong.id, "小红"), "revealed", whom="c1", reason=f"回电{n}\x00")
    assert [one.reason for one in await audit.entries(deed="revealed", limit=2)] == ["回电2", "回电1"]

    store = Store(database)
    await says(log, "x7", "开发票")
    follower = Follower(
        log.redis, Leases(log.redis, "archive7", log.partitions, "me"), Archivist(log, store).handle, _loud
    )
    stop = asyncio.Event()
    running = asyncio.create_task(follower.run(stop))
    async with asyncio.timeout(60):
        while True:
            if await store.archived("x7") >= (await log.state("x7")).seq:
                break
            await asyncio.sleep(0.02)
    stop.set()
    await running
    await Reporter(database).tick()
    now = await log.now()
    made = await Reports(database, "Asia/Kathmandu").report(now - 86_400_000, now + 1000, "day")
    assert made.total["services"].n >= 1
    assert (await Reports(database, "Asia/Kathmandu").confidence(now - 86_400_000, now + 1000))[-1].n == 0


async def _loud(_conversation: str, _last: int, error: Exception) -> None:
    raise error
