"""Deviations of one result rounded to a short format, and of sums accumulated in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkparity.oracle import Variant
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, Formula, count

from .deviation import Deviation
from .tampering import Filter, bfloat16, half

#: What a stage's result is called, and the routines that make it.
_RESULTS = {
    "mean": ("mean_cpu",), "variance": ("variance_cpu",), "scaled": ("scale_bias",), "sum_with_bias": ("add_bias",),
    "bias_updates": ("backward_bias",), "scale_updates": ("backward_scale_cpu",), "mean_delta": ("mean_delta_cpu",),
    "variance_delta": ("variance_delta_cpu",), "delta": ("normalize_delta_cpu", "inverse_std_delta", "fixed_delta"),
    "x_hat": ("x_hat",), "inverse_std": ("inverse_std",),
}  # fmt: skip
_FORMATS: dict[str, Filter] = {"half": half, "bfloat16": bfloat16}


def _rounded(routine: str, through: Filter) -> Formula:
    return lambda d, a, **tensors: through(FORMULAS[routine](d, a, **tensors))


def _result(kind: str, name: str) -> Deviation:
    formulas = {routine: _rounded(routine, _FORMATS[kind]) for routine in _RESULTS[name]}
    return Deviation(f"{kind}_{name}_result", f"{name} is rounded to {_WORDS[kind]}", ", ".join(_RESULTS[name]),
                     Variant(formulas=formulas))  # fmt: skip


_WORDS = {"half": "float16", "bfloat16": "bfloat16"}


def _summed_in_half(x: Bounded, start: Bounded | None = None) -> Bounded:
    """Terms added one by one in float16; in another order the result may differ by m roundings."""
    terms = np.moveaxis(x.v, 1, 0).reshape(x.shape[1], -1)
    if start is not None:
        terms = np.concatenate([start.v.reshape(-1, 1), terms], axis=1)
    with np.errstate(all="ignore"):
        v = np.cumsum(terms.astype(np.float16), axis=1, dtype=np.float16)[:, -1].astype(np.float64).reshape(1, -1, 1)
        e = terms.shape[1] * 2.0**-11 * np.abs(terms).sum(1).reshape(v.shape)
    tainted = ~np.isfinite(v)
    return type(x)(v, np.where(tainted | np.isnan(e), np.inf, e), tainted, x.profile)


def _mean(d: Any, a: Any, x: Bounded) -> Bounded:
    return _summed_in_half(x) / count(x)


def _variance(d: Any, a: Any, x: Bounded, mean: Bounded) -> Bounded:
    difference = x - mean
    return _summed_in_half(difference * difference) / d.divisor(count(x), a.get("ddof", d.variance_ddof))


def _bias(d: Any, a: Any, bias_updates: Bounded, delta: Bounded) -> Bounded:
    return _summed_in_half(delta, bias_updates)


def _scale(d: Any, a: Any, x_norm: Bounded, delta: Bounded, scale_updates: Bounded) -> Bounded:
    return _summed_in_half(delta * x_norm, scale_updates)


LOW_PRECISION_DEVIATIONS = (
    *(_result(kind, name) for name in _RESULTS for kind in _FORMATS),
    Deviation("half_accumulators", "sums are accumulated in float16", "sums",
              Variant(formulas={"mean_cpu": _mean, "variance_cpu": _variance, "backward_bias": _bias,
                                "backward_scale_cpu": _scale})),
    Deviation("half_accumulators_in_forward", "mean and variance are accumulated in float16", "sums",
              Variant(formulas={"mean_cpu": _mean, "variance_cpu": _variance})),
)  # fmt: skip
