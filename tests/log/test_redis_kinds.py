"""The same log runs on every kind of Redis that a shop may have: its own, a server's, Sentinel's, a Cluster."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from real_servers import Server, needs_redis, wait_for
from redis.asyncio import Connection
from redis.asyncio.cluster import ClusterNode
from redis.cluster import PRIMARY, REPLICA
from redis.exceptions import ConnectionError as RedisConnectionError, NoPermissionError

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.conversation.events import Role, Sender
from bot.errors import LogUnavailableError, SetupError
from bot.log.board import Board, Claim
from bot.log.cancelling import heeding
from bot.log.changes import Begun, Changes
from bot.log.connect import connect, parse_address
from bot.log.follow import Follower
from bot.log.health import Health, Sign
from bot.log.leases import Leases
from bot.log.live import Live
from bot.log.log import Log
from bot.log.murmurs import Murmur, Murmurs, Typing
from bot.log.trim import KEPT_MS, trim_feeds

pytestmark = [pytest.mark.servers, needs_redis]

PARTITIONS = 8
LIN = Customer("c1", "林小雨")
WANG = Sender(Role.AGENT, "a-1", "小王")
# All that the log may do on a server that it shares; docs/decisions has the same line for operators.
ACL = (
    "user xiaoer on >s3cret:/@ ~xiaoer:* resetchannels -@all +ping +time +scan +wait +command"
    " +evalsha +script|load +get +set +del +exists +expire +pttl +hget +hset +hdel +hgetall +hmget"
    " +zadd +zrem +zrange +zrank +zcard +zrangebyscore +zrevrangebyscore +zremrangebyscore"
    " +zremrangebyrank +xadd +xrange +xrevrange +xread +xtrim +cluster|slots +asking"
)
LOGIN = "xiaoer:s3cret%3A%2F%40"


def says(text: str) -> commands.CustomerSays:
    return commands.CustomerSays(f"c:{text}", "web", "demo", LIN, Text(text))


async def until(done: Any, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110 - what is waited for lies in Redis
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def acl_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("acl"), ACL, "user default off")
    server.start()
    wait_for(lambda: _refuses(server))
    yield server
    server.kill()


def _refuses(server: Server) -> bool:
    from redis.exceptions import AuthenticationError  # noqa: PLC0415

    try:
        server.ask("PING")
    except AuthenticationError:
        return True
    return False


class Watched:
    """A master, its two replicas and three Sentinels, as docs/decisions/0003-kinds-of-redis.md advises."""

    def __init__(self, folder: Any) -> None:
        safe = ("min-replicas-to-write 1", "min-replicas-max-lag 5", "repl-diskless-sync-delay 0", ACL)
        self.master = Server(folder / "master", *safe)
        follows = f"replicaof 127.0.0.1 {self.master.port}"
        self.replicas = [Server(folder / f"replica{n}", follows, *safe) for n in range(2)]
        watching = (
            f"sentinel monitor shop 127.0.0.1 {self.master.port} 2",
            "sentinel down-after-milliseconds shop 1000",
            "sentinel failover-timeout shop 3000",
        )
        self.sentinels = [Server(folder / f"sentinel{n}", *watching, sentinel=True) for n in range(3)]
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"redis+sentinel://{LOGIN}@{hosts}/shop"

    def start(self) -> None:
        self.master.start()
        for replica in self.replicas:
            replica.start()
        wait_for(self._is_copied)
        for sentinel in self.sentinels:
            sentinel.start()
        for sentinel in self.sentinels:
            wait_for(lambda s=sentinel: self._sees_all(s))

    def _is_copied(self) -> bool:
        with self.master.client as client:
            told = client.info("replication")
        return all("online" in str(told.get(f"slave{n}", "")) for n in range(2))

    def _sees_all(self, sentinel: Server) -> bool:
        with sentinel.client as client:
            seen = client.sentinel_masters()["shop"]
        return int(seen["num-other-sentinels"]) == 2 and int(seen["num-slaves"]) == 2

    def kill(self) -> None:
        for server in (*self.sentinels, *self.replicas, self.master):
            server.kill()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    watched = Watched(tmp_path_factory.mktemp("sentinel"))
    watched.start()
    yield watched
    watched.kill()


@pytest.fixture(scope="module")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("cluster")
    lines = ("cluster-enabled yes", "cluster-node-timeout 2000", ACL)
    nodes = [Server(folder / str(n), *lines) for n in range(3)]
    for node in nodes:
        node.start()
    for n, node in enumerate(nodes):
        wait_for(lambda node=node: node.ask("PING"))
        first, last = n * 16384 // 3, (n + 1) * 16384 // 3 - 1
        node.ask("CLUSTER ADDSLOTSRANGE", str(first), str(last))
        node.ask("CLUSTER SET-CONFIG-EPOCH", str(n + 1))
    for node in nodes[1:]:
        nodes[0].ask("CLUSTER MEET", "127.0.0.1", str(node.port))
    for node in nodes:
        wait_for(lambda node=node: _is_whole(node))
    yield f"redis+cluster://{LOGIN}@" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)
    for node in nodes:
        node.kill()


def _is_whole(node: Server) -> bool:
    with node.client as client:
        info = client.execute_command("CLUSTER INFO")
        return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3"


@pytest.fixture(params=["embedded", "acl", "sentinel", "cluster"])
def url(request: pytest.FixtureRequest) -> str:
    match request.param:
        case "embedded":
            return str(request.getfixturevalue("redis_url"))
        case "acl":
            return f"redis://{LOGIN}@127.0.0.1:{request.getfixturevalue('acl_server').port}/0"
        case "sentinel":
            return str(request.getfixturevalue("watched").url)
    return str(request.getfixturevalue("cluster_url"))


@pytest.fixture
async def client(url: str) -> AsyncIterator[Any]:
    client = connect(url)
    yield client
    await client.aclose()


async def test_who_is_cancelled_while_he_talks_to_redis_ends_and_still_clears_up(client: Any) -> None:
    """At whatever step it comes: while he connects, signs in, sends, or waits for news."""
    left = []

    async def read() -> None:
        try:
            await client.xread({"xiaoer:{0}:nothing": "0-0"}, block=1000)
        finally:
            left.append(await client.set("xiaoer:{0}:left", 1))

    for step in range(60):
        reading = asyncio.create_task(read())
        for _ in range(step % 15 + 1):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait({reading}, timeout=60)
        assert reading.cancelled()
        assert left.pop()
    await client.delete("xiaoer:{0}:left")


async def test_a_shop_is_served_whole_on_its_kind_of_redis(client: Any) -> None:
    log = Log(client, PARTITIONS)
    names = [f"x{n}" for n in range(24)]
    assert len({log.partition_of(name) for name in names}) == PARTITIONS
    handled: dict[str, int] = {}
    poked: set[str] = set()
    stop = asyncio.Event()

    async def handle(conversation: str, last: int) -> None:
        handled[conversation] = last

    async def give_up(conversation: str, last: int, error: Exception) -> bool:
        raise AssertionError(conversation) from error

    follower = Follower(client, Leases(client, "test", PARTITIONS, "one"), handle, give_up)
    following = asyncio.create_task(follower.run(stop))
    live = Live(client, PARTITIONS)
    for name in names:
        live.subscribe(name, lambda name=name: poked.add(name))
    tailing = asyncio.create_task(live.run())

    for text in ("在吗", "我的包裹在哪", "转人工"):
        await asyncio.gather(*(log.commit(name, says(text)) for name in names))
    again = await log.commit("x1", says("在吗"))
    assert again.repeated

    for name in names:
        state, events = await log.state(name), await log.events(name)
        assert [event.seq for event in events] == list(range(1, state.seq + 1))
        assert (await log.last_events(name, limit=2)) == events[-2:]
        await log.commit(name, commands.AgentClaims(WANG, state.epoch))
    assert {name async for name in log.conversations()} == set(names)
    await until(lambda: poked == set(names))
    async with asyncio.timeout(60):
        while handled != {name: (await log.state(name)).seq for name in names}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert follower.held == set(range(PARTITIONS))
    assert await log.owed(await log.now()) == []

    later = await log.now() + KEPT_MS + 1000
    gone = 0
    async with asyncio.timeout(60):
        while gone < len(names):  # how far the follower is, is saved now and then
            gone += await trim_feeds(client, PARTITIONS, ["test"], later)
            await asyncio.sleep(0.05)
    stop.set()
    async with asyncio.timeout(60):
        await following
    tailing.cancel()
    await asyncio.wait({tailing}, timeout=60)
    await _forget(client)


async def test_the_desk_sees_its_board_and_who_types_on_its_kind_of_redis(client: Any) -> None:
    board, murmurs, health = Board(client), Murmurs(client), Health(client)
    changes: list[str] = []
    heard: list[Murmur] = []
    murmurs.listen("x1", heard.append)
    loops = [asyncio.create_task(board.watch(changes.append)), asyncio.create_task(murmurs.run())]
    await asyncio.sleep(0.3)

    await board.put("x1", 1, b"one", score=5, owner="", updated=10)
    await board.put("x2", 1, b"two", score=4, owner="", updated=11)
    await board.put("x3", 1, b"three", score=None, owner="a-1", updated=12)
    await board.set_presence("a-1", "busy")
    await board.touch("a-1", 99)
    await board.note_claim("x3", Claim(12, 2))
    await board.mark_built()
    await murmurs.typing("x1", WANG)

    assert await board.line() == ["x2", "x1"]
    assert await board.position("x1") == 2
    assert await board.owned() == {"x3": "a-1"}
    assert [name for name, _ in await board.recent()] == ["x3", "x2", "x1"]
    assert await board.summaries(["x1", "x3"]) == [b"one", b"three"]
    assert (await board.presences())["a-1"].presence == "busy"
    assert await board.claims(0) == [Claim(12, 2)]
    assert await board.is_built()
    await board.clear()
    assert await board.count() == 0
    assert not await board.is_built()
    await until(lambda: {"x1", "x2", "x3", "agent:a-1"} <= set(changes) and heard == [Typing(WANG)])

    await health.say("one", Sign("brain", ready=True, ts=10_000))
    assert list(await health.signs(10_001)) == ["one"]
    assert await health.signs(99_000) == {}
    for loop in loops:
        loop.cancel()
    await asyncio.wait(loops, timeout=60)


async def test_changes_are_counted_by_customer_on_its_kind_of_redis(client: Any, url: str) -> None:
    another = connect(url)  # of another process
    here, there = Changes(client, PARTITIONS), Changes(another, PARTITIONS)
    begun = await asyncio.gather(*((here, there)[n % 2].begin("c-many", f"k{n}") for n in range(8)))

    assert sorted(each.before for each in begun) == list(range(8))
    await there.take_back("c-many", "k3")
    assert await here.begin("c-many", "k8") == Begun(7, new=True)
    assert await there.begin("c-other", "k0") == Begun(0, new=True)
    await another.aclose()


async def test_the_logs_user_can_do_nothing_else(acl_server: Server) -> None:
    client = connect(f"redis://{LOGIN}@127.0.0.1:{acl_server.port}/0")
    for words in (
        ("FLUSHALL",),
        ("CONFIG", "GET", "*"),
        ("KEYS", "*"),
        ("GET", "another:key"),
        ("SHUTDOWN",),
    ):
        with pytest.raises(NoPermissionError):
            await client.execute_command(*words)
    await client.aclose()


async def test_nothing_acknowledged_is_lost_when_the_master_is_killed(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    client = connect(watched.url)
    log = Log(client, PARTITIONS)
    acknowledged: dict[str, list[str]] = {f"f{n}": [] for n in range(8)}
    killed, back = 0.0, 0.0
    clock = asyncio.get_running_loop().time
    enough = asyncio.Event()

    async def write(name: str) -> None:
        nonlocal back
        n = 0
        while not enough.is_set():
            asked = clock()
            try:
                await log.commit(name, says(f"{name} 第 {n} 句"))
            except LogUnavailableError:
                await asyncio.sleep(0.05)  # the customer's widget sends the same message again
                continue
            acknowledged[name].append(f"c:{name} 第 {n} 句")
            n += 1
            if killed and asked > killed and not back:
                back = clock()

    writers = [asyncio.create_task(write(name)) for name in acknowledged]
    await asyncio.sleep(1)
    watched.master.kill()
    killed = clock()
    async with asyncio.timeout(60):
        while not back:  # noqa: ASYNC110 - the one that died stays away: the other replica takes copies
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    enough.set()
    async with asyncio.timeout(60):
        await asyncio.gather(*writers)

    with capsys.disabled():
        print(f"\nfailover: {back - killed:.1f} s, {sum(map(len, acknowledged.values()))} acknowledged")  # noqa: T201
    for name, ids in acknowledged.items():
        events = [e for e in await log.events(name, limit=100_000) if e.id.startswith("c:")]
        assert [event.id for event in events] == ids
    await client.aclose()


class AskedSentinel:
    """What redis-py asks of one; it answers when all who ask have come, if it is up."""

    def __init__(self, port: int, *, up: bool, callers: int = 8) -> None:
        self._port = port
        self._up = up
        self._all = asyncio.Barrier(callers)

    async def sentinel_masters(self) -> dict[str, Any]:
        if not self._up:
            raise RedisConnectionError("down")
        await self._all.wait()
        healthy = {"is_master": True, "is_sdown": False, "is_odown": False, "num-other-sentinels": 2}
        return {"shop": {**healthy, "ip": "127.0.0.1", "port": self._port}}


async def test_no_sentinel_is_forgotten_when_all_ask_at_once() -> None:
    """As at a failover: the first one is down, and every connection looks for the master."""
    client = connect("redis+sentinel://127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/shop")
    sentinel, mine = client.sentinel, list(client.sentinel.sentinels)
    down, up, other = (AskedSentinel(n, up=n > 0) for n in range(3))
    sentinel.sentinels = [down, up, other]

    found = await asyncio.gather(*(sentinel.discover_master("shop") for _ in range(8)))

    assert found == [("127.0.0.1", 1)] * 8
    assert sentinel.sentinels == [up, down, other], "who answered is asked first, and nobody is gone"
    sentinel.sentinels = mine
    await client.aclose()


@pytest.mark.parametrize(
    "url",
    ["redis+sentinel://127.0.0.1:1", "redis+moon://127.0.0.1:1/x", "redis+cluster://", "redis+cluster://h:x"],
)
def test_an_operator_is_told_what_a_redis_url_looks_like(url: str) -> None:
    with pytest.raises(SetupError, match="REDIS_URL"):
        parse_address(url)


async def _forget(client: Any) -> None:
    """The next test on this server starts with no conversations."""
    for partition in range(PARTITIONS):
        async for key in client.scan_iter(match=f"xiaoer:{{p{partition}}}:*", count=1000):
            await client.delete(key)


def test_copies_where_no_write_waits_for_them_are_refused_with_a_sentence() -> None:
    with pytest.raises(SetupError, match="copies is for"):
        connect("redis://127.0.0.1:6379/0?copies=1")


async def test_a_replica_that_was_made_the_master_is_given_the_scripts() -> None:
    """redis-py reads who has the slots, and goes on taking the nodes that it knew for what they were."""
    client = connect("redis+cluster://127.0.0.1:1")
    killed = ClusterNode("127.0.0.1", 1, PRIMARY, **client.connection_kwargs)
    promoted = ClusterNode("127.0.0.1", 2, REPLICA, **client.connection_kwargs)
    client.nodes_manager.nodes_cache = {node.name: node for node in (killed, promoted)}
    told = [
        ClusterNode("127.0.0.1", port, kind, **client.connection_kwargs)
        for port, kind in ((2, PRIMARY), (1, REPLICA))
    ]
    client.nodes_manager.slots_cache = dict.fromkeys(range(3), told)

    client._name_the_masters()

    assert client.get_primaries() == [promoted]
    assert [id(node) for node in client.nodes_manager.slots_cache[0]] == [id(promoted), id(killed)]


class Ended(Connection):  # type: ignore[misc] # redis is not checked
    """As uvloop has it for a moment, when the other side has gone."""

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        raise RuntimeError("the handler is closed")


async def test_a_connection_that_ended_a_moment_ago_is_an_error_of_redis() -> None:
    """It ended the gateway: nobody who talks to Redis expects any other error."""
    with pytest.raises(RedisConnectionError, match="closed"):
        await heeding(Ended)().send_packed_command(b"")


async def test_a_cluster_acknowledges_nothing_that_stands_on_too_few_replicas(cluster_url: str) -> None:
    """Its masters have no replicas: with one copy asked for, the customer is told to try again, and it counts once."""
    asks_for_one, asks_for_none = connect(f"{cluster_url}?copies=1"), connect(cluster_url)

    with pytest.raises(LogUnavailableError, match="0 of 1"):
        await Log(asks_for_one, PARTITIONS).commit("copied", says("在吗"))
    log = Log(asks_for_none, PARTITIONS)
    again = await log.commit("copied", says("在吗"))

    assert again.repeated
    assert [event.id for event in await log.events("copied")].count("c:在吗") == 1
    await _forget(asks_for_none)
    await asks_for_one.aclose()
    await asks_for_none.aclose()
