"""A connection to Redis from its URL: one server, or a Cluster (`redis+cluster://`)."""

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

CLUSTER = "redis+cluster://"


def connect(url: str, *, connections: int = 64) -> Any:
    """A client that answers `str` for nothing and `bytes` for everything; close it with `aclose()`.

    A command may be tried again after a broken connection: every write here is idempotent.
    """
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.02), 4)
    if url.startswith(CLUSTER):
        return RedisCluster.from_url(url.replace(CLUSTER, "redis://", 1), retry=retry)
    # Callers beyond the last connection wait for one; an error would look as if Redis were away.
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=10,
        socket_connect_timeout=2,
        socket_timeout=10,
        retry=retry,
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
        health_check_interval=15,
    )
    return Redis.from_pool(pool)
