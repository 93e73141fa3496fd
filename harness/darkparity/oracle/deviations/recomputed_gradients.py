"""Deviations of a backward that recomputes x_hat (cuDNN, frameworks): terms missing, signs, divisors, wrong factors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from darkparity.dialects import Dialect
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, Formula, count

from .deviation import Deviation, formula
from .tampering import cut

_delta, _fixed, _hat, _inverse = (FORMULAS[n] for n in ("inverse_std_delta", "fixed_delta", "x_hat", "inverse_std"))
Divisor = Callable[[Bounded], int]


def _terms(
    mean: int = 1, projection: int = 1, over: Divisor = count, projection_over: Divisor | None = None,
    centred: bool = True, outside: Callable[[Bounded], Bounded] = lambda inverse: inverse,
    hat_factor: Callable[[Bounded], Bounded] = lambda inverse: inverse,
) -> Formula:  # fmt: skip
    """(delta - mean_term - x_hat projection_term) / std with coefficients, divisors or factors of its own."""

    def wrong(d: Dialect, a: Any, x: Bounded, mean_: Bounded, inverse_std: Bounded, delta: Bounded) -> Bounded:
        hat = (x - mean_ if centred else x) * hat_factor(inverse_std)
        mean_term = delta.sum() / over(x) * mean
        projected = hat * (delta * hat).sum() / (projection_over or over)(x) * projection
        return (delta - mean_term - projected) * outside(inverse_std)

    return lambda d, a, x, mean, inverse_std, delta: wrong(d, a, x, mean, inverse_std, delta)


def _one(inverse: Bounded) -> Bounded:
    return inverse.constant(1, exact=True)


def _gradient(name: str, sentence: str, wrong: Formula, report: str = "") -> Deviation:
    return formula(name, f"backward {sentence}", "inverse_std_delta", wrong, report)


RECOMPUTED_GRADIENT_DEVIATIONS = (
    _gradient("mean_term_missing", "does not subtract the mean of delta", _terms(mean=0)),
    _gradient("projection_missing", "does not subtract the projection on x_hat", _terms(projection=0)),
    _gradient("inference_gradient_in_training", "treats the statistics as constants in training: delta / std alone",
              _terms(mean=0, projection=0)),
    _gradient("mean_term_added", "adds the mean of delta instead of subtracting it", _terms(mean=-1)),
    _gradient("projection_added", "adds the projection on x_hat instead of subtracting it", _terms(projection=-1)),
    _gradient("mean_term_twice", "subtracts the mean of delta twice", _terms(mean=2)),
    _gradient("projection_twice", "subtracts the projection on x_hat twice", _terms(projection=2)),
    _gradient("mean_term_not_divided", "subtracts the sum of delta, not its mean",
              _terms(over=lambda x: 1, projection_over=count)),
    _gradient("projection_not_divided", "does not divide the projection by m", _terms(projection_over=lambda x: 1)),
    _gradient("gradient_not_divided", "divides neither sum by m", _terms(over=lambda x: 1)),
    _gradient("mean_term_over_batch", "divides the sum of delta by batch only",
              _terms(over=lambda x: x.shape[0], projection_over=count)),
    _gradient("projection_over_batch", "divides the projection by batch only", _terms(projection_over=lambda x: x.shape[0])),
    _gradient("gradient_over_batch", "divides both sums by batch only", _terms(over=lambda x: x.shape[0])),
    _gradient("gradient_over_spatial", "divides both sums by the spatial size only", _terms(over=lambda x: x.shape[2])),
    _gradient("gradient_over_m_minus_1", "divides both sums by m - 1, not by m", _terms(over=lambda x: count(x) - 1)),
    _gradient("projection_over_m_minus_1", "divides the projection by m - 1, not by m: as if the variance were unbiased",
              _terms(projection_over=lambda x: count(x) - 1)),
    _gradient("mean_term_over_m_minus_1", "divides the sum of delta by m - 1, not by m",
              _terms(over=lambda x: count(x) - 1, projection_over=count)),
    _gradient("gradient_not_divided_by_std", "does not multiply by 1 / std at the end", _terms(outside=_one)),
    _gradient("gradient_by_variance", "multiplies by 1 / std twice", _terms(outside=lambda i: i * i)),
    _gradient("gradient_by_root_of_inverse", "multiplies by the root of 1 / std", _terms(outside=lambda i: i.sqrt())),
    _gradient("gradient_multiplied_by_std", "multiplies by std instead of dividing", _terms(outside=lambda i: _one(i) / i)),
    _gradient("projection_not_centred", "takes x instead of x - mean in x_hat", _terms(centred=False)),
    _gradient("projection_of_differences", "takes x - mean for x_hat, not divided by std", _terms(hat_factor=_one)),
    _gradient("projection_by_variance", "divides x - mean by the variance in x_hat", _terms(hat_factor=lambda i: i * i)),
    _gradient("sums_of_first_image_only", "sums over the first image only",
              lambda d, a, x, mean, inverse_std, delta: _from_sums_of(x, mean, inverse_std, delta, slice(0, 1))),
    _gradient("sums_of_last_image_only", "sums over the last image only: they are set, not added to",
              lambda d, a, x, mean, inverse_std, delta: _from_sums_of(x, mean, inverse_std, delta, slice(-1, None))),
    _gradient("delta_added_to", "adds to delta instead of overwriting it (+= for =)",
              lambda d, a, delta, **others: delta + _delta(d, a, delta=delta, **others)),
    _gradient("gradient_negated", "returns the gradient with the other sign",
              lambda d, a, **tensors: _delta(d, a, **tensors) * -1),
    formula("fixed_gradient_not_divided", "inference-mode backward does not multiply by 1 / std", "fixed_delta",
            lambda d, a, delta, inverse_std: delta),
    formula("fixed_gradient_by_variance", "inference-mode backward multiplies by 1 / std twice", "fixed_delta",
            lambda d, a, delta, inverse_std: delta * inverse_std * inverse_std),
    formula("fixed_gradient_multiplied", "inference-mode backward multiplies by std", "fixed_delta",
            lambda d, a, delta, inverse_std: delta / inverse_std),
    formula("x_hat_not_centred", "scale_updates takes x / std, the mean is not subtracted", "x_hat",
            lambda d, a, x, mean, inverse_std: x * inverse_std),
    formula("x_hat_not_divided", "scale_updates takes x - mean, not divided by std", "x_hat",
            lambda d, a, x, mean, inverse_std: x - mean),
    formula("x_hat_by_variance", "scale_updates takes (x - mean) / variance", "x_hat",
            lambda d, a, x, mean, inverse_std: (x - mean) * inverse_std * inverse_std),
    formula("x_hat_multiplied", "scale_updates takes (x - mean) std", "x_hat",
            lambda d, a, x, mean, inverse_std: (x - mean) / inverse_std),
    formula("root_missing_in_backward", "the backward's 1 / std is 1 / variance", "inverse_std",
            lambda d, a, variance: variance.constant(1, exact=True) / (variance + variance.constant(d.normalize.value))),
    formula("std_for_inverse_in_backward", "the backward takes std for 1 / std", "inverse_std",
            lambda d, a, variance: variance.constant(1, exact=True) / _inverse(d, a, variance)),
    formula("variance_for_inverse_in_backward", "the backward takes the variance for 1 / std", "inverse_std",
            lambda d, a, variance: variance),
)  # fmt: skip


def _from_sums_of(x: Bounded, mean: Bounded, inverse_std: Bounded, delta: Bounded, images: slice) -> Bounded:
    m, hat = count(x), (x - mean) * inverse_std
    part, hat_part = cut(delta, 0, images), cut(hat, 0, images)
    return (delta - part.sum() / m - hat * (part * hat_part).sum() / m) * inverse_std
