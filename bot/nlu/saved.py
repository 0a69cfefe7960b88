"""What the components leave on disk: arrays as npz, the rest as JSON; nothing that runs when it is opened."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def save_arrays(path: Path, arrays: Arrays) -> None:
    """Write the arrays under their names."""
    np.savez_compressed(path, **arrays)


def load_arrays(path: Path) -> Arrays:
    """The arrays that `save_arrays` wrote; refuses pickled objects."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def save_values(path: Path, values: Any) -> None:
    """Write plain values as JSON, the same bytes for the same values."""
    path.write_text(json.dumps(values, ensure_ascii=False, sort_keys=True, indent=0), encoding="utf-8")


def load_values(path: Path) -> Any:
    """What `save_values` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def digest_of(paths: Iterable[str]) -> str:
    """A mark of what the files hold, so that Rasa trains again when one of them was changed."""
    mark = hashlib.sha256()
    for path in sorted(paths):
        file = Path(path)
        mark.update(file.read_bytes() if file.is_file() else b"absent")
    return mark.hexdigest()
