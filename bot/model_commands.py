"""`xiaoer learn` and `xiaoer models`: teaching the bot, and which of its models is in use."""

import argparse
import json
from pathlib import Path
from typing import Any

from bot.errors import XiaoerError
from bot.settings import read_settings

ROOT = Path(__file__).resolve().parent.parent
REFUSED = 3
"""What `learn` ends with when the new model reads worse and was not kept."""


def add_model_commands(commands: Any) -> None:
    """Adds both to the commands of `xiaoer`, an argparse of subparsers."""
    learn = commands.add_parser("learn", help="teach the bot from your own labelled turns, and train")
    learn.add_argument(
        "file", type=_given, help='lines {"id","text","intent","prev_agent"?,"intent_in_context"?}'
    )
    learn.add_argument("--json", action="store_true", help="tell steps and figures as JSON lines")
    learn.add_argument("--propose", action="store_true", help="let the new model wait for `models publish`")
    learn.set_defaults(run=_learn)
    models = commands.add_parser("models", help="the trained models").add_subparsers(required=True)
    back = models.add_parser("rollback", help="go back to the model before the newest")
    back.set_defaults(run=_rollback)
    publish = models.add_parser("publish", help="let the bot use the model that `learn --propose` made")
    publish.set_defaults(run=_publish)
    discard = models.add_parser("discard", help="put that model away, and what it learned")
    discard.set_defaults(run=_discard)
    sealed = models.add_parser("seal", help="let the brain open models that you trust")
    sealed.add_argument("names", nargs="*", help="archives in models/ (default: the newest)")
    sealed.set_defaults(run=_seal)


def _given(path: str) -> Path:
    return Path(path).resolve()  # before we go to ROOT


def _learn(parsed: argparse.Namespace) -> int:
    from bot.nlu.learn import Place, learn, train_with_rasa  # noqa: PLC0415
    from bot.setting_up.seal import seal  # noqa: PLC0415
    from bot.setting_up.taught import OWN_TURNS  # noqa: PLC0415

    settings = read_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    place = Place(settings.models, settings.data / OWN_TURNS, parsed.propose)

    def say(step: str) -> None:
        if parsed.json:
            print(json.dumps({"step": step}), flush=True)

    lesson = learn(parsed.file, place, train_with_rasa(ROOT), say)
    if lesson.model and not lesson.waits:
        seal(lesson.model, settings.seal_key())
    print(json.dumps(lesson.figures()) if parsed.json else lesson.told())
    return 0 if lesson.model else REFUSED


def _rollback(_: argparse.Namespace) -> None:
    from bot.nlu.learn import roll_back  # noqa: PLC0415
    from bot.setting_up.taught import OWN_TURNS  # noqa: PLC0415

    settings = read_settings()
    model, forgotten = roll_back(settings.models, settings.data / OWN_TURNS)
    turns = f" {forgotten} turns that came with the other were taken out of {OWN_TURNS}." if forgotten else ""
    print(f"In use now: {model.name}. A running bot takes it up within seconds.{turns}")


def _publish(_: argparse.Namespace) -> None:
    from bot.nlu.proposed import publish  # noqa: PLC0415
    from bot.setting_up.taught import OWN_TURNS  # noqa: PLC0415

    settings = read_settings()
    model = publish(settings.models, settings.data / OWN_TURNS, settings.seal_key())
    print(f"Published: {model.name}. A running bot takes it up within seconds.")


def _discard(_: argparse.Namespace) -> None:
    from bot.nlu.proposed import discard  # noqa: PLC0415

    print(f"Put away: {discard(read_settings().models)}. The model in use stays.")


def _seal(parsed: argparse.Namespace) -> None:
    from bot.setting_up.model import newest_model  # noqa: PLC0415
    from bot.setting_up.seal import seal  # noqa: PLC0415

    settings = read_settings()
    names = parsed.names or [newest_model(settings.models).name]
    for name in names:
        archive = settings.models / Path(name).name
        if not archive.is_file():
            raise XiaoerError(f"there is no {archive}")
        print(f"sealed: {seal(archive, settings.seal_key())}")
