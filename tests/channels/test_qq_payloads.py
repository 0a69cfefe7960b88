"""Payloads in the form of the platform's documents and of NapCat, read as a desk needs them."""

from pathlib import Path

import pytest

from bot.channels.onebot_frames import Answer, Frame, OneBotMessage, Sign, parse_frame
from bot.channels.qq_events import Callback, Picture, QQConsent, QQMessage, parse_callback
from bot.channels.qq_signature import Validation

PAYLOADS = Path(__file__).parent.parent / "payloads"
WHO = "E4F4AEA33253A2797FB897C50B81D7ED"
PICTURE = "https://multimedia.nt.qq.com.cn/download"
NINE = 1795312800

QQ: dict[str, Callback] = {
    "private_text": QQMessage(
        "ROBOT1.0_abc", "C2C_MESSAGE_CREATE:ukylofiqzxwz", WHO, "", "我的快递到哪了", (), NINE * 1000
    ),
    "private_picture": QQMessage(
        "ROBOT1.0_abd",
        "C2C_MESSAGE_CREATE:ukylofiqzxxa",
        "E4F4",
        "",
        "这个坏了",
        (Picture(f"{PICTURE}?appid=1406&fileid=x", "A.jpg", 216314),),
        (NINE + 5) * 1000,
    ),
    "group_at": QQMessage(
        "ROBOT1.0_abe",
        "GROUP_AT_MESSAGE_CREATE:ukylofiqzxxb",
        "55A5",
        "C9F778FE6ADF9D1D1DBE395BF744A33A",
        "有货吗",
        (),
        (NINE + 60) * 1000,
    ),
    "refuses_messages": QQConsent("C2C_MSG_REJECT:1", "E4F4", "", allows=False),
    "validation": Validation("Arq0D5A61EgUu4OxUvOp", "1725442341"),
}
PRIVATE = OneBotMessage(
    "10001", "1733004", NINE, "20002", "", "小雨", "这个[坏]了", (f"{PICTURE}?a=1&b=2",), called=False
)
ONEBOT: dict[str, Frame] = {
    "private_array": PRIVATE,
    "private_string": PRIVATE,
    "group_at": OneBotMessage(
        "10001", "1733004", NINE, "20002", "555", "北京-小雨", "有货吗", (), called=True
    ),
    "heartbeat": Sign("10001", "heartbeat", online=True, every_s=30),
    "connected": Sign("10001", "lifecycle connect"),
    "sent": Answer("xiaoer-1", "ok", 0, "1733010", ""),
    "refused": Answer("xiaoer-2", "failed", 1200, "", "Error: 发送失败"),
}


def test_every_payload_is_spoken_for() -> None:
    assert {path.stem for path in (PAYLOADS / "qq").iterdir()} == QQ.keys()
    assert {path.stem for path in (PAYLOADS / "onebot").iterdir()} == ONEBOT.keys()


@pytest.mark.parametrize("name", QQ)
def test_a_callback_of_qq_is_read(name: str) -> None:
    assert parse_callback((PAYLOADS / "qq" / f"{name}.json").read_bytes()) == QQ[name]


@pytest.mark.parametrize("name", ONEBOT)
def test_a_frame_of_a_bridge_is_read(name: str) -> None:
    assert parse_frame((PAYLOADS / "onebot" / f"{name}.json").read_bytes()) == ONEBOT[name]
