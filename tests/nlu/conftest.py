"""A small model, trained once from a few written turns."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TURNS = {
    "greet": "你好|您好|在吗|有人在吗|哈喽|早上好|晚上好啊|客服在不在",
    "thanks": "谢谢|谢谢你|多谢啦|好的谢谢|太感谢了|麻烦你了|辛苦了|谢谢亲",
    "affirm": "好的|可以|是的|嗯嗯|对的|行吧|没问题|好的我知道了",
    "request_human": "转人工|我要人工客服|找个真人|叫人工来|接人工|人工服务|不要机器人转人工|我要跟人说话",
    "logistics_track": "我的快递到哪了|帮我查下物流|包裹什么时候到|快递今天能送到吗|查快递|看看货到哪里了|物流到哪一站了|预计几号送到",
    "invoice": "我要开发票|发票怎么开|能开专票吗|电子发票在哪下载|帮我补开发票|发票抬头写错了|开一张增值税发票|发票什么时候寄",
    "return_request": "我要退货|这件不想要了退掉|申请退货|衣服收到了不合适想退|帮我办退货|东西不好我要退|退货|想把鞋子退了",
    "needs_context": "那几点|催一下|怎么样了|多久|怎么弄|在哪里|这个呢|为什么不行",
    "provide_info": "[订单x]|订单号[订单x]|单号是[数字x]|我的电话[电话x]|收货地址[地址x]|[姓名x] [电话x]|订单号 [数字x]|手机号[电话x]",
    "oos": "今天天气怎么样|帮我写首诗|怎么入驻开店|股票能买吗|讲个笑话|商家后台怎么登录|世界杯谁赢了|帮我订机票",
}
AGENT = (
    "-\t您好有什么可以帮您|还有其他问题吗\nlogistics_track\t您的包裹预计明天送达|正在派送了|快递员今天会送|物流显示在路上\n"
    "invoice\t发票五天内开好|电子发票可以下载|要开什么抬头\n"
)
ANGER = (
    '{"text": "什么时候到", "anger": 0}\n{"text": "谢谢你", "anger": 0}\n{"text": "查下物流", "anger": 0}\n'
    '{"text": "怎么操作", "anger": 0}\n{"text": "都几天了还没到", "anger": 1}\n{"text": "怎么还不发货 太慢了", "anger": 1}\n'
    '{"text": "骗子 我要投诉", "anger": 2}\n{"text": "垃圾 骗子 差评投诉", "anger": 2}\n'
)


def trained(folder: Path, turns: dict[str, str] = TURNS) -> Path:
    """The archive of a model trained from these turns with the project's components."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Rasa's dependencies while they are imported
        from rasa.model_training import train_nlu  # noqa: PLC0415

        (folder / "agent.txt").write_text(AGENT, encoding="utf-8")
        (folder / "anger.jsonl").write_text(ANGER, encoding="utf-8")
        lexicon = ROOT / "data/lexicon"
        (folder / "config.yml").write_text(
            f"""recipe: default.v1
assistant_id: small
language: zh
pipeline:
  - name: bot.nlu.normaliser.ShopperNormaliser
  - name: bot.nlu.tokenizer.ShopTokenizer
    lexicon: [{lexicon}/words.txt]
  - name: bot.nlu.entities.ShopEntities
    names: {{courier: {lexicon}/couriers.txt, product: {lexicon}/products.txt}}
  - name: bot.nlu.featurizer.ShopperNgrams
    agent: {folder}/agent.txt
  - name: bot.nlu.classifier.ShopperIntents
    folds: 2
  - name: bot.nlu.anger.ShopperAnger
    examples: {folder}/anger.jsonl
  - name: bot.nlu.decision.ShopperDecision
    acting: [return_request]
policies: []
""",
            encoding="utf-8",
        )
        written = ["version: '3.1'", "nlu:"]
        for intent, examples in turns.items():
            written += [
                f"- intent: {intent}",
                "  examples: |",
                *(f"    - {one}" for one in examples.split("|")),
            ]
        (folder / "nlu.yml").write_text("\n".join(written) + "\n", encoding="utf-8")
        return Path(
            str(train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models")))
        )


@pytest.fixture(scope="session")
def small_turns() -> dict[str, str]:
    """Intent to its turns, with | between, that the small model learned from."""
    return TURNS


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("small")
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
    yield trained(folder)
    del os.environ["RASA_CACHE_DIRECTORY"]


@pytest.fixture(scope="session")
def worse_model(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Path:
    """A model that takes questions about parcels for something else."""
    assert small_model.is_file()
    swapped = {**TURNS, "oos": TURNS["logistics_track"], "logistics_track": TURNS["oos"]}
    return trained(tmp_path_factory.mktemp("worse"), swapped)
