"""A connection to Redis from its URL: one server, one behind Sentinel, or a Cluster."""

from copy import copy
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from redis.asyncio import ConnectionPool
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError, TimeoutError as RedisTimeoutError

from bot.errors import SetupError
from bot.log.cancelling import heeding
from bot.log.cluster import Cluster
from bot.log.gathered import Gathered

_SHAPES = (
    "redis://[user:password@]host:port/0, redis+sentinel://[user:password@]host:port,host:port/name"
    " or redis+cluster://[user:password@]host:port,host:port"
)


class Address(msgspec.Struct, frozen=True):
    """Where a Redis is, and who we are there; `name` is Sentinel's for the master."""

    kind: str
    hosts: tuple[tuple[str, int], ...]
    name: str
    who: dict[str, str]
    asked: dict[str, str]
    tls: bool


def connect(url: str, *, connections: int = 64) -> Any:
    """A client that answers `str` for nothing and `bytes` for everything; close it with `aclose()`.

    A command may be tried again after a broken connection: every write here is idempotent.
    Raises SetupError when the URL is of no kind that is known.
    """
    patience: dict[str, Any] = {"socket_connect_timeout": 2, "socket_timeout": 10}
    scheme = url.partition("://")[0]
    if "+" not in scheme and "copies" in dict(parse_qsl(urlsplit(url).query)):
        raise SetupError(
            "REDIS_URL: copies is for redis+sentinel:// and redis+cluster://; a write to one server does not wait"
            " for replicas. Take it out of the URL (docs/decisions/0003-kinds-of-redis.md)"
        )
    if "+" not in scheme:
        pool = ConnectionPool.from_url(url, max_connections=connections, **patience)
        pool.connection_class = heeding(pool.connection_class)
        return Gathered.from_pool(pool)
    address = parse_address(url)
    if address.kind == "sentinel":
        return _behind_sentinel(address, connections, patience)
    tls = {"ssl": True} if address.tls else {}
    nodes = [ClusterNode(host, port) for host, port in address.hosts]
    patience |= {
        "retry": Retry(ExponentialBackoff(cap=0.5, base=0.02), 4),
        "retry_on_error": [RedisConnectionError, RedisTimeoutError],
        "health_check_interval": 15,
    }
    copies = _copies(address, usual=0)
    return Cluster(startup_nodes=nodes, room=connections, copies=copies, **address.who, **tls, **patience)


def parse_address(url: str) -> Address:
    """What a `redis+sentinel://` or `redis+cluster://` URL says (`rediss+…` with TLS)."""
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    logins, _, netloc = parts.netloc.rpartition("@")
    name = parts.path.strip("/")
    known = scheme in {"redis", "rediss"} and kind in {"sentinel", "cluster"}
    try:
        hosts = tuple(_host(host, 26379 if kind == "sentinel" else 6379) for host in netloc.split(","))
    except ValueError:
        hosts = ()
    if not known or not hosts or not all(host for host, _ in hosts) or (kind == "sentinel" and not name):
        raise SetupError(f"REDIS_URL can't be understood; it is {_SHAPES}")
    user, _, password = logins.partition(":")
    who = {"username": unquote(user), "password": unquote(password)}
    return Address(
        kind,
        hosts,
        name,
        {key: value for key, value in who.items() if value},
        dict(parse_qsl(parts.query)),
        scheme == "rediss",
    )


def _host(text: str, usual: int) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    return parts.hostname or "", parts.port or usual


class _Sentinels(Sentinel):  # type: ignore[misc] # redis is not checked
    """Asks whoever answered last first, and forgets none of them.

    redis-py swaps places in one list while several callers go through it, as they all do at a failover: some
    Sentinels are then in it twice and others gone, so that the next failover may find nobody to ask.
    """

    async def discover_master(self, service_name: str) -> Any:
        asking = copy(self)
        asking.sentinels = list(self.sentinels)
        found = await super(_Sentinels, asking).discover_master(service_name)
        self.sentinels.sort(key=lambda one: one is not asking.sentinels[0])
        return found


class _Master(Gathered):
    """The master that Sentinel names. What the log acknowledges stands on `copies` replicas as well."""

    copies: int
    sentinel: Sentinel

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - redis-py's own
        await super().aclose(close_connection_pool)
        for watcher in self.sentinel.sentinels:
            await watcher.aclose()


def _behind_sentinel(address: Address, connections: int, patience: dict[str, Any]) -> Any:
    asked = address.asked
    login = {key: asked[f"sentinel_{key}"] for key in ("username", "password") if f"sentinel_{key}" in asked}
    tls = {"ssl": True} if address.tls else {}
    quick = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    sentinel = _Sentinels(address.hosts, sentinel_kwargs=login | tls | quick)
    for watcher in sentinel.sentinels:
        asking = watcher.connection_pool
        asking.connection_class = heeding(asking.connection_class)
    pool = SentinelConnectionPool(
        address.name, sentinel, max_connections=connections, **address.who, **tls, **patience
    )
    pool.connection_class = heeding(pool.connection_class)
    master = _Master.from_pool(pool)
    master.sentinel = sentinel
    master.copies = _copies(address, usual=1)
    return master


def _copies(address: Address, usual: int) -> int:
    try:
        return int(address.asked.get("copies", usual))
    except ValueError:
        raise SetupError(
            "REDIS_URL: copies is the number of replicas that must have a write, 1 say"
        ) from None
