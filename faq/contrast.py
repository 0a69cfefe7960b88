"""Trains the shop's own static encoder: phrasings of one entry are drawn together, others apart.

sentence-transformers' own trainer needs `datasets`, whose pyarrow does not go with numpy 1.26, so the
loop is ours and the result is saved as a standard sentence-transformers directory.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from faq.encoder import StaticEncoder, Vectors
from faq.index import Page
from faq.text import core

DIMENSIONS = 256
STEPS = 120
_VOCABULARY = 4_000
_RATE = 0.01
_SHARPNESS = 4.0
_FORGET = 0.3  # tokens left out of each text at each step, so that no single one decides
_SEED = 20


def fit_static(pages: Sequence[Page]) -> StaticEncoder:
    """An encoder trained on what the pages say; the same pages give the same encoder."""
    plain_groups = [[core(text) for text in page.sayings] for page in pages]
    tokenizer = _tokenizer([text for group in plain_groups for text in group])
    return StaticEncoder(tokenizer, _weights(tokenizer, plain_groups))


def save_static(encoder: StaticEncoder, path: Path) -> None:
    """The encoder as a directory that `SentenceTransformer(path)` opens."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - folds need no such import
    from sentence_transformers.sentence_transformer.modules import (  # noqa: PLC0415
        Normalize,
        StaticEmbedding,
    )

    static = StaticEmbedding(encoder.tokenizer, embedding_weights=encoder.weights)
    SentenceTransformer(modules=[static, Normalize()], device="cpu").save(str(path), create_model_card=False)


def _tokenizer(texts: Sequence[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))  # noqa: S106 - a token of text, no secret
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        min_frequency=3,
        special_tokens=["[UNK]"],
        max_token_length=4,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _weights(tokenizer: Tokenizer, groups: Sequence[Sequence[str]]) -> Vectors:
    torch.set_num_threads(
        1
    )  # small sums: threads cost more than they give, and one adds up the same each time
    draw = random.Random(_SEED)  # noqa: S311 - repeatable, not secret
    torch.manual_seed(_SEED)
    bag = torch.nn.EmbeddingBag(tokenizer.get_vocab_size(), DIMENSIONS)
    torch.nn.init.normal_(bag.weight, std=DIMENSIONS**-0.5)
    adam = torch.optim.Adam(bag.parameters(), lr=_RATE)
    slower = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.1, STEPS)
    ids = [
        [encoding.ids for encoding in tokenizer.encode_batch(list(group), add_special_tokens=False)]
        for group in groups
    ]
    ids = [[text for text in group if text] for group in ids]
    ids = [group for group in ids if len(group) > 1]
    target = torch.arange(len(ids))
    for _ in range(STEPS):
        pairs = [draw.sample(group, 2) for group in ids]
        sides = [_bagged(bag, [_forgetful(pair[side], draw) for pair in pairs]) for side in (0, 1)]
        likeness = _SHARPNESS * sides[0] @ sides[1].T
        both = torch.nn.functional.cross_entropy
        loss = (both(likeness, target) + both(likeness.T, target)) / 2
        adam.zero_grad()
        loss.backward()
        adam.step()
        slower.step()
    weights: Vectors = bag.weight.detach().numpy().astype(np.float32)
    # A character that no phrasing has must not pull a question anywhere.
    weights[tokenizer.token_to_id("[UNK]")] = 0
    return weights


def _forgetful(ids: Sequence[int], draw: random.Random) -> list[int]:
    return [one for one in ids if draw.random() > _FORGET] or list(ids)


def _bagged(bag: torch.nn.EmbeddingBag, texts: Sequence[Sequence[int]]) -> torch.Tensor:
    starts = np.cumsum([0, *(len(text) for text in texts[:-1])])
    flat = torch.tensor([one for text in texts for one in text])
    return torch.nn.functional.normalize(bag(flat, torch.from_numpy(starts)), dim=1)
