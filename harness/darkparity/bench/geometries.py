"""Geometries: of real networks, of any .cfg, or typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from darkparity.cases.networks import LAYERS

from .errors import BenchError

Shape = tuple[int, int, int, int]  # batch, channels, height, width
#: Layers of YOLO networks: early (large planes), middle, late (many channels). What is asked without being named.
SHAPES: tuple[Shape, ...] = ((8, 32, 26, 26), (4, 64, 52, 52), (16, 256, 13, 13))

#: pjreddie/darknet@01365fbe cfg/resnet50.cfg at its 256 x 256: every geometry once.
_RESNET50 = (
    (64, 128, 128), (64, 64, 64), (256, 64, 64), (128, 64, 64), (128, 32, 32), (512, 32, 32), (256, 32, 32),
    (256, 16, 16), (1024, 16, 16), (512, 16, 16), (512, 8, 8), (2048, 8, 8),
)  # fmt: skip
#: Geometries that the targets of docs/performance.md are stated for: from one channel's worth of L1 to far beyond L3.
_TARGETS = ((32, 256, 26, 26), (8, 32, 104, 104), (64, 512, 13, 13), (64, 1024, 1, 1), (4, 16, 416, 416))


def _network(name: str) -> tuple[Shape, ...]:
    batch, layers = LAYERS[name]
    return tuple((batch, *size) for size in layers.values())


PRESETS: Mapping[str, tuple[Shape, ...]] = {
    "yolov3-tiny": _network("yolov3_tiny"),
    "darknet53": _network("darknet53"),
    "resnet50": tuple((2, *size) for size in _RESNET50),
    "targets": _TARGETS,
}


def chosen(shapes: Sequence[str], presets: Sequence[str], cfgs: Sequence[Path], batch: int | None) -> tuple[Shape, ...]:
    """Everything that was asked for, each geometry once. batch: instead of that of presets and files."""
    found = [shape for name in presets for shape in _preset(name)]
    found += [shape for path in cfgs for shape in from_cfg(path)]
    if batch is not None:
        found = [(batch, *shape[1:]) for shape in found]
    return _once([*found, *map(parse_shape, shapes)]) or SHAPES


def parse_shape(text: str) -> Shape:
    """`8x32x26x26` -> (8, 32, 26, 26). Raises BenchError."""
    parts = text.lower().split("x")
    if len(parts) != 4 or not all(p.isdecimal() and int(p) > 0 for p in parts):
        raise BenchError(f"--shape {text!r}: needs BATCHxCHANNELSxHEIGHTxWIDTH, e.g. 8x32x26x26")
    batch, channels, height, width = map(int, parts)
    return batch, channels, height, width


def written(shape: Sequence[int]) -> str:
    """(8, 32, 26, 26) -> `8x32x26x26`."""
    return "x".join(map(str, shape))


def from_cfg(path: Path) -> tuple[Shape, ...]:
    """Every batch-normalized geometry of a network, batch 1. Raises InputError, BenchError."""
    from darkparity.problems.network import read_cfg

    sizes = (part.size for _, part in read_cfg(path).normalized)
    shapes = _once((1, channels, height, width) for height, width, channels in sizes)
    if not shapes:
        raise BenchError(f"{path}: no layer has batch_normalize=1: nothing to time")
    return shapes


def _preset(name: str) -> tuple[Shape, ...]:
    if name not in PRESETS:
        raise BenchError(f"--preset {name!r}: known are {', '.join(PRESETS)}")
    return PRESETS[name]


def _once(shapes: Iterable[Shape]) -> tuple[Shape, ...]:
    return tuple(dict.fromkeys(shapes))
