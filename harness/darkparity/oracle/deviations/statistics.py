"""Deviations of mean_cpu, variance_cpu and the elementwise routines of the forward pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from darkparity.dialects import OUTSIDE, Backward, Dialect, Epsilon
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, count, root

from .deviation import Row, formula, where
from .tampering import cut, mapped, permuted

_mean, _variance, _normalize = (FORMULAS[n] for n in ("mean_cpu", "variance_cpu", "normalize_cpu"))
_scale, _add = FORMULAS["scale_bias"], FORMULAS["add_bias"]


def squares(x: Bounded, mean: Bounded) -> Bounded:
    """(x - mean)^2."""
    difference = x - mean
    return difference * difference


def _divisor(d: Dialect, a: Mapping[str, Any], x: Bounded) -> int:
    """What the variance of `x` is divided by."""
    return d.divisor(count(x), a.get("ddof", d.variance_ddof))


def _shifted(channel: Bounded) -> Bounded:
    """Per-channel values taken from the neighbouring channel."""
    return permuted(channel, lambda a: np.roll(a, 1, axis=1))


def _by_position(channel: Bounded, x: Bounded) -> Bounded:
    """Per-channel values indexed as if the layout were NHWC: i % channels over the flat NCHW memory."""
    index = np.arange(x.v.size).reshape(x.shape) % x.shape[1]
    return permuted(channel, lambda a: a.reshape(-1)[index])


def _inverse(variance: Bounded, epsilon: Epsilon) -> Bounded:
    return variance.constant(1, exact=True) / root(variance, epsilon)


#: 1 / std taken otherwise in one of the two passes. name, what is wrong, the changed inverse.
_ROOTS: tuple[tuple[str, str, Callable[[Bounded, Dialect], Bounded]], ...] = (
    ("epsilon_missing", "has no epsilon", lambda v, d: _inverse(v, Epsilon(0.0, d.normalize.place))),
    ("epsilon_times_10", "has 10 times the epsilon",
     lambda v, d: _inverse(v, Epsilon(10 * d.normalize.value, d.normalize.place))),
    ("epsilon_twice", "has the epsilon inside and outside the root",
     lambda v, d: _inverse(v + v.constant(d.normalize.value), Epsilon(d.normalize.value, OUTSIDE))),
)  # fmt: skip


def _root_in_backward(name: str, sentence: str, change: Callable[[Bounded, Dialect], Bounded]) -> Row:
    return formula(f"{name}_in_backward_only", f"the backward's 1 / std {sentence}", "inverse_std",
                   lambda d, a, variance: change(variance, d))  # fmt: skip


def _root_in_forward(name: str, sentence: str, change: Callable[[Bounded, Dialect], Bounded]) -> Row:
    return formula(f"{name}_in_forward_only", f"normalize's 1 / std {sentence}, the backward's is right",
                   "normalize_cpu", lambda d, a, x, mean, variance: (x - mean) * change(variance, d))  # fmt: skip


STATISTICS_DEVIATIONS: tuple[Row, ...] = (
    formula("mean_over_m_minus_1", "mean divides by m - 1, not by m", "mean_cpu",
            lambda d, a, x: x.sum() / (count(x) - 1)),
    formula("mean_over_m_plus_1", "mean divides by m + 1", "mean_cpu", lambda d, a, x: x.sum() / (count(x) + 1)),
    formula("mean_over_batch", "mean divides by batch, the spatial size is forgotten", "mean_cpu",
            lambda d, a, x: x.sum() / x.shape[0]),
    formula("mean_over_spatial", "mean divides by the spatial size, batch is forgotten", "mean_cpu",
            lambda d, a, x: x.sum() / x.shape[2]),
    formula("mean_not_divided", "mean is the sum", "mean_cpu", lambda d, a, x: x.sum()),
    formula("mean_of_first_image", "mean is that of the first image only", "mean_cpu",
            lambda d, a, x: _mean(d, a, cut(x, 0, slice(0, 1)))),
    formula("mean_of_last_image", "mean is overwritten image by image: the last one counts", "mean_cpu",
            lambda d, a, x: _mean(d, a, cut(x, 0, slice(-1, None)))),
    formula("mean_of_magnitudes", "mean is that of |x|", "mean_cpu", lambda d, a, x: _mean(d, a, mapped(x, abs))),
    formula("mean_of_neighbour", "mean is written one channel further", "mean_cpu",
            lambda d, a, x: _shifted(_mean(d, a, x))),
    formula("mean_zero", "mean is left at zero", "mean_cpu", lambda d, a, x: _mean(d, a, x) * 0),
    formula("variance_not_centred", "variance is the mean square, the mean is not subtracted", "variance_cpu",
            lambda d, a, x, mean: (x * x).sum() / _divisor(d, a, x)),
    formula("variance_over_batch", "variance divides by batch, the spatial size is forgotten", "variance_cpu",
            lambda d, a, x, mean: squares(x, mean).sum() / d.divisor(x.shape[0], a.get("ddof", d.variance_ddof))),
    formula("variance_over_spatial", "variance divides by the spatial size, batch is forgotten", "variance_cpu",
            lambda d, a, x, mean: squares(x, mean).sum() / d.divisor(x.shape[2], a.get("ddof", d.variance_ddof))),
    formula("variance_over_batch_times_spatial_minus_1", "variance divides by batch * (spatial - 1)", "variance_cpu",
            lambda d, a, x, mean: squares(x, mean).sum() / (x.shape[0] * (x.shape[2] - 1))),
    formula("variance_not_divided", "variance is the sum of squares", "variance_cpu",
            lambda d, a, x, mean: squares(x, mean).sum()),
    formula("standard_deviation", "variance holds the standard deviation", "variance_cpu",
            lambda d, a, x, mean: _variance(d, a, x, mean).sqrt()),
    formula("mean_absolute_deviation", "variance sums |x - mean| instead of the squares", "variance_cpu",
            lambda d, a, x, mean: mapped(x - mean, abs).sum() / _divisor(d, a, x)),
    formula("epsilon_in_variance", "epsilon is added to the variance that is stored", "variance_cpu",
            lambda d, a, x, mean: _variance(d, a, x, mean) + x.constant(d.normalize.value)),
    formula("variance_of_first_image", "variance is that of the first image only", "variance_cpu",
            lambda d, a, x, mean: _variance(d, a, cut(x, 0, slice(0, 1)), mean)),
    *where(lambda d: d.variance_ddof == 1, formula(
        "variance_bessel_twice", "the variance is multiplied by m / (m - 1) although m - 1 already divides",
        "variance_cpu", lambda d, a, x, mean: _variance(d, a, x, mean) * count(x) / (count(x) - 1))),
    *where(lambda d: d.backward == Backward.INVERSE_STD,
           *(_root_in_backward(*row) for row in _ROOTS), *(_root_in_forward(*row) for row in _ROOTS)),
    formula("not_centred", "normalize does not subtract the mean", "normalize_cpu",
            lambda d, a, x, mean, variance: x / root(variance, d.normalize)),
    formula("mean_added", "normalize adds the mean instead of subtracting it", "normalize_cpu",
            lambda d, a, x, mean, variance: (x + mean) / root(variance, d.normalize)),
    formula("divided_by_variance", "normalize divides by the variance, not by its root", "normalize_cpu",
            lambda d, a, x, mean, variance: (x - mean) / (variance + variance.constant(d.normalize.value))),
    formula("multiplied_by_root", "normalize multiplies by the root instead of dividing", "normalize_cpu",
            lambda d, a, x, mean, variance: (x - mean) * root(variance, d.normalize)),
    formula("divided_twice", "normalize divides by the root twice", "normalize_cpu",
            lambda d, a, x, mean, variance: (x - mean) / root(variance, d.normalize) / root(variance, d.normalize)),
    formula("root_missing_epsilon_squared", "normalize divides by sqrt(variance + epsilon^2)", "normalize_cpu",
            lambda d, a, x, mean, variance: (x - mean) / (variance + variance.constant(d.normalize.value**2)).sqrt()),
    formula("standard_deviation_taken_for_variance", "normalize divides by the fourth root: variance is taken once more",
            "normalize_cpu", lambda d, a, x, mean, variance: (x - mean) / root(variance.sqrt(), d.normalize)),
    formula("variance_taken_for_inverse", "normalize multiplies by variance as if it were 1 / std (cuDNN's saved array)",
            "normalize_cpu", lambda d, a, x, mean, variance: (x - mean) * variance, "ROCm/rocm-libraries#2459"),
    formula("inference_statistics_swapped", "mean and variance are swapped in the call", "normalize_cpu",
            lambda d, a, x, mean, variance: _normalize(d, a, x, variance, mapped(mean, abs))),
    formula("normalize_channel_shift", "normalize takes the mean of the neighbouring channel", "normalize_cpu",
            lambda d, a, x, mean, variance: _normalize(d, a, x, _shifted(mean), variance)),
    formula("normalize_layout", "statistics are indexed i % channels: memory is read as NHWC", "normalize_cpu",
            lambda d, a, x, mean, variance: _normalize(d, a, x, _by_position(mean, x), _by_position(variance, x))),
    formula("scales_ignored", "scales are not applied", "scale_bias", lambda d, a, output, scales: output),
    formula("scales_squared", "scales are applied twice", "scale_bias",
            lambda d, a, output, scales: output * scales * scales),
    formula("scales_plus_one", "output is multiplied by 1 + scales", "scale_bias",
            lambda d, a, output, scales: output * (scales + scales.constant(1, exact=True))),
    formula("scales_magnitude", "output is multiplied by |scales|", "scale_bias",
            lambda d, a, output, scales: output * mapped(scales, abs)),
    formula("scales_of_neighbour", "scales are taken from the neighbouring channel", "scale_bias",
            lambda d, a, output, scales: output * _shifted(scales)),
    formula("scales_layout", "scales are indexed i % channels: memory is read as NHWC", "scale_bias",
            lambda d, a, output, scales: output * _by_position(scales, output)),
    formula("scales_first_channel", "every channel gets the first channel's scale", "scale_bias",
            lambda d, a, output, scales: output * cut(scales, 1, slice(0, 1))),
    formula("biases_ignored", "biases are not added", "add_bias", lambda d, a, output, biases: output),
    formula("biases_subtracted", "biases are subtracted", "add_bias", lambda d, a, output, biases: output - biases),
    formula("biases_twice", "biases are added twice", "add_bias",
            lambda d, a, output, biases: output + biases + biases, "AlexeyAB/darknet#2119"),
    formula("biases_of_neighbour", "biases are taken from the neighbouring channel", "add_bias",
            lambda d, a, output, biases: output + _shifted(biases)),
    formula("biases_layout", "biases are indexed i % channels: memory is read as NHWC", "add_bias",
            lambda d, a, output, biases: output + _by_position(biases, output)),
)  # fmt: skip
