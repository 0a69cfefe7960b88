"""Replies to begin with, of the FAQ and of colleagues; never another customer's own matters."""

from typing import Any


async def answered(desk: Any, agent: Any, conversation: str, asked: str, *replies: str) -> int:
    """A customer asked, and the agent answered; the seq of the last reply."""
    await desk.customer_says(conversation, asked, id=f"c-{conversation}")
    epoch = await desk.customer_waits(conversation, id=f"c-{conversation}")
    await agent.does("claim", conversation, epoch=epoch)
    await desk.customer_says(conversation, asked, id=f"c-{conversation}")
    seq = 0
    for number, text in enumerate(replies):
        body = {"type": "text", "text": text}
        status, said = await agent.does("reply", conversation, cid=str(number), epoch=epoch + 1, body=body)
        assert status == 200
        seq = said["event"]["seq"]
    await desk.archived(conversation)
    return seq


async def suggested(agent: Any, conversation: str) -> list[str]:
    status, found = await agent.gets(f"conversations/{conversation}/suggestions")
    assert status == 200
    return [one["text"] for one in found["suggestions"]]


async def test_the_faq_answers_words_like_its_own_and_a_wish_for_a_human_is_passed_over(desk: Any) -> None:
    wang = await desk.agent("wang")
    await desk.customer_says("x1", "请问发票怎么开呀？怎么开发票")
    await desk.customer_waits("x1")

    _, found = await wang.gets("conversations/x1/suggestions")
    (only,) = found["suggestions"]
    assert (only["source"], only["title"]) == ("faq", "怎么开发票")
    assert (only["text"], found["of"]) == ("电子发票可以在订单详情里申请。", 2)
    await desk.customer_says("x2", "今天天气不错", id="c2")
    assert await suggested(wang, "x2") == []


async def test_a_colleagues_first_answer_to_like_words_is_suggested(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    await answered(desk, wang, "x1", "保温杯可以放洗碗机吗", "杯盖可以，杯身建议手洗。", "还有别的问题吗？")
    await desk.customer_says("x2", "这个保温杯能放洗碗机里吗", id="c2")

    _, found = await li.gets("conversations/x2/suggestions")
    (only,) = found["suggestions"]
    assert (only["text"], only["source"], only["by"]) == ("杯盖可以，杯身建议手洗。", "past", "客服wang")


async def test_nothing_of_another_customer_and_nothing_taken_back_is_suggested(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    await answered(desk, wang, "x1", "我的快递到哪里了", "您的运单号是 SF1234567890，明天到。")
    await answered(desk, wang, "x2", "我的快递到哪里了", "林小雨您好，快递明天到。")
    await answered(desk, wang, "x3", "我的快递到哪里了", "送到望江路 12 号，请留意。")
    seq = await answered(desk, wang, "x4", "我的快递到哪里了", "这句话说错了要撤回。")
    await wang.does("recall", "x4", seq=seq)
    await desk.archived("x4")
    await desk.customer_says("x9", "我的快递到哪里了", id="c9")
    assert await suggested(li, "x9") == []
