"""Makes sure that a cancelled loop ends."""

import asyncio


def heed_cancel() -> None:
    """Raises CancelledError in a task that was cancelled; every endless loop calls it once a round.

    `asyncio.wait_for` of Python 3.11, with which redis-py sends, drops a cancellation that comes at the
    moment when the sending is done: without this, such a loop would run on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
