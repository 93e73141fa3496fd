"""A network's .weights: every version of the header, every array at its place; what does not fit is named.

Source: pjreddie/darknet@f6afaabc src/parser.c (load_weights_upto); AlexeyAB's [batchnorm] has biases first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from darkparity.formats.tensor_files import InputError

from .cfg import Network
from .section import Layer, Part

#: (layer index, suffix of the part) -> arrays.
Arrays = Mapping[tuple[int, str], dict[str, np.ndarray]]
_FLOAT = 4
#: Versions from here on count the images seen in 64 bits (major * 10 + minor).
_WIDE_SEEN = 2
#: What a new layer holds. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c (make_batchnorm_layer).
_FRESH_LAYER = {"scales": 1.0, "biases": 0.0, "rolling_mean": 0.0, "rolling_variance": 0.0}


@dataclass(frozen=True)
class Weights:
    """transposed: connected weights are stored the other way round (versions above 1000, from long ago)."""

    path: Path
    version: tuple[int, int, int]
    seen: int
    transposed: bool
    arrays: Arrays

    def parameters(self, layer: Layer, part: Part) -> dict[str, np.ndarray]:
        """scales, biases, rolling_mean, rolling_variance, (channels,); what the file leaves out as DarkNet makes it."""
        found = self.arrays.get((layer.index, part.suffix), {})
        return {name: found.get(name, np.full(part.size[2], made, np.float32)) for name, made in _FRESH_LAYER.items()}


def read_weights(path: Path, network: Network) -> Weights:
    """Raises InputError with the layer and the byte offset where file and network part."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    version, seen, start = _header(path, data)
    plan = _plan(network, len(data) - start)
    arrays: dict[tuple[int, str], dict[str, np.ndarray]] = {}
    offset = start
    for layer, part, name, count in plan:
        values = _read(path, data, offset, count, f"{layer.name}{part.suffix and ' ' + part.suffix}: {name}")
        if name == "rolling_variance":
            _check_variance(path, values, offset, layer)
        arrays.setdefault((layer.index, part.suffix), {})[name] = values
        offset += _FLOAT * count
    if offset != len(data):
        last = network.layers[-1].name if network.layers else "[net]"
        raise InputError(f"{path}: {len(data) - offset} bytes are left at byte {offset}, after {last}: these "
                         f"are weights of another network than {network.path}")  # fmt: skip
    return Weights(path, version, seen, version[0] > 1000 or version[1] > 1000, arrays)


def _header(path: Path, data: bytes) -> tuple[tuple[int, int, int], int, int]:
    """Version, images seen, and where the arrays start."""
    if len(data) < 16:
        raise InputError(f"{path}: ends at byte {len(data)}, inside the header (16 or 20 bytes)")
    major, minor, revision = struct.unpack_from("<3i", data)
    wide = major * 10 + minor >= _WIDE_SEEN and major < 1000 and minor < 1000
    if major < 0 or minor < 0:
        raise InputError(f"{path}: version {major}.{minor} at byte 0 is none: no .weights file")
    if wide and len(data) < 20:
        raise InputError(f"{path}: ends at byte {len(data)}, inside the header (20 bytes)")
    (seen,) = struct.unpack_from("<Q" if wide else "<i", data, 12)
    return (major, minor, revision), seen, 20 if wide else 16


Row = tuple[Layer, Part, str, int]


def _plan(network: Network, room: int) -> list[Row]:
    """Arrays in file order; AlexeyAB's order where only that fits exactly."""
    plain, forked = (list(_rows(network, biases)) for biases in (False, True))
    return forked if plain != forked and _FLOAT * sum(row[3] for row in forked) == room else plain


def _rows(network: Network, biases: bool) -> Iterator[Row]:
    for layer in network.layers:
        for part in layer.parts:
            if biases and part.type == "BATCHNORM" and part.arrays:
                yield layer, part, "biases", part.size[2]
            yield from ((layer, part, name, count) for name, count in part.arrays)


def _read(path: Path, data: bytes, offset: int, count: int, what: str) -> np.ndarray:
    available = (len(data) - offset) // _FLOAT
    if available < count:
        raise InputError(f"{path}: ends at byte {len(data)} in {what}, which starts at byte {offset} and has "
                         f"{count} numbers; {available} are there")  # fmt: skip
    return np.frombuffer(data, "<f4", count, offset).astype(np.float32)


def _check_variance(path: Path, values: np.ndarray, offset: int, layer: Layer) -> None:
    """A negative variance is what reading at the wrong place gives: training makes at most a subnormal one."""
    wrong = np.flatnonzero(~(values > -np.finfo(np.float32).smallest_normal))
    if wrong.size:
        at = offset + _FLOAT * int(wrong[0])
        value = f"rolling_variance[{wrong[0]}] = {values[wrong[0]]} at byte {at}"
        why = "file and network do not fit, or the training broke"
        raise InputError(f"{path}: {layer.name}: {value}: {why}")
