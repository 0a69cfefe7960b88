"""A house on a real Redis Cluster, and what happens to its nodes: failed over, killed, replaced by a new one."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ports import free_port
from real_servers import wait_for
from redis import Redis
from redis.exceptions import RedisError

from bot.log import keys

from .house import PARTITIONS, House
from .part import Part

_SLOTS = 16_384
_MASTERS = ("redis", "redis2", "redis3")
_AT_ONCE = 500
_LONGEST_MS = 5000


class ClusterHouse(House):
    """Three masters, a replica of each, and a seventh node that stands by; the log has a share on each master."""

    def __init__(self, folder: Path, *, copies: int = 0) -> None:
        super().__init__(folder)
        self.nodes = {name: free_port(10_000) for name in (*_MASTERS, *map(_replica, _MASTERS), "spare")}
        hosts = ",".join(f"127.0.0.1:{self.nodes[name]}" for name in _MASTERS)
        self.redis_url = f"redis+cluster://{hosts}" + (f"?copies={copies}" if copies else "")

    def _stores(self) -> dict[str, Part]:
        found = {}
        for name, port in self.nodes.items():
            folder = self.folder / name
            folder.mkdir(exist_ok=True)
            words = self._redis_words(port, folder)
            words += ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
            words += ["--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"]
            words += ["--cluster-allow-replica-migration", "no"]  # a master without slots stays one
            found[name] = Part(name, words, {}, self.folder / f"{name}.log")
        return found

    async def _set_up_stores(self) -> None:
        await asyncio.to_thread(self._form)

    def node(self, name: str) -> Redis:
        return Redis(port=self.nodes[name], socket_timeout=10)

    def busiest(self) -> str:
        """The master that holds most of the log's partitions; the desk's and the leases' keys count too."""
        homes = [self.master_of(keys.feed(partition)) for partition in range(PARTITIONS)]
        homes.append(self.master_of(keys.LEASES))
        return max(_MASTERS, key=homes.count)

    def master_of(self, key: str) -> str:
        slot = self.ask(_MASTERS[0], "CLUSTER KEYSLOT", key)
        return _MASTERS[min(int(slot) * len(_MASTERS) // _SLOTS, len(_MASTERS) - 1)]

    def ask(self, name: str, *words: Any) -> Any:
        with self.node(name) as client:
            return client.execute_command(*words)

    def identifier(self, name: str) -> str:
        return str(self.ask(name, "CLUSTER MYID").decode())

    def _form(self) -> None:
        for name in self.nodes:
            wait_for(lambda name=name: self.ask(name, "PING"))  # type: ignore[misc]
        for n, name in enumerate(_MASTERS):
            self.ask(name, "CLUSTER ADDSLOTSRANGE", *_share(n))
            self.ask(name, "CLUSTER SET-CONFIG-EPOCH", n + 1)
        for name in (*_MASTERS[1:], *map(_replica, _MASTERS)):
            self.ask(_MASTERS[0], "CLUSTER MEET", "127.0.0.1", self.nodes[name])
        members = [*_MASTERS, *map(_replica, _MASTERS)]
        for name in members:
            wait_for(lambda name=name: self.knows(name, len(members)))  # type: ignore[misc]
        for name in _MASTERS:
            self.ask(_replica(name), "CLUSTER REPLICATE", self.identifier(name))
        for name in members:
            wait_for(lambda name=name: self._is_whole(name))  # type: ignore[misc]

    def knows(self, name: str, count: int) -> bool:
        return len(self.ask(name, "CLUSTER NODES")) == count

    def _is_whole(self, name: str) -> bool:
        with self.node(name) as client:
            told = client.info("replication")
            whole = client.execute_command("CLUSTER INFO")["cluster_state"] == "ok"
        copied = told["role"] == "master" or told["master_link_status"] == "up"
        return whole and copied and (name not in _MASTERS or int(told["connected_slaves"]) > 0)


def failed_over(house: ClusterHouse) -> float:
    """As before a machine is taken away for repair: its replica takes over when it has all that the master has."""
    master = house.busiest()
    moment = time.monotonic()
    house.ask(_replica(master), "CLUSTER FAILOVER")
    wait_for(lambda: house.ask(_replica(master), "ROLE")[0] == b"master")
    return moment


def killed_and_back(house: ClusterHouse) -> float:
    """`kill -9` of a master: the others find it dead, its replica takes over, and later it comes back as a replica."""
    master = house.busiest()
    moment = time.monotonic()
    house.parts[master].kill()
    wait_for(lambda: house.ask(_replica(master), "ROLE")[0] == b"master")
    house.parts[master].start()
    return moment


def replaced(house: ClusterHouse) -> float:
    """A new node takes over a master's slots one by one, with what is in them; then the old one is forgotten."""
    old, new = house.busiest(), "spare"
    others = [name for name in _MASTERS if name != old]
    house.ask(others[0], "CLUSTER MEET", "127.0.0.1", house.nodes[new])
    for name in (old, *others, new):
        wait_for(lambda name=name: house.knows(name, len(house.nodes)))  # type: ignore[misc]
    moment = time.monotonic()
    _move_slots(house, old, new, others)
    leaving = [house.identifier(name) for name in (old, _replica(old))]
    for name in (old, _replica(old)):
        house.parts[name].kill()
    for name in (*others, *map(_replica, others), new):
        for identifier in leaving:
            with suppress(RedisError):  # a replica may have heard of it already
                house.ask(name, "CLUSTER FORGET", identifier)
    return moment


def _move_slots(house: ClusterHouse, old: str, new: str, others: list[str]) -> None:
    mine, its = house.identifier(old), house.identifier(new)
    first, last = _share(_MASTERS.index(old))
    port = house.nodes[new]
    with house.node(old) as source, house.node(new) as target:
        full = [
            slot for slot in range(first, last + 1) if source.execute_command("CLUSTER COUNTKEYSINSLOT", slot)
        ]
        empty = sorted(set(range(first, last + 1)) - set(full))
        lots = [[slot] for slot in full] + [empty[n : n + _AT_ONCE] for n in range(0, len(empty), _AT_ONCE)]
        for lot in lots:
            _all(target, [("CLUSTER SETSLOT", slot, "IMPORTING", mine) for slot in lot])
            _all(source, [("CLUSTER SETSLOT", slot, "MIGRATING", its) for slot in lot])
            for slot in lot:
                while names := source.execute_command("CLUSTER GETKEYSINSLOT", slot, 20):
                    source.execute_command("MIGRATE", "127.0.0.1", port, "", 0, _LONGEST_MS, "KEYS", *names)
            for name in (new, old, *others):
                with house.node(name) as client:
                    _all(client, [("CLUSTER SETSLOT", slot, "NODE", its) for slot in lot])


def _all(client: Redis, commands: list[tuple[Any, ...]]) -> None:
    pipeline = client.pipeline(transaction=False)
    for words in commands:
        pipeline.execute_command(*words)
    pipeline.execute()


def on_a_cluster(does: Callable[[ClusterHouse], float]) -> Callable[[House], Any]:
    """The harm, done beside the talk and not instead of it."""

    async def harm(house: House) -> float:
        assert isinstance(house, ClusterHouse)
        return await asyncio.to_thread(does, house)

    return harm


def _replica(name: str) -> str:
    return f"{name}-replica"


def _share(n: int) -> tuple[int, int]:
    return n * _SLOTS // len(_MASTERS), (n + 1) * _SLOTS // len(_MASTERS) - 1
