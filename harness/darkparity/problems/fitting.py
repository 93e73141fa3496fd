"""Arrays of a file in the shapes of the specification; what does not fit is refused, never reshaped silently."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from darkparity.formats.tensor_files import InputError
from darkparity.spec import AXES, Geometry

Sizes = tuple[int, int, int, int]  # batch, channels, height, width


def sizes_of(where: str, image: np.ndarray, channels: Collection[int] = ()) -> Sizes:
    """The sizes that an input has. channels: lengths of the per-channel arrays beside it. Raises InputError.

    (C, H, W), or (N, C, S) where only that agrees with `channels`.
    """
    if image.ndim not in (2, 3, 4) or 0 in image.shape:
        raise InputError(f"{where} has shape {image.shape}; takes (N, C), (C, H, W), (N, C, S) or (N, C, H, W), "
                         "nothing empty")  # fmt: skip
    batched = image.ndim == 3 and image.shape[0] not in channels and image.shape[1] in channels
    three = (*image.shape, 1) if batched else (1, *image.shape)
    batch, count, height, width = {2: (*image.shape, 1, 1), 3: three, 4: image.shape}[image.ndim]
    return batch, count, height, width


def fitted(where: str, name: str, array: np.ndarray, sizes: Sizes) -> np.ndarray:
    """`array` as the specification has it, (batch, channels, spatial) or (channels,). Raises InputError."""
    batch, channels, height, width = sizes
    shape = Geometry.of_layer(*sizes).shape_of(name)
    if AXES[name] == "A":
        fits = array.shape in (sizes, shape, *_less(sizes))
    else:
        fits = array.size == channels and channels in array.shape
    if not fits:
        nhwc = (batch, height, width, channels) if AXES[name] == "A" else None
        hint = f"; NHWC? array.transpose(0, 3, 1, 2) makes it {sizes}" if array.shape == nhwc else ""
        raise InputError(f"{where} {name} has shape {array.shape}, input implies {shape}{hint}")
    return np.ascontiguousarray(array).reshape(shape)


def _less(sizes: Sizes) -> list[tuple[int, ...]]:
    """Shapes without axes of length 1 that an input may have, too."""
    batch, channels, height, width = sizes
    return [*([(channels, height, width)] if batch == 1 else []), *([(batch, channels)] if height * width == 1 else [])]
