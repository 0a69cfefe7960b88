"""How a title sounds, so that it is found without an input method.

Asked in a process of its own, `python -m bot.console.pinyin TITLE`: pypinyin's dictionaries are 40 MB that
the gateway would hold for ever after.
"""

import asyncio
import sys

import structlog

logger = structlog.get_logger(__name__)

_ANSWER_S = 10.0


async def spelled(title: str) -> str:
    """`退款时效` as `tuikuanshixiao tksx`; "" when it can't be told, and the page's own initials must do."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.console.pinyin", "--", title, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(_ANSWER_S):
            told, _ = await process.communicate()
    except TimeoutError:
        logger.warning("pinyin_untold")
        return ""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return told.decode().strip() if process.returncode == 0 else ""


def sounds(title: str) -> str:
    """The syllables together, and their first letters; of what has no Chinese in it nothing."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - only the process of this module has to hold it

    syllables = [one for one in lazy_pinyin(title, errors="ignore") if one.isalpha()]
    return f"{''.join(syllables)} {''.join(one[0] for one in syllables)}".strip()


if __name__ == "__main__":
    print(sounds(sys.argv[-1]))  # noqa: T201 - its answer
