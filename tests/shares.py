"""How the tests are shared out between the workers of `make test`: what starts one house stays with one worker.

The longest come first, so that no worker is left alone with one of them at the end.
"""

import pytest
from xdist.scheduler import LoadFileScheduling

# Longest first, as `--durations` told. Their files share what takes seconds to start: a house, a browser, a model.
_ROOMS = (
    "tests/browser/house/",
    "tests/browser/widget/",
    "tests/browser/console/test_looks.py",
    "tests/browser/console/",
    "tests/log/",
    "tests/nlu/",
    "tests/faults/",
    "tests/console/test_api.py",
    "tests/bench/",
    "tests/flows/",
    "tests/channels/test_channels_house.py",
    "tests/faq/",
    "tests/brain/",
    "tests/test_pulse.py",
    "tests/console/test_canned.py",
    "tests/channels/test_wechat.py",
    "tests/console/test_webhooks.py",
    "tests/conversation/",
    "tests/data/",
)


def _room_of(path: str) -> int:
    return next((n for n, room in enumerate(_ROOMS) if path.startswith(room)), len(_ROOMS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _room_of(item.nodeid))


class _ByRoom(LoadFileScheduling):  # type: ignore[misc] # xdist is not checked
    def _split_scope(self, nodeid: str) -> str:
        room = _room_of(nodeid)
        own: str = super()._split_scope(nodeid)
        return _ROOMS[room] if room < len(_ROOMS) else own

    def remove_node(self, node: object) -> str | None:
        """A test that its worker died of has failed; xdist itself would let the next worker die of it too."""
        for tests in self.assigned_work[node].values():
            for nodeid, ended in tests.items():
                if not ended:
                    tests[nodeid] = True
                    super().remove_node(node)
                    return str(nodeid)
        left: str | None = super().remove_node(node)
        return left


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Ours for `--dist loadfile`, which `make test` asks for."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # by number of tests, that is
    return _ByRoom(config, log)
