"""Where custom actions run: on an action server, or in this process; to Rasa both are an endpoint."""

import importlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.errors import SetupError

IN_PROCESS = "in_process"


class ServedActions(EndpointConfig):  # type: ignore[misc] # Rasa ships no types
    """The action server at `url`. Its connections are kept; Rasa's own endpoint opens one for each call."""

    def __init__(self, url: str, **more: Any) -> None:
        super().__init__(url=url, **more)
        self._kept: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._kept is None or self._kept.closed:
            self._kept = super().session()
        yield self._kept

    @staticmethod
    def known() -> frozenset[str] | None:
        """The names of the actions that it has; None where only the server knows."""
        return None

    async def close(self) -> None:
        """Ends the connections."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None


class ActionsWithin(EndpointConfig):  # type: ignore[misc] # Rasa ships no types
    """The actions of a package, run here by the executor that the action server runs them with.

    What goes in and out is written as JSON and read again: an action gets and gives what it would over
    HTTP, and can't reach into the bot's own memory. What the server would answer with 400, 404 and 500
    is raised as such.
    """

    def __init__(self, package: str, **more: Any) -> None:
        super().__init__(url=f"{IN_PROCESS}:{package}", **more)
        self._executor = ActionExecutor()
        self._package = package

    def open(self) -> None:
        """Imports the package and lets it get ready. Raises SetupError with what is wrong."""
        try:
            module = importlib.import_module(self._package)
            self._executor.register_package(self._package)
            if hasattr(module, "get_ready"):
                module.get_ready()
        except SystemExit as error:  # the SDK's own way, once it has logged which import failed
            raise SetupError(
                f"a module of the package {self._package!r} can't be imported: see above"
            ) from error
        except Exception as error:
            raise SetupError(f"the actions of the package {self._package!r} can't run: {error}") from error

    def known(self) -> frozenset[str] | None:
        """The names of the actions that the package has."""
        return frozenset(self._executor.actions)

    async def request(self, *_: Any, json: Any = None, **__: Any) -> Any:
        """What the package's actions answer to Rasa's call."""
        call = msgspec.json.decode(msgspec.json.encode(json))
        name = call.get("next_action")
        try:
            answer = await self._executor.run(call)
            return msgspec.json.decode(_as_served(answer))
        except ActionExecutionRejection as error:
            raise _refused(400, error) from error
        except ActionNotFoundException as error:
            raise _refused(404, error) from error
        except Exception as error:
            # What it says may quote the shopper.
            raise ClientResponseError(500, f"{name}: {type(error).__name__}", "") from error

    async def close(self) -> None:
        """Lets the package end what it holds."""
        module = importlib.import_module(self._package)
        if hasattr(module, "close"):
            await module.close()


Actions = ServedActions | ActionsWithin
# The server's own writer: what it can't write is refused here too.
_written = json.JSONEncoder(ensure_ascii=False).encode


def _as_served(answer: Any) -> bytes:
    return _written(answer).encode()


def _refused(status: int, error: Any) -> ClientResponseError:
    said = json.dumps({"action_name": error.action_name, "error": str(error)})
    return ClientResponseError(status, type(error).__name__, said)
