"""Writes that count only once replicas have them, for a Redis whose master may be replaced."""

from typing import Any

from redis.exceptions import NoScriptError, RedisError

_WAIT_MS = 2000


async def run_copied(redis: Any, script: Any, where: list[str], row: list[Any]) -> Any:
    """The script's answer, once `redis.copies` replicas have what it wrote (none of them: at once).

    Raises RedisError when too few have it in time. It may stand in the log all the same: the writer
    tries again with the same id. Both go over one connection, as WAIT is about its own one's writes.
    """
    copies = getattr(redis, "copies", 0)
    command = ("EVALSHA", script.sha, len(where), *where, *row)
    for _ in range(2):
        try:
            if not copies:
                return await redis.execute_command(*command)
            answer, held = await redis.together(command, ("WAIT", copies, _WAIT_MS))
        except NoScriptError:
            await redis.script_load(script.script)
            continue
        if held >= copies:
            return answer
        raise RedisError(f"written, but on {held} of {copies} replicas")
    raise RedisError("the script does not stay loaded")
