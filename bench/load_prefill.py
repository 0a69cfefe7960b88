"""A long conversation quickly: said straight into the log, where no pace is kept, and answered by the brain."""

import asyncio
from collections.abc import Iterable

from bench.load_people import ANSWER_S, UnansweredError
from bot.conversation.bodies import Text
from bot.conversation.commands import CustomerSays
from bot.log.connect import connect
from bot.log.log import Log

_LOOK_S = 0.002


async def prefill(redis_url: str, partitions: int, conversation: str, texts: Iterable[str]) -> None:
    """One after the other, each once the one before is answered. Raises UnansweredError."""
    redis = connect(redis_url)
    log = Log(redis, partitions)
    try:
        before = await log.state(conversation)
        for number, text in enumerate(texts):
            said = CustomerSays(
                f"c:prefill-{number}", before.channel, before.site, before.customer, Text(text), None
            )
            done = await log.commit(conversation, said)
            async with asyncio.timeout(ANSWER_S):
                state = done.state
                while state.brain < done.state.last_customer_seq:
                    await asyncio.sleep(_LOOK_S)
                    state = await log.state(conversation)
            if state.stage != before.stage:
                raise UnansweredError("handed to a human")
    except TimeoutError as error:
        raise UnansweredError("no answer") from error
    finally:
        await redis.aclose()
