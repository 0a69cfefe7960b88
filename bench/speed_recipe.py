"""The stock recipe: the project that Rasa's documentation leads a Chinese shop to, from our own data.

Same intents, examples and looked-up answers as ours. What needs no look-up is a response of the domain, as
Rasa's documentation has it, and not a call of the action server: that is in stock's favour. So is what its
default configuration has and this one leaves out (UnexpecTEDIntentPolicy).
"""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from bot.setting_up.inherited import inherited

ROOT = Path(__file__).parent.parent
EPOCHS = 1
"""Of DIET and TED. What a message costs does not depend on how long they were trained."""
_TRAIN_S = 900

CONFIG = f"""recipe: default.v1
assistant_id: stock
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {EPOCHS}
    random_seed: 7
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - name: TEDPolicy
    max_history: 5
    epochs: {EPOCHS}
    random_seed: 7
    constrain_similarities: true
"""

# Paths through a conversation, which TED learns beside the rules; each name is an intent.
_STORIES = (
    ("greet", "logistics_track", "thanks"),
    ("greet", "order_status", "logistics_track", "thanks", "goodbye"),
    ("logistics_track", "logistics_delay", "thanks"),
    ("order_status", "order_urge_ship", "affirm"),
    ("greet", "return_policy", "return_freight", "return_how", "thanks"),
    ("return_request", "refund_progress", "thanks"),
    ("payment_method", "order_status", "invoice", "goodbye"),
    ("price_or_promo", "coupon", "thanks"),
    ("coupon", "membership_points", "goodbye"),
    ("greet", "product_question", "product_stock", "shipping_info"),
    ("shipping_info", "order_urge_ship", "logistics_track"),
    ("quality_complaint", "warranty_or_repair", "request_human"),
    ("bot_challenge", "request_human"),
    ("refund_progress", "payment_deducted", "thanks"),
)
# Actions that say something without looking anything up in the shop.
_ONLY_SAY = frozenset(
    f"action_{name}"
    for name in (
        *("affirm", "ask_reading", "bot_challenge", "chitchat", "deny", "goodbye", "greet", "hand_off"),
        *("knowledge", "needs_context", "oos", "service_complaint", "thanks", "faq_pick"),
    )
)


def write_recipe(folder: Path) -> None:
    """Makes the project in `folder`: config, domain, rules, stories, and our examples."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "data" / "nlu", folder / "data" / "nlu")
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    rules = [
        rule for path in sorted((ROOT / "data" / "rules").glob("*.yml")) for rule in _read(path)["rules"]
    ]
    # A form's rules begin with a condition or a loop: what stock answers is what one message asks.
    plain = [rule for rule in rules if "intent" in rule["steps"][0] and "action" in rule["steps"][1]]
    answers = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in plain}
    answers = {
        intent: f"utter_{intent}" if action in _ONLY_SAY else action for intent, action in answers.items()
    }
    domain = _read(ROOT / "domain.yml")
    domain["actions"] = sorted({action for action in answers.values() if action.startswith("action_")})
    domain["responses"] = {
        action: [{"text": _told(action.removeprefix("utter_"))}]
        for action in answers.values()
        if action.startswith("utter_")
    }
    _write(folder / "domain.yml", domain)
    told = [
        {"rule": intent, "steps": [{"intent": intent}, {"action": action}]}
        for intent, action in answers.items()
    ]
    _write(folder / "data" / "rules.yml", {"version": "3.1", "rules": told})
    stories = [
        {
            "story": " ".join(path),
            "steps": [step for intent in path for step in ({"intent": intent}, {"action": answers[intent]})],
        }
        for path in _STORIES
    ]
    _write(folder / "data" / "stories.yml", {"version": "3.1", "stories": stories})


def _told(intent: str) -> str:
    labels = _read(ROOT / "data" / "labels.yml")
    name = labels.get(intent, {}).get("zh", intent)
    return f"关于{name}：收到，我来为您说明。有需要的话也可以随时转人工客服，我们会尽快为您处理。"


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")


def train_recipe(folder: Path, python: Path) -> Path:
    """The trained stock recipe under `folder`; trained again only when its data or configuration changed."""
    write_recipe(folder / "new")
    digest = _digest(folder / "new")
    made = folder / digest
    if not made.exists():
        words = [str(python), "-m", "rasa", "train", "--augmentation", "0", "--out", "models"]
        env = {
            **inherited(),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONWARNINGS": "ignore",
        }
        with (folder / "train.log").open("wb") as log:
            subprocess.run(
                words, cwd=folder / "new", env=env, check=True, stdout=log, stderr=log, timeout=_TRAIN_S
            )
        (folder / "new").rename(made)
    else:
        shutil.rmtree(folder / "new")
    return next((made / "models").glob("*.tar.gz"))


def _digest(folder: Path) -> str:
    seen = hashlib.sha256()
    for path in sorted(folder.rglob("*.yml")):
        seen.update(path.read_bytes())
    return seen.hexdigest()[:16]
