"""Deviations of the backward routines: accumulation, signs, factors, divisors, missing terms."""

from __future__ import annotations

from typing import Any

from darkparity.dialects import Dialect
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, Formula, count, root

from .deviation import formula
from .tampering import cut

_bias, _scale = FORMULAS["backward_bias"], FORMULAS["backward_scale_cpu"]
_md, _vd, _nd = (FORMULAS[n] for n in ("mean_delta_cpu", "variance_delta_cpu", "normalize_delta_cpu"))


def recombined(
    direct: int = 1, spread: int = 1, shift: int = 1, divisor: int = 0,
    spread_divisor: int | None = None, shift_divisor: int | None = None,
) -> Formula:  # fmt: skip
    """normalize_delta with other coefficients; its terms divided by m + divisor, or by a divisor of their own."""

    def wrong(
        d: Dialect, a: Any, x: Bounded, mean: Bounded, variance: Bounded,
        mean_delta: Bounded, variance_delta: Bounded, delta: Bounded,
    ) -> Bounded:  # fmt: skip
        m = count(x) + divisor
        spread_term = variance_delta * 2 * (x - mean) * spread / (spread_divisor or m)
        return (
            delta / root(variance, d.normalize_delta) * direct + spread_term + mean_delta * shift / (shift_divisor or m)
        )

    return wrong


