"""Whatever a shopper, a shop or a channel writes stays text."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from .fake_desk import FakeDesk
from .scenes import waiting_talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

Visit = Callable[..., Awaitable[Page]]

CORPUS = [
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg/onload=window.hit=1>",
    "\"><iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "{{constructor.constructor('window.hit=1')()}}",
    "${window.hit=1}",
    "javascript:window.hit=1",
    "<a href=javascript:window.hit=1>点这里</a>",
    "</textarea><script>window.hit=1</script>",
    "@:line.mine {name} %{x} | a | b",
    "&lt;b&gt;实体&lt;/b&gt;",
    "\u202eevil\u202c \u0000\u0007控制",
    "<style>*{display:none}</style>",
    "啊" * 1900,
]


async def test_markup_in_any_field_is_shown_as_the_letters_it_is_made_of(
    visit: Visit, desk: FakeDesk
) -> None:
    talk = waiting_talk(desk)
    nasty = CORPUS[1]
    for n, text in enumerate(CORPUS):
        talk.add("said", {"type": "text", "text": text}, "customer", (nasty, nasty))
        choices = [
            {
                "id": text[:40],
                "label": text,
                "order": {"number": text[:40], "title": text, "status": {"text": text, "tone": "bad"}},
            }
        ]
        talk.add("said", {"type": "choices", "text": text, "choices": choices}, "bot", ("", nasty))
        talk.add("noted", {"text": text}, "agent", ("a", nasty))
        ranking = [{"intent": text, "confidence": 0.5}, {"intent": "x", "label": text, "confidence": 0.1}]
        talk.add("understood", {
            "of": 3 + n, "intent": text, "confidence": 0.5, "ranking": ranking, "anger": 0,
            "entities": [{"entity": text, "value": text}], "decision": text, "reason": text,
        })  # fmt: skip
    card = {
        "kind": nasty, "title": nasty, "image": "javascript:window.hit=1", "status": {"text": nasty, "tone": "bad x"},
        "fields": [{"label": nasty, "value": nasty}], "steps": [{"time": nasty, "text": nasty}],
        "items": [{"name": nasty, "spec": nasty, "image": nasty}], "as_of": nasty, "choices": [{"id": "1", "label": nasty}],
    }  # fmt: skip
    talk.add("said", {"type": "card", "text": nasty, "card": card}, "bot")
    talk.add("handed_off", {"reason": nasty, "note": nasty})
    talk.add("transferred", {"from": "a", "to": "b", "name": nasty, "note": nasty})
    talk.add("rated", {"stars": 5, "reasons": [nasty], "comment": nasty})
    talk.add("an_event_of_next_year", {"what": nasty})
    talk.customer = {"id": nasty, "name": nasty, "level": nasty, "verified": False}
    talk.channel = talk.reason = nasty
    talk.packet = {
        "reason": nasty, "summary": nasty, "intents": [{"intent": nasty, "label": nasty, "confidence": 0.5}],
        "slots": {nasty: nasty, "deep": {"a": [nasty]}}, "tried": [{"seq": 1, "action": nasty, "text": nasty}],
        "orders": [card], "anger": 0.9,
    }  # fmt: skip
    page = await visit()
    await page.locator(".row").first.click()
    await expect(page.get_by_role("log")).to_contain_text(CORPUS[3])
    await page.get_by_role("button", name="接入", exact=True).click()

    for text in CORPUS[:-1]:
        await page.get_by_label("回复", exact=True).fill(text)
        await page.keyboard.press("Enter")
    await expect(page.locator(".said.from-agent")).to_have_count(len(CORPUS) - 1)

    shown = [await said.inner_text() for said in await page.locator(".said.from-agent .text").all()]
    assert shown[0] == CORPUS[0]
    assert shown[4] == CORPUS[4]
    assert await page.evaluate("window.hit") is None
    made = "#console :is(script, iframe, style, a[href^='javascript'], [onerror], [onload], img[src='x'])"
    assert await page.locator(made).count() == 0
