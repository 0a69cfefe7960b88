"""A CRM hears what happened at the desk: signed, once in effect, in order, and without particulars."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.archive.hook_book import HookBook
from bot.archive.postman import Postman
from bot.archive.webhooks import RETRIES_S
from bot.conversation import commands
from bot.conversation.bodies import Rated
from bot.errors import SetupError
from bot.settings import HOOK_EVENTS, Hook, Settings

SECRET = "a secret of the merchant, 32 or more"


class Crm:
    """A merchant's CRM: checks each signature by itself, and answers as it is told to."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.secret = SECRET
        self.heard: list[dict[str, Any]] = []
        self.refused = 0
        self.elsewhere = 0
        app = web.Application()
        app.router.add_post("/xiaoer", self._hear)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        self.server = TestServer(app)

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        signed = request.headers["X-Xiaoer-Timestamp"].encode() + b"." + body
        made = "v1=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made, request.headers["X-Xiaoer-Signature"]):
            self.refused += 1
            return web.Response(status=401)
        status = self.answers.pop(0) if self.answers else 200
        letter = json.loads(body)
        assert request.headers["X-Xiaoer-Event"] == letter["id"]
        if status == 200:
            self.heard.append(letter)
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})

    async def _elsewhere(self, _: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    def types(self) -> list[str]:
        return [letter["type"] for letter in self.heard]


class Post:
    """The desk's postman, with a clock that the test moves."""

    def __init__(
        self, desk: Any, crm: Crm, book: HookBook | None = None, *, inside: bool = True, **changes: Any
    ) -> None:
        hook = Hook(str(crm.server.make_url("/xiaoer")), SECRET)
        self.hooks = {"crm": msgspec.structs.replace(hook, **changes)}
        self.desk = desk
        self.ahead_ms = 0
        self.letters = desk.parts.letters
        book = HookBook(desk.parts.tickets._database, self.hooks) if book is None else book
        self.postman = Postman(self.letters, book, self.now, inside=inside)

    async def now(self) -> int:
        return int(await self.desk.log.now()) + self.ahead_ms

    async def goes_round(self, after_s: int = 0) -> None:
        self.ahead_ms += after_s * 1000
        await self.postman.tick()


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    crm = Crm()
    await crm.server.start_server()
    yield crm
    await crm.server.close()


async def a_service(desk: Any, conversation: str, words: str = "转人工") -> None:
    """A customer is served by an agent who opens a ticket and closes; then he rates."""
    browser = await desk.agent(f"w-{conversation.replace(':', '-')}")
    await desk.customer_says(conversation, words)
    epoch = await desk.customer_waits(conversation)
    assert (await browser.does("claim", conversation, epoch=epoch))[0] == 200
    given = {"category": "order", "title": "少发一件，电话13800138000", "note": "回电13800138000"}
    assert (await browser.does("tickets", conversation, **given))[0] == 200
    epoch = (await desk.log.state(conversation)).epoch
    assert (await browser.does("close", conversation, epoch=epoch))[0] == 200
    await desk.log.commit(
        conversation, commands.CustomerRates("r1", Rated(5, ("quick",), "谢谢，电话13800138000"))
    )
    await desk.archived(conversation)


SERVICE = ["conversation.handed_off", "ticket.opened", "conversation.closed", "conversation.rated"]


async def test_a_crm_hears_a_service_in_order_signed_once_and_without_phones(desk: Any, crm: Crm) -> None:
    post = Post(desk, crm)
    await post.goes_round()
    await a_service(desk, "demo:one")

    await post.goes_round()
    await post.goes_round()

    assert crm.types() == SERVICE
    assert crm.refused == 0
    assert "13800138000" not in json.dumps(crm.heard)
    assert crm.heard[-1]["data"]["stars"] == 5
    assert crm.heard[0]["customer"]["name"] == "林小雨"
    assert (await post.letters.counts()) == {"sent": 4}


async def test_messages_come_only_when_they_are_wanted_and_clear_only_when_that_is_said(
    desk: Any, crm: Crm
) -> None:
    post = Post(desk, crm, events=HOOK_EVENTS, clear=True)
    await post.goes_round()
    await a_service(desk, "demo:one", "我的电话是13800138000")
    await post.goes_round()
    said = [letter["data"]["text"] for letter in crm.heard if letter["type"] == "message.said"]
    assert said[0] == "我的电话是13800138000"
    assert "13800138000" in json.dumps([one for one in crm.heard if one["type"] == "ticket.opened"])


async def test_a_new_hook_is_not_told_of_what_was_before_it(desk: Any, crm: Crm) -> None:
    await a_service(desk, "demo:old")
    await asyncio.sleep(0.01)
    post = Post(desk, crm)
    await post.goes_round()
    assert crm.heard == []


async def test_a_crm_that_fails_and_recovers_gets_each_conversation_in_order(desk: Any, crm: Crm) -> None:
    post = Post(desk, crm)
    await post.goes_round()
    await a_service(desk, "demo:one")
    crm.answers = [500]

    await post.goes_round()
    assert crm.heard == []  # nothing overtakes the first one
    await post.goes_round(after_s=RETRIES_S[0] - 2)
    assert crm.heard == []
    await post.goes_round(after_s=3)

    assert crm.types() == SERVICE


async def test_a_second_postman_after_a_crash_sends_nothing_that_was_taken(desk: Any, crm: Crm) -> None:
    post = Post(desk, crm)
    await post.goes_round()
    await a_service(desk, "demo:one")
    await post.letters.gather(post.hooks, await post.now())  # and here it died
    for _ in range(2):
        await Post(desk, crm).goes_round()
    ids = [letter["id"] for letter in crm.heard]
    assert crm.types() == SERVICE
    assert len(set(ids)) == len(ids)


async def test_a_redirect_is_not_followed(desk: Any, crm: Crm) -> None:
    post = Post(desk, crm)
    await post.goes_round()
    await a_service(desk, "demo:one")
    crm.answers = [302]
    await post.goes_round()
    assert (crm.elsewhere, crm.heard) == (0, [])


async def test_what_is_given_up_is_seen_by_supervisors_who_send_it_again(desk: Any, crm: Crm) -> None:
    post = Post(desk, crm, events=("conversation.rated",))
    await post.goes_round()
    await a_service(desk, "demo:one")
    crm.answers = [503] * (len(RETRIES_S) + 1)
    await post.goes_round()
    for pause in RETRIES_S:
        await post.goes_round(after_s=pause + 1)

    chef = await desk.agent("chef", "supervisor")
    status, shown = await chef.gets("webhooks")
    assert (status, shown["counts"]) == (200, {"dead": 1})
    assert [(one["hook"], one["type"], one["told"]) for one in shown["dead"]] == [
        ("crm", "conversation.rated", "HTTP 503")
    ]
    assert (await (await desk.agent("xiaoli")).posts("webhooks/again", hook="crm"))[0] == 403
    assert await chef.posts("webhooks/again", hook="crm") == (200, {"letters": 1})
    await post.goes_round(after_s=1)
    assert crm.types() == ["conversation.rated"]


async def a_hook(chef: Any, crm: Crm, **changes: Any) -> str:
    """One that is added in the console; its secret, which the CRM now knows."""
    given = {"name": "crm", "url": str(crm.server.make_url("/xiaoer")), "events": ["conversation.rated"]}
    status, told = await chef.posts("webhooks", **given | changes)
    assert status == 200, told
    crm.secret = told["secret"]
    return crm.secret


async def test_a_supervisor_adds_a_crm_whose_secret_is_told_once_and_tries_it(desk: Any, crm: Crm) -> None:
    chef = await desk.agent("chef", "supervisor")
    secret = await a_hook(chef, crm)
    shown = (await chef.gets("webhooks"))[1]
    assert [(one["name"], one["paused"], one["filed"]) for one in shown["hooks"]] == [("crm", False, False)]
    assert secret not in json.dumps(shown)
    assert await chef.posts("webhooks/test", name="crm") == (200, {"told": ""})
    assert crm.types() == ["test"]
    crm.answers = [500]
    assert await chef.posts("webhooks/test", name="crm") == (200, {"told": "HTTP 500"})

    other = (await chef.posts("webhooks/rotate", name="crm"))[1]["secret"]
    assert other != secret
    assert await chef.posts("webhooks/test", name="crm") == (200, {"told": "HTTP 401"})
    crm.secret = other
    assert await chef.posts("webhooks/test", name="crm") == (200, {"told": ""})

    assert (await chef.posts("webhooks", name="crm", url="https://x.example", events=["ticket.opened"]))[
        0
    ] == 409
    for url in ("ftp://crm.example", "https://user:word@crm.example/", "https://", "https://crm:99999/x"):
        status, told = await chef.posts("webhooks", name="other", url=url, events=["ticket.opened"])
        assert (status, told["error"]["code"]) == (400, "hook_address"), url


async def test_a_paused_crm_hears_afterwards_what_happened_and_a_removed_one_nothing(
    desk: Any, crm: Crm
) -> None:
    chef = await desk.agent("chef", "supervisor")
    await a_hook(chef, crm)
    post = Post(desk, crm, desk.parts.hooks)
    assert (await chef.posts("webhooks/pause", name="crm", paused=True))[1]["paused"] is True
    await a_service(desk, "demo:one")
    await post.goes_round()
    assert crm.heard == []
    assert (await chef.posts("webhooks/pause", name="crm", paused=False))[0] == 200
    await post.goes_round()
    assert crm.types() == ["conversation.rated"]

    assert (await chef.posts("webhooks/remove", name="crm"))[0] == 204
    await a_service(desk, "demo:two")
    await post.goes_round()
    assert crm.types() == ["conversation.rated"]
    assert (await chef.posts("webhooks/pause", name="crm", paused=True))[0] == 404


async def test_a_crm_of_the_console_does_not_lead_into_our_own_network(desk: Any, crm: Crm) -> None:
    chef = await desk.agent("chef", "supervisor")
    await a_hook(chef, crm)
    port = crm.server.port
    named = f"http://localhost:{port}/xiaoer"
    assert (await chef.posts("webhooks", name="named", url=named, events=["conversation.rated"]))[0] == 200
    post = Post(desk, crm, desk.parts.hooks, inside=False)
    await a_service(desk, "demo:one")
    await post.goes_round()
    assert (crm.heard, crm.refused) == ([], 0)
    due = await desk.parts.letters.due(["crm", "named"], await post.now() + 10_000)
    assert {one.hook: one.told for one in due} == dict.fromkeys(
        ("crm", "named"), "inner network: XIAOER_HOOKS_INSIDE"
    )


async def test_one_letter_is_sent_again_or_dropped_and_shown_without_particulars(desk: Any, crm: Crm) -> None:
    chef = await desk.agent("chef", "supervisor")
    await a_hook(chef, crm, events=["conversation.rated", "ticket.opened"], clear=True)
    post = Post(desk, crm, desk.parts.hooks)
    await a_service(desk, "demo:one")
    crm.answers = [503] * (2 * len(RETRIES_S) + 2)
    await post.goes_round()
    for pause in (*RETRIES_S, *RETRIES_S, 1):
        await post.goes_round(after_s=pause + 1)
    rated, ticket = sorted((await chef.gets("webhooks"))[1]["dead"], key=lambda one: str(one["type"]))
    assert "13800138000" not in rated["body"] + ticket["body"]
    assert json.loads(rated["body"])["ts"] > 10**12
    which = {name: rated[name] for name in ("hook", "conversation", "seq")}
    assert (await chef.posts("webhooks/drop", **which)) == (200, {"letters": 1})
    assert (await chef.posts("webhooks/again", **which)) == (200, {"letters": 0})
    which = {name: ticket[name] for name in ("hook", "conversation", "seq")}
    assert (await chef.posts("webhooks/again", **which)) == (200, {"letters": 1})
    await post.goes_round(after_s=1)
    assert crm.types() == ["ticket.opened"]
    assert "13800138000" in json.dumps(crm.heard), "this receiver may read them"
    assert (await chef.posts("webhooks/again", hook="crm", conversation="demo:one"))[0] == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://crm.example/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user:word@crm.example/"},
        {"url": "https://"},
        {"secret": "short"},
        {"events": ["conversation.began"]},
        {"colour": "red"},
    ],
)
def test_a_hook_that_is_not_safe_stops_the_start(tmp_path: Path, wrong: dict[str, Any]) -> None:
    path = tmp_path / "hooks.json"
    path.write_text(json.dumps({"crm": {"url": "https://crm.example/x", "secret": SECRET} | wrong}))
    with pytest.raises(SetupError):
        Settings(hooks_file=str(path)).hooks()
