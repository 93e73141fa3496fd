"""An image through a network, layer by layer, to get real activations in front of every batch norm.

Plain NumPy and float32: the activations need not be DarkNet's bit for bit, they are only inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from darkparity.formats.tensor_files import InputError, load

from .cfg import Network
from .section import Layer, LayerError, Shape
from .weights import Weights


class Unwalkable(Exception):
    """A layer whose output is not computed here; names it."""


def walk(network: Network, weights: Weights, image: Path) -> Iterator[tuple[int, np.ndarray]]:
    """(layer index, what enters its batch norm), in order. Raises Unwalkable, InputError."""
    values, outputs = _resized(image, network.input), list[np.ndarray]()
    for layer in network.layers:
        step = _STEPS.get(layer.kind)
        if step is None:
            raise Unwalkable(layer.name)
        try:
            values = step(_Place(layer, network, outputs, values, weights))
        except LayerError as error:
            raise Unwalkable(f"{layer.name}: {error}") from None
        if any(part.normalized for part in layer.parts):
            yield layer.index, values
            values = _normalized(values, weights.arrays[layer.index, ""])
        values = _activated(layer, values)
        outputs.append(values)


class _Place:
    """What a step sees: its layer, what enters, everything before."""

    def __init__(
        self, layer: Layer, network: Network, before: list[np.ndarray], values: np.ndarray, weights: Weights
    ) -> None:
        self.layer, self.before, self.values = layer, before, values
        self.shape = Shape(layer.options, layer.input, network.layers[: layer.index])
        self.number = self.shape.number
        self._arrays = weights.arrays.get((layer.index, ""), {})

    def array(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            raise LayerError(f"the file holds no {name} of it")
        return self._arrays[name]

    def require(self, **options: int) -> None:
        """Raise LayerError where an option has a value for which no step is written here."""
        for name, needed in options.items():
            if self.number(name, needed) != needed:
                raise LayerError(f"{name}={self.number(name, needed)} is not walked through")

    def sources(self, name: str) -> list[np.ndarray]:
        return [self.before[layer.index] for layer in self.shape.sources(name)]


def _resized(image: Path, size: tuple[int, int, int]) -> np.ndarray:
    """Nearest pixels, the whole image stretched to the network's input."""
    found = load(image)
    values = found.get("input")
    if values is None or values.ndim != 3 or values.shape[0] != size[2]:
        raise InputError(f"{image}: needs one image of {size[2]} channels")
    rows = np.arange(size[0]) * values.shape[1] // size[0]
    columns = np.arange(size[1]) * values.shape[2] // size[1]
    return values[:, rows][:, :, columns].astype(np.float32)


def _windows(padded: np.ndarray, size: int, stride: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]


def _convolutional(at: _Place) -> np.ndarray:
    height, width, filters = at.layer.output
    at.shape.refuse("binary", "xnor")
    size, stride, groups = at.number("size", 1), at.number("stride", 1), at.number("groups", 1)
    at.require(stride_x=stride, stride_y=stride, dilation=1)
    padding = at.shape.padding
    padded = np.pad(at.values, ((0, 0), (padding, padding), (padding, padding)))
    windows = _windows(padded, size, stride)[:, :height, :width].reshape(groups, -1, height, width, size, size)
    kernels = at.array("weights").reshape(groups, filters // groups, -1, size, size)
    out: np.ndarray = np.einsum("gchwij,gfcij->gfhw", windows, kernels, optimize=True)
    out = out.reshape(filters, height, width).astype(np.float32)
    return out if at.layer.parts[0].normalized else out + at.array("biases")[:, None, None]


def _connected(at: _Place) -> np.ndarray:
    matrix = at.array("weights").reshape(at.layer.output[2], -1)
    out: np.ndarray = (matrix @ at.values.ravel()).astype(np.float32)[:, None, None]
    return out if at.layer.parts[0].normalized else out + at.array("biases")[:, None, None]


def _maxpool(at: _Place) -> np.ndarray:
    height, width, _ = at.layer.output
    stride = at.number("stride", 1)
    at.require(stride_x=stride, stride_y=stride)
    size = at.number("size", stride)
    padding = max(0, at.number("padding", size - 1))
    before, after = padding // 2, padding + stride
    padded = np.pad(at.values, ((0, 0), (before, after), (before, after)), constant_values=-np.inf)
    highest: np.ndarray = _windows(padded, size, stride)[:, :height, :width].max(axis=(-1, -2))
    return highest


def _route(at: _Place) -> np.ndarray:
    chosen = np.concatenate(at.sources("layers"))
    groups, group = at.number("groups", 1), at.number("group_id", 0)
    parts: np.ndarray = np.split(chosen, groups)[group]
    return parts


def _shortcut(at: _Place) -> np.ndarray:
    at.shape.refuse("weights_type")
    total = at.values
    for other in at.sources("from"):
        if other.shape != total.shape:
            raise LayerError("layers of different sizes")
        total = total + other
    return total


def _upsample(at: _Place) -> np.ndarray:
    stride = at.number("stride", 2)
    if stride < 1:
        raise LayerError(f"stride={stride}")
    return at.values.repeat(stride, 1).repeat(stride, 2)


def _avgpool(at: _Place) -> np.ndarray:
    mean: np.ndarray = at.values.mean(axis=(1, 2), keepdims=True, dtype=np.float32)
    return mean


def _same(at: _Place) -> np.ndarray:
    return at.values


def _batchnorm(at: _Place) -> np.ndarray:
    return at.values


_STEPS: Mapping[str, Callable[[_Place], np.ndarray]] = {
    **dict.fromkeys(("convolutional", "conv"), _convolutional),
    **dict.fromkeys(("connected", "conn"), _connected),
    **dict.fromkeys(("maxpool", "max"), _maxpool),
    **dict.fromkeys(("avgpool", "avg"), _avgpool),
    "batchnorm": _batchnorm, "route": _route, "shortcut": _shortcut, "upsample": _upsample,
    **dict.fromkeys(("dropout", "cost", "softmax", "soft", "yolo", "region", "detection"), _same),
}  # fmt: skip


def _normalized(values: np.ndarray, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """DarkNet's inference."""
    channels = len(values)
    names = ("scales", "biases", "rolling_mean", "rolling_variance")
    zero = np.zeros(channels, np.float32)
    scales, biases, mean, variance = (arrays.get(n, zero)[:, None, None] for n in names)
    out: np.ndarray = scales * ((values - mean) / (np.sqrt(variance) + np.float32(1e-6))) + biases
    return out


_ACTIVATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda v: v,
    "leaky": lambda v: np.where(v > 0, v, np.float32(0.1) * v),
    "relu": lambda v: np.maximum(v, 0),
    "relu6": lambda v: np.clip(v, 0, 6),
    "logistic": lambda v: 1 / (1 + np.exp(-v)),
    "tanh": np.tanh,
    "swish": lambda v: v / (1 + np.exp(-v)),
    "mish": lambda v: v * np.tanh(np.log1p(np.exp(v))),
}
#: What DarkNet takes where a section names none (src/parser.c).
_DEFAULTS = {"convolutional": "logistic", "conv": "logistic", "connected": "logistic", "conn": "logistic"}


def _activated(layer: Layer, values: np.ndarray) -> np.ndarray:
    name = layer.options.get("activation", _DEFAULTS.get(layer.kind, "linear"))
    if name not in _ACTIVATIONS:
        raise Unwalkable(f"{layer.name}: activation {name}")
    return _ACTIVATIONS[name](values).astype(np.float32)
