"""Conversations of an ordinary afternoon, for tests and for screenshots."""

from datetime import UTC, datetime, timedelta
from typing import Any

from .fake_desk import FakeDesk, Talk, now_ms

MINUTE = 60_000


def minutes_ago(n: float) -> int:
    return now_ms() - int(n * MINUTE)


def order_card(number: str = "202611180042") -> dict[str, Any]:
    """An order under way, three minutes old."""
    return {
        "kind": "order", "title": "云朵保温杯 500ml", "order": number, "image": "/img/cup.svg",
        "status": {"text": "运输中", "tone": "info"},
        "items": [{"name": "云朵保温杯", "spec": "雾蓝 500ml", "quantity": 2, "amount_fen": 11800}],
        "fields": [{"label": "快递", "value": "顺丰 SF1234567890"}],
        "steps": [
            {"time": "2026-11-21T09:10:00+08:00", "text": "到达杭州转运中心", "done": True},
            {"time": "2026-11-20T18:02:00+08:00", "text": "已从上海发出", "done": True},
        ],
        "amount_fen": 11800, "as_of": (datetime.now(UTC) - timedelta(minutes=3)).isoformat(),
    }  # fmt: skip


def waiting_talk(desk: FakeDesk, id_: str = "c-lin", name: str = "林小雨") -> Talk:
    """A customer whom the bot tried to help, and who now waits for a human with everything known so far."""
    talk = Talk(id_, {"id": "u-1001", "name": name, "level": "金卡", "verified": True})
    who = ("u-1001", name)
    yesterday = minutes_ago(60 * 26)
    talk.add("said", {"type": "text", "text": "想问下保温杯能不能进洗碗机"}, "customer", who, yesterday)
    talk.add(
        "said", {"type": "text", "text": "杯盖可以，杯身建议手洗哦。"}, "bot", ("", "小二"), yesterday + 900
    )
    asked = talk.add(
        "said", {"type": "text", "text": "我的包裹两天没动了，到底在哪"}, "customer", who, minutes_ago(6)
    )
    ranking = [
        {"intent": "logistics_delay", "label": "物流延误", "confidence": 0.81},
        {"intent": "logistics_track", "label": "查物流", "confidence": 0.12},
        {"intent": "delivery_not_received", "label": "显示签收未收到", "confidence": 0.03},
    ]
    understood = {
        "of": asked["seq"], "intent": "logistics_delay", "confidence": 0.81, "ranking": ranking,
        "entities": [{"entity": "date", "value": "两天"}], "anger": 0.48, "decision": "answer", "reason": "",
    }  # fmt: skip
    talk.add("understood", understood, "bot", ("", "小二"), minutes_ago(6))
    talk.add(
        "acted", {"of": asked["seq"], "action": "action_track_parcel", "slots": {}}, "bot", ts=minutes_ago(6)
    )
    choices = [
        {"id": "1", "label": "催一催快递"},
        {"id": "2", "label": "申请退款"},
        {"id": "3", "label": "转人工"},
    ]
    card = {**order_card(), "kind": "tracking", "choices": choices}
    offer = talk.add(
        "said",
        {"type": "card", "text": "查到了，包裹在路上：", "card": card},
        "bot",
        ("", "小二"),
        minutes_ago(5.9),
    )
    pressed = {"type": "choice", "of": offer["seq"], "choice": "3", "label": "转人工"}
    talk.add("said", pressed, "customer", who, minutes_ago(2.5))
    talk.add("handed_off", {"reason": "offered"}, ts=minutes_ago(2.4))
    talk.stage, talk.reason, talk.epoch, talk.unread = "waiting", "offered", 2, 1
    talk.waiting_since, talk.anger = minutes_ago(2.4), 0.48
    talk.packet = {
        "reason": "offered", "summary": "客户催问订单 202611180042 的物流，两天没有更新；机器人给了轨迹，客户选择人工。",
        "intents": ranking, "slots": {"order_number": "202611180042", "courier": "顺丰"},
        "tried": [{"seq": offer["seq"], "action": "action_track_parcel", "text": "给出了物流轨迹"}],
        "orders": [order_card()], "anger": 0.48,
    }  # fmt: skip
    desk.talks[id_] = talk
    return talk


def busy_afternoon(desk: FakeDesk) -> None:
    """The line, two chats of 小李, one of 小王, and a few with the bot."""
    waiting_talk(desk)
    rows: list[tuple[str, str, str, str, float, float]] = [
        ("c-chen", "陈建国", "waiting", "complaint", 4.2, 0.9), ("c-zhao", "赵敏", "waiting", "vip", 0.4, 0.0),
        ("c-liu", "刘洋", "waiting", "second_miss", 0.9, 0.1), ("c-wang", "王芳", "human", "asked", 1.4, 0.2),
        ("c-sun", "孙悦", "human", "platform_failed", 0.3, 0.0), ("c-ma", "马一鸣", "other", "anger", 8, 0.7),
        ("c-he", "何静", "bot", "", 12, 0.0), ("c-xu", "", "bot", "", 30, 0.0), ("c-gao", "高远", "closed", "asked", 95, 0.0),
    ]  # fmt: skip
    words = {
        "c-chen": "杯子收到就是裂的，你们这是什么质量，我要投诉", "c-zhao": "发票抬头能改吗", "c-liu": "那个怎么弄",
        "c-wang": "好的，那我等您消息", "c-sun": "退款什么时候到账呀？", "c-ma": "我等了三天了！", "c-he": "有没有红色的",
        "c-xu": "满减怎么算", "c-gao": "谢谢，没问题了",
    }  # fmt: skip
    for id_, name, stage, reason, minutes, anger in rows:
        level = "钻石" if reason == "vip" else "普通"
        talk = Talk(id_, {"id": id_ if name else "", "name": name, "level": level, "verified": bool(name)})
        talk.add("said", {"type": "text", "text": words[id_]}, "customer", (id_, name), minutes_ago(minutes))
        talk.stage, talk.reason, talk.anger, talk.unread = stage.replace("other", "human"), reason, anger, 1
        talk.priority = {"complaint": 5, "vip": 4}.get(reason, 0)
        if stage == "waiting":
            talk.waiting_since = minutes_ago(minutes)
        elif stage in {"human", "other"}:
            mine = stage == "human"
            talk.owner, talk.owner_name = ("a-li", "小李") if mine else ("a-wang", "小王")
        desk.talks[id_] = talk
