"""One image as DarkNet sees it: only the format that its name says, and none that unpacks to more than memory."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

#: Suffix -> Pillow's name of the format. Under any other content Pillow would start any of its 40 readers.
FORMATS: Mapping[str, str] = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".ppm": "PPM"}
#: An 8K frame has 33,177,600. Twice as many, in float32, would take 800 MB, whatever size the file has.
MAX_PIXELS = 1 << 25


class NotAnImage(ValueError):
    """Says why not."""


def image(path: Path) -> np.ndarray:
    """The pixels as float32, (3, height, width), 0 to 1. Raises NotAnImage, ImportError, and what Pillow raises."""
    from PIL import Image, UnidentifiedImageError

    name = FORMATS[path.suffix.lower()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on broken metadata, which nothing here reads
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            # in memory: of a file, Pillow asks for as many bytes as a broken chunk claims
            with Image.open(io.BytesIO(path.read_bytes()), formats=[name]) as opened:
                pixels = _pixels(opened)
        except UnidentifiedImageError:
            raise NotAnImage(f"no {name} image; the name must say the format") from None
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise _too_large() from None
    # Source: pjreddie/darknet@f6afaabc src/image.c load_image_stb: HWC uint8 / 255 to CHW float
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)) / np.float32(255)


def _too_large() -> NotAnImage:
    return NotAnImage(f"more than {MAX_PIXELS} pixels; make it smaller")


def _pixels(opened: Any) -> np.ndarray:
    """(height, width, 3), uint8."""
    if opened.width * opened.height > MAX_PIXELS:
        raise _too_large()
    if opened.mode == "F":
        raise NotAnImage("pixels are floats; save it with 8 bits a channel")
    if opened.mode.startswith("I"):  # 16 bits of grey: stb_image keeps the upper 8, Pillow's RGB only full white
        grey = (np.asarray(opened).astype(np.uint32) >> 8).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    return np.asarray(opened if opened.mode == "RGB" else opened.convert("RGB"), np.uint8)
