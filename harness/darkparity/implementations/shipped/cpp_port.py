"""DarkNet's loops in C++ (`cpp/`), one function per operation, called in place through `darkparity._core`.

A = (batch, channels, spatial), c = (channels,), v = a vector; all float32, C-contiguous. Arrays that
DarkNet overwrites are overwritten here too and returned; layer functions return fresh ones where those
are read-only. Wrong dtype, layout or shape, or a read-only array that a routine writes, is refused by
the bindings, by name. Source lines: pjreddie/darknet@f6afaabc.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from darkparity import __version__
from darkparity.dialects import Backward, Dialect, SavesX
from darkparity.implementations.protocol import NotInstalled
from darkparity.spec import MAKE, outputs_of

try:
    from darkparity import _core
except ImportError as error:
    raise NotInstalled(f"pip install darkparity  (its compiled module is missing: {error})") from error

Array = npt.NDArray[np.float32]

DARKPARITY = dict(
    name="cpp",
    dialect=None,
    labels=("two_pass", "ieee"),
    version=__version__,
    details=", ".join(f"{key} {value}" for key, value in _core.build_info().items()),
)
_FULL = ("output", "delta", "x", "x_norm")


@lru_cache(maxsize=1024)  # a few times all dialects and layer types; callers may make their own without end
def core_dialect(dialect: Dialect, layer_type: str = "BATCHNORM") -> _core.Dialect:
    """The row as the C++ takes it, resolved for one layer type. Kept: building one takes longer than a small call."""
    return _filled(_core.Dialect(), dialect.row(layer_type))


def _filled(target: Any, values: Mapping[str, Any]) -> Any:
    """A C++ struct with the fields that it has; it does not know those that its formulas do not use."""
    for name, value in values.items():
        if hasattr(target, name):
            setattr(target, name, _native(value))
    return target


def _native(value: Any) -> Any:
    """A word or a group of fields as the C++ enum or struct of the same name; numbers as they are."""
    if isinstance(value, StrEnum):
        return getattr(_core, type(value).__name__)[value]
    if is_dataclass(value):
        return _filled(getattr(_core, type(value).__name__)(), vars(value))
    return value


def copy_cpu(N: int, X: Array, INCX: int, Y: Array, INCY: int, dialect: Dialect) -> Array:
    """v, v -> v: Y[i*INCY] = X[i*INCX]. Source: src/blas.c:226-230."""
    _core.copy_cpu(X, Y, N, INCX, INCY)
    return Y


def scal_cpu(N: int, ALPHA: float, X: Array, INCX: int, dialect: Dialect) -> Array:
    """v -> v: X[i*INCX] *= ALPHA. Source: src/blas.c:207-211."""
    _core.scal_cpu(X, N, ALPHA, INCX)
    return X


def axpy_cpu(N: int, ALPHA: float, X: Array, INCX: int, Y: Array, INCY: int, dialect: Dialect) -> Array:
    """v, v -> v: Y[i*INCY] += ALPHA * X[i*INCX]. Source: src/blas.c:201-205."""
    _core.axpy_cpu(X, Y, N, ALPHA, INCX, INCY)
    return Y


def mean_cpu(x: Array, dialect: Dialect) -> Array:
    """A -> c: sum(x) / m. Source: src/blas.c:94-108."""
    mean = _channels_of(x)
    _core.mean_cpu(x, mean)
    return mean


def variance_cpu(x: Array, mean: Array, dialect: Dialect) -> Array:
    """A, c -> c: sum((x - mean)^2) / (m - ddof). Source: src/blas.c:110-124."""
    variance = np.empty_like(mean)
    _core.variance_cpu(x, mean, variance, dialect.variance_ddof)
    return variance


def normalize_cpu(x: Array, mean: Array, variance: Array, dialect: Dialect) -> Array:
    """A, c, c -> A: (x - mean) / root(variance). Source: src/blas.c:147-158."""
    _core.normalize_cpu(x, mean, variance, core_dialect(dialect))
    return x


def scale_bias(output: Array, scales: Array, dialect: Dialect) -> Array:
    """A, c -> A: output * scales. Source: src/convolutional_layer.c:437-447."""
    _core.scale_bias(output, scales)
    return output


def add_bias(output: Array, biases: Array, dialect: Dialect) -> Array:
    """A, c -> A: output + biases. Source: src/convolutional_layer.c:425-435."""
    _core.add_bias(output, biases)
    return output


def backward_bias(bias_updates: Array, delta: Array, dialect: Dialect) -> Array:
    """c, A -> c: bias_updates + sum(delta). Source: src/convolutional_layer.c:449-457."""
    _core.backward_bias(bias_updates, delta)
    return bias_updates


def backward_scale_cpu(x_norm: Array, delta: Array, scale_updates: Array, dialect: Dialect) -> Array:
    """A, A, c -> c: scale_updates + sum(delta * x_norm). Source: src/batchnorm_layer.c:73-86."""
    _core.backward_scale_cpu(x_norm, delta, scale_updates)
    return scale_updates


def mean_delta_cpu(delta: Array, variance: Array, dialect: Dialect) -> Array:
    """A, c -> c: -sum(delta) / root(variance). Source: src/batchnorm_layer.c:88-101."""
    mean_delta = np.empty_like(variance)
    _core.mean_delta_cpu(delta, variance, mean_delta, core_dialect(dialect))
    return mean_delta


def variance_delta_cpu(x: Array, delta: Array, mean: Array, variance: Array, dialect: Dialect) -> Array:
    """A, A, c, c -> c: -0.5 sum(delta (x - mean)) / root(variance)^3. src/batchnorm_layer.c:102-116."""
    variance_delta = np.empty_like(variance)
    _core.variance_delta_cpu(x, delta, mean, variance, variance_delta, core_dialect(dialect))
    return variance_delta


def normalize_delta_cpu(x: Array, mean: Array, variance: Array, mean_delta: Array, variance_delta: Array,
                        delta: Array, dialect: Dialect) -> Array:  # fmt: skip
    """A, c x 4, A -> A: the three terms of delta. Source: src/batchnorm_layer.c:117-128."""
    _core.normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta, core_dialect(dialect))
    return delta


def make_batchnorm_layer(batch: int, w: int, h: int, c: int, dialect: Dialect) -> dict[str, Array]:
    """All buffers of a new layer by name, A and c. Source: src/batchnorm_layer.c:5-71."""
    layer: dict[str, Array] = {
        name: np.empty((batch, c, h * w) if name in _FULL else (c,), np.float32)
        for name in outputs_of(MAKE, {}, dialect)
    }
    _core.make_batchnorm_layer(core_dialect(dialect), h, w, **layer)
    return layer


def forward_batchnorm_layer(type: str, train: bool, out_h: int, out_w: int, x: Array, x_norm: Array,
                            scales: Array, biases: Array, mean: Array, variance: Array, rolling_mean: Array,
                            rolling_variance: Array, dialect: Dialect, input: Array | None = None,
                            output: Array | None = None, rolling_weight: Array | None = None,
                            outputs: Sequence[str] | None = None) -> dict[str, Array]:  # fmt: skip
    """Forward of a layer, from `input` (BATCHNORM) or `output` (else). src/batchnorm_layer.c:135-159."""
    given = {} if input is None or type != "BATCHNORM" else {"input": input}
    layer = dict(mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance,
                 **if_given(rolling_weight))  # fmt: skip
    layer = {name: _own(array) for name, array in layer.items()}
    layer["x"] = _own(x, train or dialect.saves_x is SavesX.ALWAYS)
    layer["x_norm"] = _own(x_norm, train and dialect.saves_x_norm)
    layer["output"] = np.empty_like(x) if output is None else _own(output)
    _core.forward_batchnorm_layer(core_dialect(dialect, type), type, train, out_h, out_w,
                                  scales=scales, biases=biases, **given, **layer)  # fmt: skip
    return layer


def backward_batchnorm_layer(type: str, train: bool, out_h: int, out_w: int, delta: Array, x: Array,
                             x_norm: Array, scales: Array, mean: Array, variance: Array, rolling_mean: Array,
                             rolling_variance: Array, bias_updates: Array, scale_updates: Array,
                             dialect: Dialect, rolling_weight: Array | None = None,
                             outputs: Sequence[str] | None = None) -> dict[str, Array]:  # fmt: skip
    """Backward of a layer; outputs the dialect or type lacks are absent. src/batchnorm_layer.c:161-179."""
    layer = dict(delta=delta, bias_updates=bias_updates, scale_updates=scale_updates, mean=mean,
                 variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance,
                 **if_given(rolling_weight))  # fmt: skip
    layer = {name: _own(array) for name, array in layer.items()}
    if dialect.backward is Backward.THREE_TERM:
        layer.update(mean_delta=np.empty_like(mean), variance_delta=np.empty_like(mean))
    if type == "BATCHNORM":
        layer["net_delta"] = np.empty_like(delta)
    _core.backward_batchnorm_layer(core_dialect(dialect, type), type, train, out_h, out_w,
                                   x=x, x_norm=x_norm, scales=scales, **layer)  # fmt: skip
    return layer


def _own(array: Array, wholly: bool = False) -> Array:
    """What to overwrite: the array itself, or if it is read-only a copy, unwritten if `wholly` overwritten."""
    if array.flags.writeable:
        return array
    return np.empty_like(array) if wholly else array.copy()


def if_given(rolling_weight: Array | None) -> dict[str, Array]:
    """The third rolling array, c, of a dialect that has it."""
    return {} if rolling_weight is None else {"rolling_weight": rolling_weight}


def _channels_of(x: Array) -> Array:
    """An unwritten c; a wrong rank is left to the bindings to refuse by name."""
    return np.empty(x.shape[1] if x.ndim > 1 else 1, np.float32)
