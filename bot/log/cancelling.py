"""Makes sure that who is cancelled while he talks to Redis ends."""

import asyncio
from functools import cache
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError


class _Heeding(AbstractConnection):  # type: ignore[misc] # redis is not checked
    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:  # noqa: FBT001, FBT002 - redis-py's own
        """Sends it. Raises RedisError when it can't, and CancelledError when the task was cancelled meanwhile, as it should be.

        redis-py sends with `asyncio.wait_for`, which in Python 3.11 drops a cancellation that comes at the
        moment when the sending is done (gh-86296): an endless loop would run on, and who waits for its end
        would wait for ever.
        """
        task = asyncio.current_task()
        before = task.cancelling() if task else 0  # what a cancelled task still has to clear up is sent
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as error:
            # uvloop's word for a connection that has ended, which redis-py would hand on as it is.
            await self.disconnect(nowait=True)
            raise RedisConnectionError(str(error)) from error
        if task and task.cancelling() > before:
            await self.disconnect(nowait=True)  # nobody will read the answer
            raise asyncio.CancelledError


@cache
def heeding(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """This kind of connection, which never drops the cancellation of who uses it."""
    return type(f"Heeding{kind.__name__}", (_Heeding, kind), {})
