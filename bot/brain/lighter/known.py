"""Whether Rasa is the one that the files beside this were written for."""

from functools import cache
from importlib.metadata import version

import structlog

logger = structlog.get_logger(__name__)

KNOWN = "3.6.21"


@cache
def installed() -> str:
    """Rasa's version, without importing it."""
    return version("rasa")


def is_known(change: str) -> bool:
    """Whether `change` may be made. Of an unknown Rasa it says so, and Rasa stays as it came."""
    if installed() == KNOWN:
        return True
    logger.warning(
        "rasa_unknown",
        change=change,
        told=f"this was written for Rasa {KNOWN} and is left out of Rasa {installed()}: slower, not wrong",
    )
    return False
