"""`python -m shop`: runs the shop until it is told to stop."""

import logging
import os
import sqlite3
import sys
from collections.abc import Sequence

from aiohttp import web

from shop.app import make_app
from shop.errors import SettingsError
from shop.settings import read_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until SIGINT or SIGTERM; 2 when it can't start, with the reason on stderr."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = read_settings(sys.argv[1:] if argv is None else argv, os.environ)
        app = make_app(settings)
    except (SettingsError, sqlite3.Error, OSError) as error:
        sys.stderr.write(f"shop: {error}\n")
        return 2
    try:
        web.run_app(app, host=settings.host, port=settings.port, access_log=None, print=None)
    except OSError as error:
        sys.stderr.write(f"shop: port {settings.port} can't be used ({error.strerror}); choose another.\n")
        return 2
    return 0
