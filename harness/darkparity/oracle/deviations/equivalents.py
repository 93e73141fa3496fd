"""Variants that no float32 contract can tell from DarkNet; each must never alarm."""

from __future__ import annotations

from darkparity.oracle.formulas import count, root

from .deviation import formula

EQUIVALENT_DEVIATIONS = (
    formula("reciprocal_multiply", "x - mean is multiplied by the rounded reciprocal of the root", "normalize_cpu",
            lambda d, a, x, mean, variance: (x - mean) * (variance.constant(1, exact=True) / root(variance, d.normalize)),
            equivalent="a (1/b) = a/b; one more rounding, which every division in the bounds is allowed"),
    formula("factored_backward", "normalize_delta takes 1/m out of both terms", "normalize_delta_cpu",
            lambda d, a, x, mean, variance, mean_delta, variance_delta, delta: delta / root(variance, d.normalize_delta)
            + (variance_delta * 2 * (x - mean) + mean_delta) / count(x),
            equivalent="p/m + q/m = (p + q)/m; the same terms, one division fewer"),
    formula("one_over_m", "mean multiplies by the rounded 1/m", "mean_cpu",
            lambda d, a, x: x.sum() * (x.constant(1, exact=True) / count(x)),
            equivalent="DarkNet itself multiplies by (float)(1./m)"),
)  # fmt: skip
