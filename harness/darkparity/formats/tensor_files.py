"""Named float32 arrays out of a user's file: .npy, .npz, .safetensors or an image. Converts nothing silently."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.errors import UsageError

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".ppm")
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
        return dict(reader(path))
    except InputError:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def _npy(path: Path) -> Mapping[str, np.ndarray]:
    with path.open("rb") as file:
        loaded = _plain(path, UNNAMED, lambda: np.load(file, allow_pickle=False))
    if not isinstance(loaded, np.ndarray):
        raise InputError(f"{path}: not an .npy file")
    return {UNNAMED: loaded}


def _npz(path: Path) -> Mapping[str, np.ndarray]:
    # opened here: NumPy leaves its own file open when the zip is broken
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        if isinstance(archive, np.ndarray):
            raise InputError(f"{path}: a single .npy array under the name .npz; rename it")
        return {name: _plain(path, name, lambda n=name: archive[n]) for name in archive.files}  # type: ignore[misc]


def _plain(path: Path, name: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise InputError(
            f"{path}: array {name!r} is a pickled object, which may run code; save plain arrays"
        ) from None


def _safetensors(path: Path) -> Mapping[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    except (TypeError, KeyError) as error:  # bfloat16, float8: safetensors has them, NumPy has not
        raise InputError(f"{path}: holds an element type that NumPy lacks ({error}); needs float32") from None


def _image(path: Path) -> Mapping[str, np.ndarray]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise InputError(f"{path}: needs Pillow: pip install 'darkparity[io]'") from None
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"), np.uint8)
    except UnidentifiedImageError as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    # Source: pjreddie/darknet@f6afaabc src/image.c load_image_stb: HWC uint8 / 255 to CHW float
    return {UNNAMED: np.ascontiguousarray((pixels.astype(np.float32) / np.float32(255)).transpose(2, 0, 1))}


READERS: Mapping[str, Callable[[Path], Mapping[str, np.ndarray]]] = {
    ".npy": _npy,
    ".npz": _npz,
    ".safetensors": _safetensors,
    **dict.fromkeys(IMAGES, _image),
}
