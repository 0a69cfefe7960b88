"""A process that follows a log, and dies of certain words: python tests/log/mortal.py REDIS_URL PARTITIONS [again]

What it has served it adds to the Redis stream `served`, what it gave up to `given_up`; with `again` it has that
tried again. Of what is in the Redis set `cured` it dies no more.
"""

import asyncio
import os
import signal
import sys

from bot.conversation.bodies import Text
from bot.log.connect import connect
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.log import Log
from bot.log.member import new_member
from bot.log.reading import Feeds

DEADLY = ("毒", "另一种毒")


async def main(url: str, partitions: int, *, again: bool) -> None:
    redis = connect(url)
    log = Log(redis, partitions)

    async def handle(conversation: str, last: int) -> None:
        await asyncio.sleep(0.05)  # all that is there is in hand before anything is done
        for event in await log.events(conversation):
            if isinstance(event.body, Text) and event.body.text in DEADLY and event.seq == last:
                if await redis.sismember("cured", conversation):
                    continue
                os.kill(os.getpid(), signal.SIGSEGV)
        await redis.xadd("served", {"c": conversation, "z": last})

    async def give_up(conversation: str, last: int, error: Exception) -> bool:
        await redis.xadd("given_up", {"c": conversation, "z": last, "why": type(error).__name__})
        return again

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    leases = Leases(redis, "test", partitions, new_member("test"))
    feeds = Feeds(redis, rests_s=(0.5, 1.0))
    await Follower(redis, leases, handle, give_up, feeds=feeds).run(stop)
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), again="again" in sys.argv[3:]))
