"""Reports: every number from what really happened, with its period before and the conversations behind it."""

from typing import Any

from bot.archive.measures import GROUPS, MEASURES
from bot.conversation import commands
from bot.conversation.bodies import Rated, Reading, Text, Understood

DAY_MS = 86_400_000


async def bot_answers(desk: Any, conversation: str, intent: str, decision: str = "answer") -> None:
    state = await desk.log.state(conversation)
    read = Understood(state.last_customer_seq, intent, 0.9, (Reading(intent, 0.9),), decision=decision)
    answer = commands.BotAnswers(state.last_customer_seq, state.epoch, read, (), (Text("您好"),))
    await desk.log.commit(conversation, answer)


async def a_day_at_the_shop(desk: Any) -> Any:
    """One customer helped by the bot alone, one by an agent whom he rated, one who asked twice."""
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    await desk.customer_says("x1", "包裹到哪了")
    await bot_answers(desk, "x1", "logistics_track")
    await desk.customer_says("x2", "包裹到哪了", id="c2", name="陈晨")
    await bot_answers(desk, "x2", "logistics_track", "ask")
    epoch = await desk.customer_waits("x2", id="c2", name="陈晨")
    _, claimed = await wang.does("claim", "x2", epoch=epoch)
    epoch = claimed["summary"]["epoch"]
    await wang.does("reply", "x2", cid="m", epoch=epoch, body={"type": "text", "text": "在的"})
    await wang.does("close", "x2", epoch=epoch)
    await desk.log.commit("x2", commands.CustomerRates("c:r", Rated(2, ("等太久",))), key="c:r")
    await desk.customer_says("x2", "包裹到底到哪了", id="c2", name="陈晨")
    await bot_answers(desk, "x2", "logistics_track")
    await desk.archived("x1", "x2")
    await desk.parts.reporter.tick()
    return boss


async def report(desk: Any, browser: Any, by: str = "day", **more: str) -> Any:
    now = await desk.log.now()
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    status, content = await browser.gets(f"reports?since={now - DAY_MS}&until={now + 1000}&by={by}{extra}")
    assert status == 200
    return content


async def test_the_measures_say_what_happened(desk: Any) -> None:
    boss = await a_day_at_the_shop(desk)
    total = (await report(desk, boss))["total"]
    assert total["services"] == {"value": 3, "n": 3}
    assert total["automation"] == {"value": 2 / 3, "n": 3}
    assert total["involvement"]["value"] == 1
    assert total["bot_resolution"]["value"] == 2 / 3
    assert total["satisfaction"] == {"value": 0, "n": 1}
    assert total["stars"] == {"value": 2, "n": 1}
    assert total["repeats"] == {"value": 1 / 3, "n": 3}
    assert total["misses"] == {"value": 1 / 4, "n": 4}
    assert total["first_response_p50"]["n"] == 1
    assert 0 <= total["first_response_p50"]["value"] < 5


async def test_the_period_before_is_told_beside_it_and_empty_is_not_nought(desk: Any) -> None:
    boss = await a_day_at_the_shop(desk)
    previous = (await report(desk, boss))["previous"]
    assert previous["services"] == {"value": 0, "n": 0}
    assert previous["satisfaction"] == {"value": None, "n": 0}


async def test_groups_add_up_to_the_whole(desk: Any) -> None:
    boss = await a_day_at_the_shop(desk)
    for by in GROUPS:
        made = await report(desk, boss, by)
        assert sum(row["values"]["services"]["n"] for row in made["rows"]) == 3, by
    only = await report(desk, boss, "agent", reason="asked")
    assert [(row["key"], row["values"]["services"]["n"]) for row in only["rows"]] == [("客服wang", 1)]


async def test_the_conversations_behind_a_number_can_be_opened_the_worst_first(desk: Any) -> None:
    boss = await a_day_at_the_shop(desk)
    now = await desk.log.now()
    path = f"reports/conversations?measure=automation&since={now - DAY_MS}&until={now + 1000}"
    status, content = await boss.gets(path)
    assert status == 200
    assert content["services"][0]["conversation"] == "x2"
    assert content["services"][0]["reason"] == "asked"


