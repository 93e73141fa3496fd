"""Named arrays out of a user's file: .npy, .npz, .safetensors or an image. Converts nothing silently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from darkparity.errors import UsageError

from .images import FORMATS, image
from .numpy_files import npy, npz
from .text import reason

#: What a single unnamed tensor stands for.
UNNAMED = "input"


class InputError(UsageError):
    """The user's file cannot be used: says what is wrong, where, and what to do."""


def load(path: Path) -> dict[str, np.ndarray]:
    """Return every array of the file by name, dtype as stored (an image: uint8 / 255 as float32, CHW).

    Raises InputError. Object arrays (pickles) are refused: they can run code.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: unknown kind {path.suffix or 'without suffix'!r}; takes {', '.join(READERS)}")
    try:
        found = dict(reader(path))
    except ImportError as error:
        raise InputError(f"{path}: cannot be read without {error.name}: pip install 'darkparity[io]'") from None
    except MemoryError:
        raise InputError(f"{path}: is larger than the memory left") from None
    except Exception as error:  # of zipfile, Pillow and safetensors, which raise what they like on broken files
        raise InputError(f"{path}: cannot be read: {reason(error) or type(error).__name__}") from None
    odd = next((name for name in found if not name.isprintable()), None)
    if odd is not None:
        raise InputError(f"{path}: the array name {odd!r} has characters that do not print; rename it")
    return found


def _safetensors(path: Path) -> Mapping[str, np.ndarray]:
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except (TypeError, KeyError) as error:  # bfloat16, float8: safetensors has them, NumPy has not
        raise ValueError(f"holds an element type that NumPy lacks ({error}); needs float32") from None


READERS: Mapping[str, Callable[[Path], Mapping[str, np.ndarray]]] = {
    ".npy": lambda path: {UNNAMED: npy(path)},
    ".npz": npz,
    ".safetensors": _safetensors,
    **dict.fromkeys(FORMATS, lambda path: {UNNAMED: image(path)}),
}
