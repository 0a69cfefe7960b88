"""What the processes write to their logs: one JSON object a line, without anybody's particulars."""

import logging
import re
import sys
import warnings
from collections.abc import MutableMapping
from typing import Any

import structlog

# Particulars that may hide in a text: phones, long numbers, e-mail addresses, tokens. A model is called by its day.
_PARTICULARS = re.compile(
    r"(?<![0-9A-Za-z])(?!20\d{6}-\d{6}-[a-z])(?:1[3-9]\d{9}|\d{7,}[0-9Xx]?|[A-Za-z]{2,4}\d{9,})(?![0-9A-Za-z])"
    r"|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|(?<=://)[^/@\s]*:[^/@\s]*(?=@)"
)


def masked(text: str) -> str:
    """The text with phones, numbers of orders and parcels, addresses of mail and tokens starred out."""
    return _PARTICULARS.sub("***", text)


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


class _Masking(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = masked(record.getMessage())
        record.args = ()
        return True


def set_up_logs(level: str) -> None:
    """Sends structlog's and the libraries' lines to standard error, masked."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.addFilter(_Masking())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    warnings.simplefilter("ignore")