GRADIENT_DEVIATIONS = (
    formula("bias_updates_overwritten", "bias_updates is overwritten (= instead of +=)", "backward_bias",
            lambda d, a, bias_updates, delta: delta.sum(plain=True)),
    formula("bias_updates_subtracted", "sum(delta) is subtracted from bias_updates", "backward_bias",
            lambda d, a, bias_updates, delta: (delta * -1).sum(start=bias_updates, plain=True)),
    formula("bias_updates_averaged", "bias_updates gets the mean of delta, not the sum", "backward_bias",
            lambda d, a, bias_updates, delta: bias_updates + delta.sum(plain=True) / count(delta)),
    formula("bias_updates_per_image", "bias_updates gets sum(delta) / batch", "backward_bias",
            lambda d, a, bias_updates, delta: bias_updates + delta.sum(plain=True) / delta.shape[0]),
    formula("bias_updates_last_image", "bias_updates gets the last image's sum only", "backward_bias",
            lambda d, a, bias_updates, delta: _bias(d, a, bias_updates, cut(delta, 0, slice(-1, None)))),
    formula("bias_updates_twice", "sum(delta) is added to bias_updates twice", "backward_bias",
            lambda d, a, bias_updates, delta: _bias(d, a, _bias(d, a, bias_updates, delta), delta), "AlexeyAB/darknet#2119"),
    formula("bias_updates_first_image", "bias_updates gets the first image's sum only", "backward_bias",
            lambda d, a, bias_updates, delta: _bias(d, a, bias_updates, cut(delta, 0, slice(0, 1)))),
    formula("bias_updates_per_pixel", "bias_updates gets sum(delta) / spatial", "backward_bias",
            lambda d, a, bias_updates, delta: bias_updates + delta.sum(plain=True) / delta.shape[2]),
    formula("bias_updates_doubled", "the old bias_updates count twice", "backward_bias",
            lambda d, a, bias_updates, delta: _bias(d, a, bias_updates, delta) + bias_updates),
    formula("scale_updates_per_image", "scale_updates gets sum(delta x_norm) / batch", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: scale_updates + (delta * x_norm).sum(plain=True) / delta.shape[0]),
    formula("scale_updates_twice", "sum(delta x_norm) is added to scale_updates twice", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: _scale(d, a, x_norm, delta * 2, scale_updates)),
    formula("scale_updates_last_image", "scale_updates gets the last image only", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: _scale(
                d, a, cut(x_norm, 0, slice(-1, None)), cut(delta, 0, slice(-1, None)), scale_updates)),
    formula("scale_updates_overwritten", "scale_updates is overwritten (= instead of +=)", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: (delta * x_norm).sum(plain=True)),
    formula("scale_updates_untouched", "scale_updates is not updated", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: scale_updates),
    formula("scale_updates_subtracted", "sum(delta x_norm) is subtracted from scale_updates", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: _scale(d, a, x_norm, delta * -1, scale_updates)),
    formula("scale_updates_averaged", "scale_updates gets the mean of delta x_norm, not the sum",
            "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: scale_updates + (delta * x_norm).sum(plain=True) / count(delta)),
    formula("scale_updates_without_x_norm", "scale_updates gets sum(delta)", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: delta.sum(start=scale_updates, plain=True)),
    formula("scale_updates_product_of_sums", "scale_updates gets sum(delta) sum(x_norm)", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: scale_updates + delta.sum(plain=True) * x_norm.sum(plain=True)),
    formula("scale_updates_first_image", "scale_updates gets the first image only", "backward_scale_cpu",
            lambda d, a, x_norm, delta, scale_updates: _scale(
                d, a, cut(x_norm, 0, slice(0, 1)), cut(delta, 0, slice(0, 1)), scale_updates)),
    formula("mean_delta_positive", "mean_delta lost its minus sign", "mean_delta_cpu",
            lambda d, a, delta, variance: _md(d, a, delta, variance) * -1),
    formula("mean_delta_by_variance", "mean_delta divides by the variance, not by its root", "mean_delta_cpu",
            lambda d, a, delta, variance: delta.sum() / (variance + variance.constant(d.mean_delta.value)) * -1),
    formula("mean_delta_by_root_of_biased", "mean_delta multiplies by the root", "mean_delta_cpu",
            lambda d, a, delta, variance: delta.sum() * root(variance, d.mean_delta) * -1),
    formula("mean_delta_averaged", "mean_delta is divided by m already", "mean_delta_cpu",
            lambda d, a, delta, variance: _md(d, a, delta, variance) / count(delta)),
    formula("mean_delta_first_image", "mean_delta sums the first image only", "mean_delta_cpu",
            lambda d, a, delta, variance: _md(d, a, cut(delta, 0, slice(0, 1)), variance)),
    formula("mean_delta_zero", "mean_delta stays zero", "mean_delta_cpu",
            lambda d, a, delta, variance: _md(d, a, delta, variance) * 0),
    formula("variance_delta_positive", "variance_delta lost its minus sign", "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: _vd(d, a, x, delta, mean, variance) * -1),
    formula("variance_delta_no_half", "variance_delta lost the factor 1/2", "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: _vd(d, a, x, delta, mean, variance) * 2),
    formula("variance_delta_power_half", "variance_delta has the power -1/2 instead of -3/2", "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: (delta * (x - mean)).sum() / root(variance, d.variance_delta) / -2),
    formula("variance_delta_power_one", "variance_delta has the power -1 (integer -3/2) instead of -3/2",
            "variance_delta_cpu", lambda d, a, x, delta, mean, variance: (delta * (x - mean)).sum()
            / (variance + variance.constant(d.variance_delta.value)) / -2),
    formula("variance_delta_not_centred", "variance_delta sums delta x, the mean is not subtracted",
            "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: _vd(d, a, x, delta, mean * 0, variance)),
    formula("variance_delta_first_image", "variance_delta sums the first image only", "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: _vd(
                d, a, cut(x, 0, slice(0, 1)), cut(delta, 0, slice(0, 1)), mean, variance)),
    formula("variance_delta_zero", "variance_delta stays zero", "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: _vd(d, a, x, delta, mean, variance) * 0),
    formula("variance_delta_three_halves", "variance_delta has the factor -3/2 instead of -1/2", "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: _vd(d, a, x, delta, mean, variance) * 3),
    formula("variance_delta_averaged", "variance_delta is divided by m already", "variance_delta_cpu",
            lambda d, a, x, delta, mean, variance: _vd(d, a, x, delta, mean, variance) / count(x)),
    formula("direct_term_missing", "normalize_delta lost delta / root", "normalize_delta_cpu", recombined(direct=0)),
    formula("spread_term_missing", "normalize_delta lost the variance_delta term", "normalize_delta_cpu",
            recombined(spread=0)),
    formula("shift_term_missing", "normalize_delta lost the mean_delta term", "normalize_delta_cpu",
            recombined(shift=0)),
    formula("fixed_statistics", "normalize_delta treats the statistics as constants: delta / root alone",
            "normalize_delta_cpu", recombined(spread=0, shift=0)),
    formula("spread_factor_missing", "normalize_delta lost the factor 2", "normalize_delta_cpu",
            lambda d, a, x, mean, variance, mean_delta, variance_delta, delta:
            delta / root(variance, d.normalize_delta) + variance_delta * (x - mean) / count(x) + mean_delta / count(x)),
    formula("spread_not_divided", "the variance_delta term is not divided by m", "normalize_delta_cpu",
            recombined(spread_divisor=1)),
    formula("shift_not_divided", "the mean_delta term is not divided by m", "normalize_delta_cpu",
            recombined(shift_divisor=1)),
    formula("backward_over_m_minus_1", "normalize_delta divides by m - 1, not by m",
            "normalize_delta_cpu", recombined(divisor=-1), "pjreddie/darknet#1634"),
    formula("spread_over_m_minus_1", "the variance_delta term is divided by m - 1, not by m",
            "normalize_delta_cpu",
            lambda d, a, x, mean, variance, mean_delta, variance_delta, delta: delta / root(variance, d.normalize_delta)
            + variance_delta * 2 * (x - mean) / (count(x) - 1) + mean_delta / count(x), "pjreddie/darknet#1723"),
    formula("shift_over_batch", "the mean_delta term is divided by batch only", "normalize_delta_cpu",
            lambda d, a, x, mean, variance, mean_delta, variance_delta, delta: delta / root(variance, d.normalize_delta)
            + variance_delta * 2 * (x - mean) / count(x) + mean_delta / x.shape[0]),
    formula("spread_not_centred", "normalize_delta uses x, not x - mean", "normalize_delta_cpu",
            lambda d, a, x, mean, variance, mean_delta, variance_delta, delta: _nd(
                d, a, x, mean * 0, variance, mean_delta, variance_delta, delta)),
    formula("shift_subtracted", "the mean_delta term is subtracted", "normalize_delta_cpu", recombined(shift=-1)),
    formula("spread_subtracted", "the variance_delta term is subtracted", "normalize_delta_cpu", recombined(spread=-1)),
    formula("direct_by_variance", "delta is divided by the variance, not by its root", "normalize_delta_cpu",
            lambda d, a, x, mean, variance, mean_delta, variance_delta, delta:
            delta / (variance + variance.constant(d.normalize_delta.value))
            + variance_delta * 2 * (x - mean) / count(x) + mean_delta / count(x)),
)  # fmt: skip
