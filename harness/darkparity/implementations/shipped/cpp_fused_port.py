"""The layer functions in C++ for speed (`cpp/fused/`): few passes over memory, SIMD, threads.

Same layer and dialects as `cpp`, other loops; what they read and write: docs/performance.md. Outputs that
are not asked for cost nothing. Arrays that DarkNet overwrites are overwritten where they are writable;
where they are read-only, fresh ones are returned. Settings: `_core.set_threads`, `_core.set_simd`.
Source lines: pjreddie/darknet@f6afaabc.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkparity import __version__
from darkparity.dialects import Backward, Dialect, SavesX
from darkparity.implementations.protocol import NotInstalled

from .cpp_port import Array, core_dialect, if_given, make_batchnorm_layer

try:
    from darkparity import _core
    from darkparity._core import fused_backward, fused_forward
except ImportError as error:
    raise NotInstalled(f"pip install darkparity  (built by GCC or Clang: {error})") from error

__all__ = ["backward_batchnorm_layer", "forward_batchnorm_layer", "make_batchnorm_layer"]

DARKPARITY = dict(
    name="cpp-fused",
    dialect=None,
    labels=("two_pass", "ieee", "pairwise"),
    version=__version__,
    details=", ".join(f"{key} {value}" for key, value in _core.build_info().items())
    + f", SIMD {_core.simd()}, threads {_core.threads()}",
)
_LINE = 64  # bytes of a cache line: streamed stores need whole ones


def forward_batchnorm_layer(type: str, train: bool, out_h: int, out_w: int, x: Array, x_norm: Array,
                            scales: Array, biases: Array, mean: Array, variance: Array, rolling_mean: Array,
                            rolling_variance: Array, dialect: Dialect, outputs: Sequence[str] | None = None,
                            input: Array | None = None, output: Array | None = None,
                            rolling_weight: Array | None = None) -> dict[str, Array]:  # fmt: skip
    """Forward of a layer, from `input` (BATCHNORM) or `output` (else). src/batchnorm_layer.c:135-159."""
    source = input if type == "BATCHNORM" else output
    assert source is not None
    full: dict[str, Array] = {}
    if outputs is None or "output" in outputs:
        full["output"] = _empty(source) if output is None else _ours(output)
    if (outputs is None or "x" in outputs) and (train or dialect.saves_x is SavesX.ALWAYS):
        full["x"] = _ours(x)
    if (outputs is None or "x_norm" in outputs) and train and dialect.saves_x_norm:
        full["x_norm"] = _ours(x_norm)
    statistics = _copied({"mean": mean, "variance": variance,
                          "rolling_mean": rolling_mean, "rolling_variance": rolling_variance,
                          **if_given(rolling_weight)})  # fmt: skip
    fused_forward(core_dialect(dialect, type), train, out_h, out_w, **{"from": source},
                  scales=scales, biases=biases, **full, **statistics)  # fmt: skip
    return _wanted({"output": source, "x": x, "x_norm": x_norm, **full, **statistics}, outputs)


def backward_batchnorm_layer(type: str, train: bool, out_h: int, out_w: int, delta: Array, x: Array,
                             x_norm: Array, scales: Array, mean: Array, variance: Array, rolling_mean: Array,
                             rolling_variance: Array, bias_updates: Array, scale_updates: Array,
                             dialect: Dialect, outputs: Sequence[str] | None = None,
                             rolling_weight: Array | None = None) -> dict[str, Array]:  # fmt: skip
    """Backward of a layer; outputs the dialect or type lacks are absent. src/batchnorm_layer.c:161-179."""
    full = {"delta": _ours(delta)} if outputs is None or {"delta", "net_delta"} & set(outputs) else {}
    if full and type == "BATCHNORM" and (outputs is None or "net_delta" in outputs):
        full["net_delta"] = _empty(delta)
    channels = _copied({"mean": mean, "variance": variance, "rolling_mean": rolling_mean,
                        "rolling_variance": rolling_variance, "bias_updates": bias_updates,
                        "scale_updates": scale_updates, **if_given(rolling_weight)})  # fmt: skip
    if dialect.backward is Backward.THREE_TERM:
        channels |= {"mean_delta": np.empty_like(mean), "variance_delta": np.empty_like(mean)}
    fused_backward(core_dialect(dialect, type), train, out_h, out_w, **{"from": delta}, x=x, x_norm=x_norm,
                   scales=scales, **full, **channels)  # fmt: skip
    return _wanted({**full, **channels}, outputs)


def _empty(like: Array) -> Array:
    """An unwritten array of this shape that begins with a cache line."""
    raw = np.empty(like.size + _LINE // 4, np.float32)
    skipped = -raw.ctypes.data % _LINE // 4
    return raw[skipped : skipped + like.size].reshape(like.shape)


def _ours(array: Array) -> Array:
    """Memory to write `array`'s new content to."""
    return array if array.flags.writeable else _empty(array)


def _copied(arrays: dict[str, Array]) -> dict[str, Array]:
    """Per-channel arrays, to be overwritten."""
    return {n: a if a.flags.writeable else a.copy() for n, a in arrays.items()}


def _wanted(arrays: dict[str, Array], outputs: Sequence[str] | None) -> dict[str, Array]:
    return arrays if outputs is None else {n: arrays[n] for n in outputs if n in arrays}
