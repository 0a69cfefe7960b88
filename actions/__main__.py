"""`python -m actions --port P`: the Rasa SDK's action server on loopback, without Rasa itself."""

import argparse
import logging
import os
import sys

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
# One question is a small sum: BLAS's threads would spin longer than they add up.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import actions
from actions.settings import BadSettingError
from faq.entry import FaqError

HOST = "127.0.0.1"


def main() -> int:
    """Serves until it is stopped; 2 when it is not set up so that it could."""
    # Not at the top: who registers the package's actions imports this file too, and has no server to pay for.
    from rasa_sdk import utils  # noqa: PLC0415
    from rasa_sdk.endpoint import create_app  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m actions", description="the action server of 店小二")
    parser.add_argument("--port", type=int, default=5055)
    port = parser.parse_args().port
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        actions.get_ready()
    except (BadSettingError, FaqError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the person who starts it reads this
        return 2
    app = create_app("actions", cors_origins="")
    utils.update_sanic_log_level()

    @app.after_server_stop  # type: ignore[untyped-decorator]
    async def close(*_: object) -> None:
        await actions.close()

    app.run(HOST, port, workers=1, access_log=False, motd=False, register_sys_signals=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
