"""The wiring of a brain: its model, its actions, its share of the conversations."""

import asyncio
import gc
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.brain.loading import import_lightly, load_project
from bot.brain.models import Models
from bot.errors import RefusedModelError
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.posted import Posted, follow
from bot.log.reading import Feeds
from bot.logs import set_up_logs
from bot.nursery import Nursery
from bot.process import Process, run
from bot.setting_up.actions_place import IN_PROCESS, action_endpoint, actions_place
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.brain.acting import Actions
    from bot.brain.rasa_project import RasaProject

logger = structlog.get_logger(__name__)

BRAIN = "brain"


class Thought:
    """What a brain needs before it can think; made before there is an event loop, so that it can be forked."""

    def __init__(self, settings: Settings) -> None:
        self.models = Models(settings.models, settings.seal_key())
        self._debug = settings.log_level == "debug"
        self._settings = settings
        self._actions: Actions | None = None
        self.project = self.models.open_newest(self._load)
        self.actions = self.project.action_endpoint
        gc.collect()
        gc.freeze()  # the model stays: no need to look through it again and again
        gc.set_threshold(20_000, 20, 20)  # a turn makes thousands of things, and nearly all go by themselves

    def _load(self, archive: Path) -> "RasaProject":
        import_lightly(archive, debug=self._debug)
        self._actions = self._actions or open_actions(self._settings)
        project = load_project(archive, self._actions)
        must_fit(project)
        return project


async def brain(process: Process, thought: Thought | None = None) -> None:
    """Rasa: answers the conversations of the partitions that this process leases."""
    thought = thought or Thought(process.settings)
    from bot.brain.brain import Brain  # noqa: PLC0415 - imports Rasa, which is lighter by now
    from bot.brain.turn import Turns  # noqa: PLC0415

    turns = Turns(thought.project, process.log)
    thinker = Brain(process.log, turns)
    leases = Leases(process.redis, BRAIN, process.settings.partitions, process.member)
    feeds = Feeds(process.redis, process.log.heard)
    follower = Follower(process.redis, leases, thinker.handle, thinker.give_up, feeds=feeds)
    models = thought.models

    async def missing() -> str:
        return "" if follower.held else "waits for its share of the conversations"

    async def load(archive: Path) -> "RasaProject":
        project = await asyncio.to_thread(type(thought.project), archive, thought.actions)
        must_fit(project)
        return project

    def use(project: "RasaProject") -> None:
        turns.take_up(project)

    process.ready_when(missing)
    process.worth_knowing = lambda: models.note
    posted, faq_file = Posted(process.redis), process.settings.data / "faq.json"
    watching = {asyncio.create_task(watch) for watch in (models.watch(load, use), follow(posted, faq_file))}
    try:
        await follower.run(process.stop)
    finally:
        for watch in watching:
            watch.cancel()
        await asyncio.wait(watching)
        await thought.actions.close()


def kept_brain(settings: Settings) -> int:
    """A brain that works in a child of this process, forked when everything is loaded; the exit status."""
    set_up_logs(settings.log_level)
    thought = Thought(settings)

    async def think(process: Process) -> None:
        await brain(process, thought)

    return Nursery(BRAIN, lambda cradle: run(BRAIN, settings, think, cradle)).run()


def must_fit(project: "RasaProject") -> None:
    """Raises RefusedModelError when the model names actions that are not there."""
    known = project.action_endpoint.known()
    if known is None:
        return
    missing = sorted(
        name for name in project.domain.user_actions if name.startswith("action_") and name not in known
    )
    if missing:
        raise RefusedModelError(f"it names actions that don't exist: {', '.join(missing[:5])}")


def open_actions(settings: Settings) -> "Actions":
    """Where the actions run: as XIAOER_ACTIONS_URL says, else as endpoints.yml does."""
    from bot.brain.acting import ActionsWithin, ServedActions  # noqa: PLC0415 - imports Rasa

    more = action_endpoint()
    place = actions_place(settings.actions_url)
    for own in ("url", "type", "package"):
        more.pop(own, None)
    more.setdefault("enable_selective_domain", True)
    if place.startswith(f"{IN_PROCESS}:"):
        within = ActionsWithin(place.removeprefix(f"{IN_PROCESS}:"), **more)
        within.open()
        return within
    return ServedActions(place, **more)
