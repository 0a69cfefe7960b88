"""How the FAQ's encoder is trained, and how a merchant's own is taken."""

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from faq.encoder import STATIC, HubEncoder, StaticEncoder
from faq.entry import FaqError
from faq.knowledge import ENCODER_DIR, TRAINED_FILE, Knowledge, is_stale, read_knowledge, read_trained
from faq.search import load
from faq.text import core

# Imported where it is used: torch and its like take seconds of every process that collects the tests.
# ruff: noqa: PLC0415
TEXTS = ["退货运费谁出", "發票什么时候开？", "", "😀", "我的快递一直不更新 怎么回事", "qwertyuiop"]


@pytest.fixture(scope="module")
def small(knowledge: Knowledge) -> Knowledge:
    return Knowledge(knowledge.entries[::6], knowledge.out_of_scope[:40], STATIC)


@pytest.fixture(scope="module")
def tiny_transformer(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge) -> Path:
    """A BERT of some thousand weights, laid out as any sentence-transformers model on a hub is."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(1)
    home = tmp_path_factory.mktemp("bert")
    signs = sorted(
        {sign for entry in knowledge.entries for text in entry.texts for sign in core(text)} - {" "}
    )
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs]
    (home / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab={sign: at for at, sign in enumerate(vocabulary)})
    tokenizer.save_pretrained(home)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=256,
    )  # fmt: skip
    BertModel(config).save_pretrained(home)
    body = Transformer(str(home))
    whole = tmp_path_factory.mktemp("hub") / "tiny"
    SentenceTransformer(modules=[body, Pooling(32)], device="cpu").save(str(whole), create_model_card=False)
    return whole


def test_static_encoder_gives_what_sentence_transformers_gives(model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    lean = StaticEncoder.load(model / ENCODER_DIR).encode(TEXTS)
    full = SentenceTransformer(str(model / ENCODER_DIR), device="cpu")
    texts = [core(text) for text in TEXTS]
    np.testing.assert_allclose(lean, full.encode(texts, show_progress_bar=False), atol=1e-6)
    assert np.linalg.norm(lean[0]) == pytest.approx(1)
    assert not lean[2].any()


def test_customers_question_is_answered_without_loading_torch(model: Path) -> None:
    code = (
        f"import sys; from faq.search import load; hits = load({str(model)!r}).search('退货运费谁出');"
        "assert hits; print([name for name in ('torch', 'transformers', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_same_entries_give_the_same_encoder(small: Knowledge) -> None:
    from faq.contrast import fit_static

    first, second = fit_static(small.pages), fit_static(small.pages)
    assert np.array_equal(first.weights, second.weights)
    assert first.tokenizer.to_str() == second.tokenizer.to_str()


def test_changed_entry_or_encoder_makes_the_model_stale(tmp_path: Path, small: Knowledge) -> None:
    from faq.train import train

    path = tmp_path / "models" / "faq"
    assert is_stale(path, small)
    train(path, small)
    assert not is_stale(path, small)
    assert not list(path.parent.glob(".faq-*"))

    changed = msgspec.structs.replace(small.entries[0], answer="改了")
    assert is_stale(path, Knowledge((changed, *small.entries[1:]), small.out_of_scope, STATIC))
    assert is_stale(path, Knowledge(small.entries, small.out_of_scope, "some/encoder"))
    with pytest.raises(FaqError, match=r"older than the FAQ's entries.*python -m faq\.train"):
        load(path, Knowledge(small.entries[1:], small.out_of_scope, STATIC))

    (path / TRAINED_FILE).write_text("{", encoding="utf-8")
    assert is_stale(path, small)
    with pytest.raises(FaqError, match=r"no trained FAQ here"):
        load(path, small)


def test_merchants_hub_encoder_reads_the_questions(
    tmp_path: Path, small: Knowledge, tiny_transformer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faq.train import train

    monkeypatch.setenv("XIAOER_FAQ_ENCODER", str(tiny_transformer))
    assert read_knowledge().encoder == str(tiny_transformer)
    knowledge = Knowledge(small.entries, small.out_of_scope, str(tiny_transformer))

    train(tmp_path / "faq", knowledge)
    trained = read_trained(tmp_path / "faq")
    hits = load(tmp_path / "faq", knowledge).search(small.entries[3].phrasings[0])

    assert trained is not None
    assert trained.encoder == str(tiny_transformer)
    assert not (tmp_path / "faq" / ENCODER_DIR).exists()
    assert hits[0].entry == small.entries[3].id


def test_hub_encoder_gives_rows_of_length_one(tiny_transformer: Path) -> None:
    rows = HubEncoder(str(tiny_transformer)).encode(["退货", "发票怎么开"])
    assert rows.shape == (2, 32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1])


def test_encoder_that_is_nowhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(FaqError, match=r"encoder .*nothing-here.* cannot be loaded"):
        HubEncoder(str(tmp_path / "nothing-here"))