async def test_the_table_opens_in_a_spreadsheet_and_no_cell_is_a_formula(desk: Any) -> None:
    await desk.customer_says("x9", "在吗", name="=cmd")
    boss = await a_day_at_the_shop(desk)
    now = await desk.log.now()
    url = f"/api/console/reports.csv?since={now - DAY_MS}&until={now + 1000}&by=agent"
    async with boss.session.get(url) as response:
        text = (await response.read()).decode("utf-8-sig")
    rows = text.splitlines()
    assert rows[0].startswith("agent,服务量,自动化率")
    assert len(rows) == 2 + 3
    assert [row.split(",")[0] for row in rows[-2:]] == ["合计", "上一周期"]
    assert not any(cell.startswith("=") for row in rows for cell in row.split(","))


async def test_how_sure_the_bot_was_is_told_by_day(desk: Any) -> None:
    boss = await a_day_at_the_shop(desk)
    now = await desk.log.now()
    _, content = await boss.gets(f"reports/confidence?since={now - DAY_MS}&until={now + 1000}")
    assert sum(day["n"] for day in content["days"]) == 3
    assert sum(day["decisions"].get("ask", 0) for day in content["days"]) == 1
    assert sum(day["n"] for day in content["before"]) == 0
    async with boss.session.get(
        f"/api/console/reports/confidence.csv?since={now - DAY_MS}&until={now + 1000}"
    ) as one:
        lines = (await one.read()).decode("utf-8-sig").splitlines()
    assert lines[0] == "day,n,confidence,answer,ask,hand_off"
    assert sum(int(line.split(",")[1]) for line in lines[1:]) == 3


async def test_every_measure_has_a_name_and_a_definition_in_both_languages(desk: Any) -> None:
    boss = await desk.agent("boss", "supervisor")
    _, content = await boss.gets("reports/definitions")
    assert [one["id"] for one in content["measures"]] == [measure.id for measure in MEASURES]
    assert all(measure.means_zh and measure.means_en and measure.zh != measure.en for measure in MEASURES)


async def test_the_live_strip_counts_the_line_and_the_promises_at_risk(desk: Any) -> None:
    boss = await desk.agent("boss", "supervisor")
    await desk.customer_waits("x1")
    _, strip = await boss.gets("live")
    assert strip["line"] == 1
    assert strip["longest_wait_ms"] >= 0
    assert set(strip["agents"]) == {"online", "busy", "break", "offline"}


async def test_reports_are_for_who_is_in_charge_and_for_sensible_periods(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    assert (await wang.gets("reports?since=0&until=10"))[0] == 403
    for bad in (
        "",
        "?since=5&until=1",
        "?since=x&until=1",
        "?since=0&until=99999999999999",
        "?since=0&until=9&by=moon",
    ):
        assert (await boss.gets(f"reports{bad}"))[0] == 400


async def test_thrown_away_and_made_anew_the_reports_are_the_same(desk: Any) -> None:
    from sqlalchemy import delete  # noqa: PLC0415

    from bot.archive import tables  # noqa: PLC0415

    boss = await a_day_at_the_shop(desk)
    before = (await report(desk, boss))["total"]
    async with desk.parts.store._database.writing() as connection:
        for table in (tables.services, tables.readings, tables.reported):
            await connection.execute(delete(table))
    await desk.parts.reporter.tick()
    assert (await report(desk, boss))["total"] == before


async def test_a_report_narrowed_to_one_agent_tells_the_same_in_figures_table_and_conversations(
    desk: Any,
) -> None:
    boss = await a_day_at_the_shop(desk)
    now = await desk.log.now()
    period = f"since={now - DAY_MS}&until={now + 1000}"
    _, choices = await boss.gets(f"reports/choices?{period}")
    (wang,) = choices["agent"]
    assert (wang["name"], wang["services"]) == ("客服wang", 1)
    assert [(one["key"], one["services"]) for one in choices["intent"]] == [("logistics_track", 3)]
    assert [one["key"] for one in choices["channel"]] == ["web"]

    only = f"&agent={wang['key']}&channel=web&intent=logistics_track"
    narrowed = await report(desk, boss, "intent", agent=wang["key"])
    assert narrowed["total"]["services"]["value"] == 1
    assert [row["values"]["services"]["value"] for row in narrowed["rows"]] == [1]
    _, behind = await boss.gets(f"reports/conversations?measure=services&by=&{period}{only}")
    assert [one["agent_name"] for one in behind["services"]] == ["客服wang"]
    async with boss.session.get(f"/api/console/reports.csv?by=intent&{period}{only}") as response:
        rows = (await response.text()).splitlines()
    assert rows[1].split(",")[:2] == ["logistics_track", "1.0"]
    assert (await boss.gets(f"reports/conversations?measure=services&{period}&agent=nobody"))[1][
        "services"
    ] == []
