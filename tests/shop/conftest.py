"""The real shop on a real socket, with a clock that tests can turn."""

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from shop.app import make_app
from shop.moments import Moment, whole
from shop.seeding.fill import fill
from shop.settings import Settings
from shop.store import Store

KEY = "key-of-the-shop-in-tests"
SECRET = "secret-of-the-site-in-tests-0123456789"
START = whole(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
DOCUMENT = yaml.safe_load((Path(__file__).parents[2] / "shop" / "openapi.yaml").read_text(encoding="utf-8"))


class Clock:
    """Stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Moment:
        return Moment(self.now)

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


class Shopper:
    """Speaks to the shop's API and checks each answer against openapi.yaml."""

    def __init__(self, client: TestClient[Any, Any], clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.headers = {"Authorization": f"Bearer {KEY}"}
        self._keys = 0

    async def get(self, path: str, code: int = 200, **query: Any) -> Any:
        answer = await self.client.get(path, params=query, headers=self.headers)
        return await self._checked(answer, "get", path, code)

    async def post(self, path: str, body: Any, status: int = 200, key: str = "") -> Any:
        self._keys += 1
        headers = self.headers | {"Idempotency-Key": key or f"key-{self._keys}"}
        answer = await self.client.post(path, json=body, headers=headers)
        return await self._checked(answer, "post", path, status)

    async def _checked(self, answer: ClientResponse, method: str, path: str, status: int) -> Any:
        text = await answer.text()
        assert answer.status == status, text
        value = await answer.json()
        check(operation(path)[method]["responses"][str(status)], value)
        return value

    async def order(self, customer: str, **query: Any) -> str:
        """The number of that customer's newest such order."""
        page = await self.get(f"/api/v1/customers/{customer}/orders", **query)
        return str(page["items"][0]["number"])


def operation(path: str) -> dict[str, Any]:
    """What openapi.yaml says about a path that was asked for; fixed words win over parameters."""
    asked = path.split("/")
    fitting = [
        (sum("{" in part for part in template.split("/")), methods)
        for template, methods in DOCUMENT["paths"].items()
        if len(template.split("/")) == len(asked)
        and all("{" in a or a == b for a, b in zip(template.split("/"), asked, strict=True))
    ]
    found: dict[str, Any] = min(fitting, key=lambda pair: pair[0])[1]
    return found


def check(response: dict[str, Any], value: Any) -> None:
    """Fails unless the value is what that response promises."""
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"] | {"components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded database, to be copied."""
    path = tmp_path_factory.mktemp("seeded") / "shop.db"
    store = Store(path)
    fill(store, Moment(START))
    store.close()
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(seeded: Path, tmp_path: Path) -> Settings:
    shutil.copy(seeded, tmp_path / "shop.db")
    return Settings(api_key=KEY, site_secret=SECRET, data=tmp_path, tick_s=0.05)


@pytest.fixture
async def client(settings: Settings, clock: Callable[[], Moment]) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(make_app(settings, clock))) as opened:
        yield opened


@pytest.fixture
def shopper(client: TestClient[Any, Any], clock: Clock) -> Shopper:
    return Shopper(client, clock)
