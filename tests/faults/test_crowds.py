"""Faults that come from outside: messages sent twice and out of order, a burst, a browser that is cut, SQL that is away."""

import asyncio
import random
import time
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from real_servers import PostgreSQL, needs_postgresql
from sleeper import Sleeper

from bot.conversation import commands
from bot.conversation.bodies import Text
from bot.conversation.events import Role, Sender
from bot.errors import StaleError
from bot.log.connect import connect
from bot.log.log import Log

from .conftest import Judged
from .crowd import Agent, Crowd
from .harms import Harmed, nothing
from .house import House
from .ledger import Ledger
from .matrix import MESSAGES, endure, row
from .shoppers import Shopper

_RUSH_S = 15.0
_CUT_S = 25.0  # a page that does not read is cut after 20
BOSS = Sender(Role.AGENT, "a-boss", "组长")

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]


async def test_every_message_comes_three_times_and_shuffled(house: House, judged: Judged) -> None:
    """Each shopper has two pages open; everything is sent from both, three times, in any order."""
    ledger = Ledger()
    moment = time.monotonic()

    async def shopper(session: aiohttp.ClientSession) -> None:
        identity = house.identity(f"D{random.getrandbits(40):x}")
        one = Shopper(house, session, ledger, identity)
        one.kept.ordered = False
        await asyncio.gather(*(one.says(f"第 {n} 句", copies=3) for n in random.sample(range(8), 8)))
        await one.leave()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(max(1, MESSAGES // 80)):
            await asyncio.gather(*(shopper(session) for _ in range(10)))
    judged(await row(house, "every message three times, eight at once in any order", ledger, moment))


async def test_a_burst_of_ten_times_the_usual(house: House, judged: Judged) -> None:
    """Ten times as many shoppers, who don't wait for answers; what is refused is refused early."""
    usual = Ledger()
    began = time.monotonic()
    usual_rate = await _rush(house, usual, 12)
    judged(await row(house, f"usual: 12 shoppers who don't wait, {usual_rate:.0f}/s answered", usual, began))

    burst = Ledger()
    began = time.monotonic()
    rate = await _rush(house, burst, 120)
    name = (
        f"burst: 120 who don't wait, {rate:.0f}/s answered ({rate / usual_rate:.0%} of the usual),"
        f" {burst.early_refusals} refused early"
    )
    judged(await row(house, name, burst, began, settle_s=120))


async def _rush(house: House, ledger: Ledger, shoppers: int) -> float:
    """So many send as fast as they may for a while; how many messages a second were answered in it."""
    end = time.monotonic() + _RUSH_S

    async def impatient(session: aiohttp.ClientSession) -> None:
        while time.monotonic() < end:
            shopper = Shopper(house, session, ledger)
            for _ in range(15):
                sent = await shopper.says("怎么退货", patience=90)
                if not sent.acked or time.monotonic() > end:
                    break
            await shopper.hears_back(sent)
            await shopper.leave()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(impatient(session) for _ in range(shoppers)))
    return sum(0 < one.answered < end for one in ledger.all_sent()) / _RUSH_S


async def test_an_agents_browser_is_cut_while_it_sends(house: House, judged: Judged) -> None:
    """Every reply of his goes out twice, over connections that are cut at once; it stands in the log once."""
    crowd = Crowd(house, MESSAGES // 4)
    cut = _CutAgent(house, "li", crowd.ledger)
    working = asyncio.create_task(cut.work())
    try:
        crowd.goes_on = False
        await crowd.run()
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    judged(
        await row(
            house, "agent's connection cut in the midst of every other reply", crowd.ledger, time.monotonic()
        )
    )


class _CutAgent(Agent):
    """His browser loses its connection in the middle of every call that is a reply, and sends it again."""

    async def _post(self, session: aiohttp.ClientSession, path: str, body: object) -> tuple[int, object]:
        if path.endswith("/reply"):
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(0, 0.02)):
                    await super()._post(session, path, body)
        return await super()._post(session, path, body)


async def test_a_slow_consumer(house: House, judged: Judged) -> None:
    """One page of a shopper reads nothing of what comes; it is cut, and neither her other page nor anybody else."""
    identity = house.identity(f"D{random.getrandbits(40):x}")
    sleeper = Sleeper("127.0.0.1", house.ports["gateway"], house.gateway_url)

    async def harm(house: House) -> float:
        own = Ledger()
        client = connect(house.redis_url)
        async with aiohttp.ClientSession() as session:
            reader = Shopper(house, session, own, identity)
            await reader.says("转人工")
            await sleeper.hello(identity)
            moment = time.monotonic()
            for n in range(400):
                await _reply_at_length(house.log(client), reader.kept.conversation, n)
            await asyncio.sleep(max(0.0, moment + _CUT_S - time.monotonic()))
            assert await sleeper.was_cut()
            assert (reader.kept.connections, reader.kept.gaps) == (1, 0)
            assert len(reader.kept.seen) > 400
            await reader.leave()
        await client.aclose()
        return moment

    try:
        judged(await endure(house, "a page that reads nothing, 400 long replies", harm))
    finally:
        sleeper.close()


async def _reply_at_length(log: Log, name: str, n: int) -> None:
    """As a supervisor who takes the conversation from whoever has it by now."""
    for _ in range(20):
        state = await log.state(name)
        with suppress(StaleError):
            if state.owner != BOSS.id:
                state = (await log.commit(name, commands.SupervisorTakes(BOSS, state.epoch))).state
            await log.commit(name, commands.AgentReplies(f"a:{n}", BOSS, state.epoch, Text("长" * 2000)))
            return
    raise AssertionError(state)


@needs_postgresql
async def test_sql_is_away(tmp_path: Path, judged: Judged) -> None:
    """PostgreSQL crashes and stays away while people talk; what waited then stands in it once and whole."""
    server = PostgreSQL()
    server.create()
    server.start()
    house = House(tmp_path, database_url=server.url)
    try:
        await house.start()

        def away(seconds: float) -> Harmed:
            async def harm(_: House) -> float:
                moment = time.monotonic()
                await asyncio.to_thread(server.stop, "immediate")
                await asyncio.sleep(seconds)
                await asyncio.to_thread(server.start)
                return moment

            return harm

        judged(await endure(house, "none (control, on PostgreSQL)", nothing))
        judged(await endure(house, "PostgreSQL crashed and away for 12 s", away(12), settle_s=120))
    finally:
        await house.stop()
        server.remove()
