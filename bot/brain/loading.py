"""From a model archive to a project that makes turns, by the shortest way."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bot.brain.lighter.left_out import left_out

if TYPE_CHECKING:
    from bot.brain.acting import Actions
    from bot.brain.rasa_project import RasaProject


def import_lightly(archive: Path, *, debug: bool = False) -> None:
    """Imports Rasa for this model, with all that makes it lighter. With `debug`, its debug lines stay true."""
    with left_out(archive):
        from bot.brain import rasa_project  # noqa: F401, PLC0415 - this is the moment
        from bot.brain.lighter import answers, applied, calls, event_types, processing, quiet, rules, states  # noqa: PLC0415
    answers.compile_answers()
    calls.tell_as_written()
    event_types.remember_types()
    applied.apply_plainly()
    states.keep_states()
    rules.index_rules()
    processing.spare_processing()
    if not debug:
        quiet.copy_nothing()
    logging.getLogger("rasa").setLevel(logging.DEBUG if debug else logging.WARNING)


def load_project(archive: Path, actions: "Actions") -> "RasaProject":
    """The project of this archive. Raises BrainError, or whatever Rasa raises of a broken one."""
    with left_out(archive):
        from bot.brain.rasa_project import RasaProject  # noqa: PLC0415 - imported above, once

        return RasaProject(archive, actions)
