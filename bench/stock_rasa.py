"""Runs in the environment with TensorFlow: trains stock Rasa and reads turns; started by bench/readers.py."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

CONFIG = """recipe: default.v1
assistant_id: stock
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
  - name: DIETClassifier
    epochs: 100
    entity_recognition: false
    random_seed: 7
  - name: FallbackClassifier
    threshold: 0.6
policies: []
"""


async def read(model: str, texts: list[str]) -> tuple[list[dict[str, object]], float]:
    from rasa.core.agent import load_agent  # noqa: PLC0415 - TensorFlow takes 40 s to import

    agent = await load_agent(model)
    await agent.parse_message("你好")
    begun = time.process_time()
    parsed = [await agent.parse_message(text) for text in texts]
    spent = time.process_time() - begun
    reads: list[dict[str, object]] = []
    for one in parsed:
        ranking = [(r["name"], r["confidence"]) for r in one["intent_ranking"] if r["name"] != "nlu_fallback"]
        reads.append({"ranking": ranking, "confident": one["intent"]["name"] != "nlu_fallback"})
    return reads, 1000 * spent / len(texts)


def main(data: str, asked: str, told: str) -> None:
    import structlog  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    from rasa.model_training import train_nlu  # noqa: PLC0415

    Path("config.yml").write_text(CONFIG, encoding="utf-8")
    begun, spent = time.perf_counter(), sum(os.times()[:4])
    model = train_nlu("config.yml", data, "models")
    took, used = time.perf_counter() - begun, sum(os.times()[:4]) - spent
    if not model:
        sys.exit("stock Rasa was not trained")
    reads, per_turn = asyncio.run(read(model, json.loads(Path(asked).read_text(encoding="utf-8"))))
    costs = {
        "train_cpu_s": used,
        "train_s": took,
        "parse_cpu_ms": per_turn,
        "model_mb": Path(model).stat().st_size / 1e6,
    }
    Path(told).write_text(json.dumps({"reads": reads, "costs": costs}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
