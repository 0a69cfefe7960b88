"""Sentence vectors. The shop's own static encoder is served without torch; any other through it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from faq.entry import FaqError
from faq.text import core

Vectors = NDArray[np.float32]

STATIC = "static"


class Encoder(Protocol):
    """Turns texts into one row each, of length one, or zero when nothing in the text is known."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class StaticEncoder:
    """A sentence-transformers StaticEmbedding read with numpy: the mean of its tokens' rows.

    Torch with sentence-transformers takes some 450 MB of memory; a table look-up needs neither. The
    directory stays a standard one, `SentenceTransformer(path)` gives the same vectors.
    """

    name = STATIC

    def __init__(self, tokenizer: Any, weights: Vectors) -> None:
        self.tokenizer = tokenizer
        self.weights = weights

    @classmethod
    def load(cls, path: Path) -> "StaticEncoder":
        from safetensors.numpy import load_file  # noqa: PLC0415 - only where a trained encoder is read
        from tokenizers import Tokenizer  # noqa: PLC0415

        try:
            tokenizer = Tokenizer.from_file(str(next(path.rglob("tokenizer.json"))))
            weights = load_file(next(path.rglob("model.safetensors")))["embedding.weight"]
        except StopIteration:
            raise FaqError(f"{path}: no trained encoder here; run `python -m faq.train`") from None
        return cls(tokenizer, weights)

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.weights.shape[1]), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            tokens = self.tokenizer.encode(core(text), add_special_tokens=False).ids
            if tokens:
                self.weights.take(tokens, axis=0).sum(axis=0, out=row)  # its length is made one below
        return unit(rows)


class HubEncoder:
    """Any sentence-transformers model, by its directory or its name on the hub (a BGE model, say)."""

    def __init__(self, name: str) -> None:
        import torch  # noqa: PLC0415 - 450 MB that only a shop with a hub encoder pays
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        torch.set_num_threads(1)
        self.name = name
        try:
            self._model = SentenceTransformer(name, device="cpu")
        except (OSError, ValueError) as error:
            raise FaqError(
                f"encoder {name!r} (shop.yml or XIAOER_FAQ_ENCODER) cannot be loaded: {error}"
            ) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode(
            [core(text) for text in texts], batch_size=32, show_progress_bar=False, convert_to_numpy=True
        )
        return unit(np.asarray(vectors, dtype=np.float32))


class Remembering:
    """An encoder that reads each text once: out of fold the same texts come again and again.

    `known` are vectors from before. Not for what shoppers ask: it keeps everything.
    """

    def __init__(self, encoder: Encoder, known: Mapping[str, Vectors] | None = None) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._known: dict[str, Vectors] = dict(known or {})

    def encode(self, texts: Sequence[str]) -> Vectors:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._known.update(zip(fresh, self._encoder.encode(fresh), strict=True))
        return np.stack([self._known[text] for text in texts])


def unit(rows: Vectors) -> Vectors:
    """The rows scaled to length one; a zero row stays zero."""
    length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    length[length == 0] = 1
    scaled: Vectors = (rows / length).astype(np.float32, copy=False)
    return scaled
