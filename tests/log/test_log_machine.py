"""The real log, whatever comes in whatever order: the same message again, writers who race, a Redis that is killed."""

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import RedisServer
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text, Understood
from bot.conversation.events import Event, Role, Sender
from bot.conversation.state import State, fold
from bot.errors import StaleError
from bot.log.connect import connect
from bot.log.leases import Leases
from bot.log.log import Log
from bot.log.retire import Retiring, Upkeep

LIN = Customer("c1", "林小雨", verified=True)
AGENTS = [Sender(Role.AGENT, "a-1", "小王"), Sender(Role.AGENT, "a-2", "小李")]
NAMES = ["x1", "x2", "x3"]
MEMBERS = ["one", "two"]
names = st.sampled_from(NAMES)


class LogMachine(RuleBasedStateMachine):
    """`model` is what every conversation must be; the log is asked after each step."""

    server: RedisServer

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.model: dict[str, list[Event]] = {name: [] for name in NAMES}
        self.ids: dict[tuple[str, str], Event] = {}
        self.archive: dict[str, list[Event]] = {name: [] for name in NAMES}
        self.counter = 0

    @initialize()
    def starts(self) -> None:
        self.server.flush()
        self.opens()

    def opens(self) -> None:
        self.redis = connect(self.server.url)
        self.log = Log(self.redis, 2)
        self.log.older = self  # the archive of this shop is a list
        self.leases = {name: Leases(self.redis, "test", 2, f"{name}:elsewhere:0:x") for name in MEMBERS}

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(coroutine)

    def teardown(self) -> None:
        self.run(self.redis.aclose())
        self.loop.close()

    async def events(self, conversation: str, before: int, limit: int) -> list[Event]:
        return [event for event in self.archive[conversation] if event.seq < before][-limit:]

    async def events_after(self, conversation: str, after: int, limit: int) -> list[Event]:
        return [event for event in self.archive[conversation] if event.seq > after][:limit]

    def commits(self, name: str, *given: Any) -> None:
        """Several commands at once; the model takes what the log says that they came to."""

        async def all_at_once() -> list[Any]:
            return await asyncio.gather(
                *(self.log.commit(name, one) for one in given), return_exceptions=True
            )

        added: dict[int, Event] = {}
        for command, done in zip(given, self.run(all_at_once()), strict=True):
            if isinstance(done, StaleError):
                continue
            if isinstance(done, BaseException):
                raise done
            key = (name, getattr(command, "id", ""))
            if done.repeated:
                known = self.ids.get(key) or next((e for e in added.values() if e.id == key[1]), None)
                assert known is None or done.events == (known,)
                continue
            for event in done.events:
                assert event.seq not in added
                added[event.seq] = event
        self.model[name] += [added[seq] for seq in sorted(added)]
        self.ids |= {(name, event.id): event for event in added.values()}

    @rule(name=names, copies=st.integers(1, 4))
    def a_message_comes(self, name: str, copies: int) -> None:
        self.counter += 1
        said = commands.CustomerSays(f"c:{self.counter}", "web", "demo", LIN, Text(f"第 {self.counter} 句"))
        self.commits(name, *[said] * copies)
        assert (name, said.id) in self.ids

    @rule(name=names)
    def five_come_at_once(self, name: str) -> None:
        self.counter += 5
        said = [
            commands.CustomerSays(f"c:{n}", "web", "demo", LIN, Text("在吗"))
            for n in range(self.counter - 4, self.counter + 1)
        ]
        self.commits(name, *said)

    @rule(data=st.data())
    def an_old_message_comes_again(self, data: Any) -> None:
        known = [key for key in self.ids if key[1].startswith("c:") and not self.archive[key[0]]]
        if known:
            name, cid = data.draw(st.sampled_from(known))
            before = len(self.model[name])
            self.commits(name, commands.CustomerSays(cid, "web", "demo", LIN, Text("换了")))
            assert len(self.model[name]) == before

    @rule(name=names)
    def a_human_is_asked_for_and_two_claim(self, name: str) -> None:
        self.counter += 1
        self.commits(name, commands.CustomerAsksForHuman(f"c:{self.counter}", "web", "demo", LIN))
        epoch = self.run(self.log.state(name)).epoch
        self.commits(name, *(commands.AgentClaims(agent, epoch) for agent in AGENTS))
        assert self.run(self.log.state(name)).owner

    @rule(name=names)
    def the_owner_replies_and_closes(self, name: str) -> None:
        state = self.run(self.log.state(name))
        self.counter += 1
        agent = next((one for one in AGENTS if one.id == state.owner), AGENTS[0])
        reply = commands.AgentReplies(f"a:{self.counter}", agent, state.epoch, Text("您好"))
        self.commits(name, reply, commands.AgentCloses(agent, state.epoch))

    @rule(name=names, times=st.integers(1, 3))
    def as_many_brains_answer(self, name: str, times: int) -> None:
        state = self.run(self.log.state(name))
        of = state.last_customer_seq
        if of:
            answer = commands.BotAnswers(
                of, state.epoch, Understood(of, "chitchat", 0.9), (), (Text("在的"),)
            )
            self.commits(name, *[answer] * times)

    @rule()
    def redis_is_killed(self) -> None:
        self.run(self.redis.aclose())
        self.server.kill()
        self.server.start()
        self.opens()

    @rule(member=st.sampled_from(MEMBERS))
    def a_member_renews_its_leases(self, member: str) -> None:
        self.run(self.leases[member].renew())

    @rule()
    def all_that_rests_leaves_redis(self) -> None:
        async def archived(name: str) -> int:
            self.archive[name] = list(self.model[name])
            return len(self.model[name])

        async def forget(_: str) -> None:
            return None

        async def sweep() -> None:
            later = await self.log.now() + 40 * 86_400_000
            await Retiring(self.log).sweep(later, Upkeep(30, archived, forget))

        # A visitor's would go for good; these are customers.
        self.run(sweep())

    @invariant()
    def the_log_is_what_was_committed(self) -> None:
        if not hasattr(self, "log"):
            return
        for name, events in self.model.items():
            assert self.run(self.log.events(name)) == events
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            state = State(name)
            for event in events:
                state = fold(state, event)
            assert self.run(self.log.state(name)) == state
            owed = name in self.run(self.log.owed(2**60))
            assert owed is bool(state.unanswered_since)

    @invariant()
    def no_partition_has_two_owners(self) -> None:
        if hasattr(self, "leases"):
            held = [self.leases[member].held() for member in MEMBERS]
            assert not held[0] & held[1]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


def test_the_log_keeps_its_word_whatever_comes(own_server: RedisServer) -> None:
    LogMachine.server = own_server
    few = settings(max_examples=8, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(LogMachine, settings=few)
