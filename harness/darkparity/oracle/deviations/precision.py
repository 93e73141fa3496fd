"""Deviations of number formats and of special values: half, bfloat16, tf32, estimates, swallowed NaN, clamps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from darkparity.oracle import Variant
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, Formula, count, root

from .deviation import Deviation, formula
from .tampering import Filter, bfloat16, half, mapped, quantized, serial_single, single, tf32

_FLT_MAX = float(np.finfo(np.float32).max)
#: What writes the layer's delta last.
_GRADIENTS = ("normalize_delta_cpu", "inverse_std_delta", "fixed_delta")


def _filtered_inputs(routine: str, through: Filter, *names: str) -> Formula:
    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        changed = {n: through(t) if not names or n in names else t for n, t in tensors.items()}
        return FORMULAS[routine](d, a, **changed)

    return wrong


def _filtered_result(routine: str, through: Filter) -> Formula:
    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        return through(FORMULAS[routine](d, a, **tensors))

    return wrong


def _results(name: str, sentence: str, through: Filter, *routines: str) -> Deviation:
    return Deviation(name, sentence, ", ".join(routines),
                     Variant(formulas={r: _filtered_result(r, through) for r in routines}))  # fmt: skip


def _inputs(name: str, sentence: str, through: Filter, *routines: str) -> Deviation:
    return Deviation(name, sentence, ", ".join(routines),
                     Variant(formulas={r: _filtered_inputs(r, through) for r in routines}))  # fmt: skip


def _one_pass(d: Any, a: Any, x: Bounded, mean: Bounded) -> Bounded:
    """E[x^2] - E[x]^2 in float32, accumulated serially."""
    m, divisor = count(x), d.divisor(count(x), a.get("ddof", d.variance_ddof))
    square = single(serial_single(single(x * x)) / m)
    return single(single(square - single(mean * mean)) * m / divisor)


def _estimated_root(bits: int) -> Formula:
    def wrong(d: Any, a: Any, x: Bounded, mean: Bounded, variance: Bounded) -> Bounded:
        one = variance.constant(1, exact=True)
        return (x - mean) * quantized(one / root(variance, d.normalize), bits)

    return wrong


def _no_nan(v: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(v), 0.0, v)


def _finite_only(v: np.ndarray) -> np.ndarray:
    return np.nan_to_num(v, nan=0.0, posinf=_FLT_MAX, neginf=-_FLT_MAX)


def _clamped(v: np.ndarray) -> np.ndarray:
    return np.clip(v, -_FLT_MAX, _FLT_MAX)


def _clean(function: Callable[[np.ndarray], np.ndarray]) -> Filter:
    return lambda x: mapped(x, function, clean=True)


def _floor(least: float) -> Filter:
    return lambda x: mapped(x, lambda v: np.maximum(v, least), clean=True)


def _variance_through(through: Filter) -> dict[str, Formula]:
    """The variance is changed on its way into every routine that divides by its root."""
    routines = ("normalize_cpu", "mean_delta_cpu", "variance_delta_cpu", "normalize_delta_cpu", "inverse_std")
    return {r: _filtered_inputs(r, through, "variance") for r in routines}


PRECISION_DEVIATIONS = (
    _inputs("half_inputs", "x passes through float16 before the statistics", half, "mean_cpu", "variance_cpu"),
    _inputs("bfloat16_inputs", "x passes through bfloat16 before the statistics", bfloat16, "mean_cpu", "variance_cpu"),
    _results("half_statistics", "mean and variance are stored as float16", half, "mean_cpu", "variance_cpu"),
    _results("bfloat16_statistics", "mean and variance are stored as bfloat16", bfloat16, "mean_cpu", "variance_cpu"),
    _results("half_output", "normalize's result passes through float16", half, "normalize_cpu"),
    _results("bfloat16_output", "normalize's result passes through bfloat16", bfloat16, "normalize_cpu"),
    _inputs("tf32_products", "products are taken in TensorFloat-32", tf32, "scale_bias", "backward_scale_cpu"),
    _inputs("half_gradients", "delta passes through float16", half, "mean_delta_cpu", "variance_delta_cpu",
            "inverse_std_delta", "fixed_delta"),
    _results("bfloat16_gradients", "delta passes through bfloat16", bfloat16, *_GRADIENTS),
    _results("half_updates", "the updates are stored as float16", half, "backward_bias", "backward_scale_cpu"),
    _results("bfloat16_updates", "the updates are stored as bfloat16", bfloat16, "backward_bias", "backward_scale_cpu"),
    _results("half_rolling", "rolling statistics are stored as float16", half, "axpy_cpu"),
    formula("rsqrt_12_bits", "1 / std is a 12-bit estimate without a Newton step", "normalize_cpu", _estimated_root(12)),
    formula("rsqrt_8_bits", "1 / std is an 8-bit estimate (vrsqrte) without a Newton step", "normalize_cpu",
            _estimated_root(8)),
    _results("root_12_bits_backward", "the backward's 1 / std is a 12-bit estimate", lambda x: quantized(x, 12),
             "mean_delta_cpu", "inverse_std"),
    formula("one_pass_variance", "variance is E[x^2] - E[x]^2 in float32, which cancels where |mean| >> std",
            "variance_cpu", _one_pass, "tenstorrent/tt-metal#45968"),
    _results("nan_swallowed_in_output", "NaN and infinity become finite in the output", _clean(_finite_only), "add_bias"),
    _results("nan_swallowed", "NaN becomes 0 in normalize", _clean(_no_nan), "normalize_cpu"),
    _results("nan_swallowed_in_mean", "NaN and infinity become finite in mean", _clean(_finite_only), "mean_cpu"),
    _results("nan_swallowed_in_variance", "NaN and infinity become finite in variance", _clean(_finite_only),
             "variance_cpu"),
    _results("nan_swallowed_in_delta", "NaN and infinity become finite in delta (fix_nan_and_inf)",
             _clean(_finite_only), *_GRADIENTS),
    _results("nan_swallowed_in_updates", "NaN and infinity become finite in the updates (fix_nan_and_inf)",
             _clean(_finite_only), "backward_scale_cpu", "backward_bias"),
    _results("infinity_clamped", "infinity is clamped to the largest float in mean", _clean(_clamped), "mean_cpu",
             "backward_bias"),
    _results("nan_not_rolled", "NaN and infinity do not enter the rolling statistics", _clean(_finite_only), "axpy_cpu"),
    Deviation("negative_variance_clamped", "a negative variance is clamped to 0 before the root, it must give NaN",
              "root", Variant(formulas=_variance_through(lambda x: mapped(x, lambda v: np.maximum(v, 0.0), clean=True))),
              "pjreddie/darknet#170"),
    Deviation("negative_variance_mirrored", "the root takes |variance|, a negative one must give NaN", "root",
              Variant(formulas=_variance_through(lambda x: mapped(x, np.abs)))),
    Deviation("variance_floor", "a variance below 1e-5 is raised to 1e-5 (sqrt(max(variance, eps)))", "root",
              Variant(formulas=_variance_through(_floor(1e-5))), "vacancy/Synchronized-BatchNorm-PyTorch#43"),
    Deviation("variance_ceiling", "a variance above 1 is cut to 1", "root",
              Variant(formulas=_variance_through(lambda x: mapped(x, lambda v: np.minimum(v, 1.0), clean=True)))),
    _results("output_clipped", "the result is clipped to [-4, 4]", lambda x: mapped(x, lambda v: np.clip(v, -4.0, 4.0), clean=True),
             "add_bias"),
    _results("x_norm_clipped", "normalize clips to [-2, 2]", lambda x: mapped(x, lambda v: np.clip(v, -2.0, 2.0), clean=True),
             "normalize_cpu"),
    _results("relu_fused", "an activation is fused in: negative outputs become 0",
             lambda x: mapped(x, lambda v: np.where(np.isnan(v), v, np.maximum(v, 0.0)), clean=True), "add_bias"),
    _results("delta_clipped", "delta is clipped to [-1, 1]", lambda x: mapped(x, lambda v: np.clip(v, -1.0, 1.0), clean=True),
             *_GRADIENTS),
    _results("updates_clipped", "the updates are clipped to [-1, 1]",
             lambda x: mapped(x, lambda v: np.clip(v, -1.0, 1.0), clean=True), "backward_bias", "backward_scale_cpu"),
)  # fmt: skip
