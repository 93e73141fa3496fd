"""The C++ kernels (cpp/): DarkNet's routines working in place on NumPy arrays.

Arrays are native float32, C-contiguous and, where written, writable; anything else is refused by name:
TypeError for the dtype, ValueError for layout, shape, size or a read-only array. The GIL is released.
A: (batch, channels, spatial); c: (channels,).
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

_A: TypeAlias = NDArray[np.float32]
_c: TypeAlias = NDArray[np.float32]

class BuildInfo(TypedDict):
    compiler: str
    flags: str
    pybind11: str

class Dialect:
    """A row of darkparity.dialects, resolved for one layer type; all zero until cpp_port.core_dialect fills it.

    Its fields, structs (Epsilon, Rolling) and enums (Place, Backward, ...) are those of cpp/dialect.hpp, under the
    names of darkparity.dialects: none is listed here again.
    """

def build_info() -> BuildInfo: ...
def copy_cpu(X: _A, Y: _A, N: int, INCX: int, INCY: int) -> None: ...
def scal_cpu(X: _A, N: int, ALPHA: float, INCX: int) -> None: ...
def axpy_cpu(X: _A, Y: _A, N: int, ALPHA: float, INCX: int, INCY: int) -> None: ...
def mean_cpu(x: _A, mean: _c) -> None: ...
def variance_cpu(x: _A, mean: _c, variance: _c, ddof: int) -> None: ...
def normalize_cpu(x: _A, mean: _c, variance: _c, dialect: Dialect) -> None: ...
def scale_bias(output: _A, scales: _c) -> None: ...
def add_bias(output: _A, biases: _c) -> None: ...
def backward_bias(bias_updates: _c, delta: _A) -> None: ...
def backward_scale_cpu(x_norm: _A, delta: _A, scale_updates: _c) -> None: ...
def mean_delta_cpu(delta: _A, variance: _c, mean_delta: _c, dialect: Dialect) -> None: ...
def variance_delta_cpu(x: _A, delta: _A, mean: _c, variance: _c, variance_delta: _c, dialect: Dialect) -> None: ...
def normalize_delta_cpu(
    x: _A, mean: _c, variance: _c, mean_delta: _c, variance_delta: _c, delta: _A, dialect: Dialect
) -> None: ...

_LayerType: TypeAlias = Literal["BATCHNORM", "CONVOLUTIONAL", "CONNECTED"] | str

def make_batchnorm_layer(dialect: Dialect, out_h: int, out_w: int, **arrays: NDArray[np.float32]) -> None:
    """Fill all buffers of a layer (keywords named as in spec.operation("make_batchnorm_layer"))."""

def forward_batchnorm_layer(
    dialect: Dialect, type: _LayerType, train: bool, out_h: int, out_w: int, **arrays: NDArray[np.float32]
) -> None:
    """Arrays: output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance.

    rolling_weight where the dialect has it. A BATCHNORM layer takes `input` too.
    """

def backward_batchnorm_layer(
    dialect: Dialect, type: _LayerType, train: bool, out_h: int, out_w: int, **arrays: NDArray[np.float32]
) -> None:
    """Arrays: delta, x, x_norm, scales, mean, variance, rolling_*, bias_updates, scale_updates.

    A three_term dialect takes mean_delta and variance_delta too, a BATCHNORM layer net_delta.
    """

def fused_forward(dialect: Dialect, train: bool, out_h: int, out_w: int, **arrays: NDArray[np.float32]) -> None:
    """cpp-fused; the dialect holds what the layer type decides. Missing with MSVC.

    Arrays: from (read), scales, biases, mean, variance, rolling_*; output, x, x_norm: each only if wanted.
    """

def fused_backward(dialect: Dialect, train: bool, out_h: int, out_w: int, **arrays: NDArray[np.float32]) -> None:
    """Arrays: from (the incoming delta, read), x, x_norm, scales, mean, variance, rolling_*, bias_updates,
    scale_updates; mean_delta and variance_delta if three_term; delta, and net_delta beside it, if wanted.
    """

def streaming_floor(reads: Sequence[_A], writes: Sequence[_A]) -> None:
    """Write the sum of `reads` to each of `writes`, 16 floats at a time; from 4 MiB on past the caches."""

def simd_levels() -> list[str]:
    """Instruction sets of cpp-fused on this machine, best last."""

def simd() -> str: ...
def set_simd(level: str) -> None: ...
def threads() -> int: ...
def set_threads(count: int) -> None:
    """How many threads cpp-fused uses; 1, or DARKPARITY_THREADS, at first. No result depends on it."""
