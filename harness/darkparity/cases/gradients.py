"""The gradient routines: accumulators, divisors, epsilons, signs, order of sums."""

from __future__ import annotations

from .fills import (
    cancelling,
    constant,
    digits,
    dyadic,
    integers,
    normal,
    per_channel,
    placed,
    powers,
    relu,
    signed,
    subnormal,
    uniform,
)
from .make import rows_of

_DELTA = normal(0.25, 1.0)  # its mean is not 0: a lost sum(delta) shows
_X = {"x": normal(0.5, 2.0), "mean": normal(0.5, 0.25), "variance": uniform(2.0, 6.0)}
_TINY = {"x": normal(0.0, 1e-4), "mean": normal(0.0, 1e-5), "variance": uniform(0.5e-8, 2e-8)}
_bias = rows_of("backward_bias", {"bias_updates": normal(0.0, 2.0), "delta": _DELTA})
_scale = rows_of("backward_scale_cpu", {"x_norm": normal(), "delta": _DELTA, "scale_updates": normal(0.0, 2.0)})
_mean = rows_of("mean_delta_cpu", {"delta": _DELTA, "variance": _X["variance"]})
_variance = rows_of("variance_delta_cpu", {"delta": _DELTA, **_X})
_normalize = rows_of("normalize_delta_cpu", {"delta": _DELTA, "mean_delta": normal(), "variance_delta": normal(), **_X})

_BIAS = (
    _bias("accumulates_over_calls", "bias_updates is overwritten instead of added to.", (3, 5, 7, 5)),
    _bias("exact_sums", "Dyadic delta: the sum is exact, one lost element shows at any m.",
          (3, 3, 3, 5), delta=dyadic(), bias_updates=integers(-9, 9)),
    _bias("above_4096_elements", "m = 4624: elements behind a fixed-size buffer are ignored.",
          (16, 1, 17, 17), delta=dyadic(), bias_updates=integers(-9, 9)),
    _bias("cancelling_terms", "Terms near 10^4 cancel to a sum of 1: small ones are dropped.",
          (3, 2, 3, 5), delta=cancelling(8192.0, 1.0), bias_updates=constant(0.5)),
    _bias("nan_in_one_channel", "NaN is skipped or spreads to other channels.",
          (2, 4, 3, 2), delta=placed(normal(), "nan", [0, 2, 5])),
    _bias("infinity_in_one_channel", "+inf in delta is clipped.", (2, 4, 3, 2),
          delta=placed(normal(), "inf", [1, 1, 2])),
    _bias("one_pixel", "spatial = 1 is a branch of its own in DarkNet's GPU code: the batch is lost.",
          (5, 7, 1, 1)),
    _bias("simd_tail", "33 channels of 13 elements fit no SIMD width: tails are lost.", (1, 33, 1, 13)),
    _bias("subnormals", "Subnormal delta: only flush-to-zero may return 0.",
          (2, 2, 3, 3), delta=subnormal(), bias_updates=constant(0.0)),
)  # fmt: skip

_SCALE = (
    _scale("accumulates_over_calls", "scale_updates is overwritten instead of added to.", (3, 5, 7, 5)),
    _scale("exact_sums", "Dyadic data: products and sums are exact, one lost element shows.",
           (3, 3, 3, 5), x_norm=dyadic(), delta=dyadic(), scale_updates=integers(-9, 9)),
    _scale("above_4096_elements", "m = 4624: elements behind a fixed-size buffer are ignored.",
           (16, 1, 17, 17), x_norm=dyadic(), delta=dyadic(), scale_updates=integers(-9, 9)),
    _scale("one_signed_x_norm", "x_norm of one sign (a stale one): the sum does not cancel by luck.",
           (3, 2, 3, 5), x_norm=relu(normal(1.0, 1.0))),
    _scale("wide_range", "Magnitudes over 30 binades: small products are dropped.",
           (3, 2, 4, 5), x_norm=powers(-15, 0), delta=powers(0, 15)),
    _scale("nan_in_x_norm", "NaN in x_norm spreads to its channel only.", (2, 4, 3, 2),
           x_norm=placed(normal(), "nan", [1, 0, 3])),
    _scale("infinity_in_one_channel", "+inf in delta is clipped.", (2, 4, 3, 2),
           delta=placed(normal(), "inf", [1, 1, 2])),
    _scale("one_pixel", "spatial = 1: the loop over pixels swallows the loop over images.", (5, 7, 1, 1)),
    _scale("product_overflows", "delta * x_norm exceeds float32: no clamping.",
           (2, 2, 2, 3), x_norm=signed(1e20), delta=per_channel(signed(1e20), normal())),
)  # fmt: skip

_MEAN = (
    _mean("ordinary_odd_batch", "The sign is lost, or variance is taken for the standard deviation.",
          (3, 5, 7, 5)),
    _mean("tiny_variance", "Variance 1e-8: the epsilon 1e-5 stands inside the root; any other shows.",
          (2, 4, 3, 5), variance=_TINY["variance"]),
    _mean("zero_variance", "Variance 0: divided by the root of 1e-5, finite.", (2, 3, 2, 3),
          variance=constant(0.0)),
    _mean("negative_variance", "variance + 1e-5 < 0 gives NaN; -1e-6 does not.",
          (2, 4, 2, 2), variance=per_channel(constant(-1.0), constant(-1e-6), constant(4.0))),
    _mean("above_4096_elements", "m = 4624: elements behind a fixed-size buffer are ignored.",
          (16, 1, 17, 17), delta=dyadic()),
    _mean("cancelling_terms", "delta sums to 0 exactly: so does the result.",
          (3, 2, 3, 5), delta=cancelling(8192.0, 0.0)),
    _mean("one_element", "m = 1: no division by m or m - 1 takes place.", (1, 4, 1, 1)),
    _mean("nan_in_one_channel", "NaN is skipped or spreads to other channels.",
          (2, 4, 3, 2), delta=placed(normal(), "nan", [0, 2, 5])),
    _mean("simd_tail", "33 channels of 5 elements fit no SIMD width: tails are lost.", (1, 33, 1, 5)),
    _mean("infinite_variance", "Variance inf: the result is 0.",
          (2, 4, 2, 2), variance=placed(_X["variance"], "inf", [1])),
)  # fmt: skip

_VARIANCE = (
    _variance("ordinary_odd_batch", "The factor -0.5 or the power -3/2 is wrong.", (3, 5, 7, 5)),
    _variance("tiny_variance", "Variance 1e-8: the epsilon 1e-5 stands inside the power; any other shows.",
              (2, 4, 3, 5), **_TINY),
    _variance("zero_variance", "Variance 0: (1e-5)^(-3/2) is large and finite.", (2, 3, 2, 3),
              variance=constant(0.0)),
    _variance("mean_is_given", "The mean is computed again instead of taken from the argument.",
              (3, 2, 3, 5), mean=constant(5.0)),
    _variance("integers_around_4096", "sum(delta x) - mean sum(delta) loses digits when the mean is large.",
              (4, 3, 2, 2), x=integers(-8, 8, 4096.0), mean=constant(4096.0), delta=dyadic()),
    _variance("above_4096_elements", "m = 4624: elements behind a fixed-size buffer are ignored.",
              (16, 1, 17, 17), x=dyadic(), mean=constant(0.5), delta=dyadic()),
    _variance("constant_channels", "x equals the mean: the result is 0.",
              (2, 3, 1, 5), x=constant(0.1), mean=constant(0.1), variance=constant(0.0)),
    _variance("nan_in_x", "NaN in x spreads to its channel only.", (2, 4, 3, 2), x=placed(normal(), "nan", [0, 2, 5])),
    _variance("infinity_in_delta", "+inf in delta is clipped.", (2, 4, 3, 2), delta=placed(normal(), "inf", [1, 1, 2])),
    _variance("simd_tail", "33 channels of 5 elements fit no SIMD width: tails are lost.", (1, 33, 1, 5)),
)  # fmt: skip

_NORMALIZE = (
    _normalize("ordinary_odd_batch", "A term, the factor 2 or the divisor m is missing.", (3, 5, 7, 5)),
    _normalize("tiny_variance", "Variance 1e-8: the epsilon of the first term (1e-5, inside the root).",
               (2, 4, 3, 5), **_TINY),
    _normalize("two_elements", "m = 2: divided by m - 1 = 1 instead of m = 2.",
               (2, 3, 1, 1), mean_delta=dyadic(2), variance_delta=dyadic(2)),
    _normalize("one_element", "m = 1: every divisor is 1, all finite.", (1, 4, 1, 1)),
    _normalize("variance_delta_dominates", "The middle term alone: delta and mean_delta are small.",
               (3, 2, 3, 5), delta=normal(0.0, 1e-4), mean_delta=normal(0.0, 1e-4),
               variance_delta=normal(0.0, 50.0)),
    _normalize("mean_delta_dominates", "The last term alone: delta and variance_delta are small.",
               (3, 2, 3, 5), delta=normal(0.0, 1e-4), variance_delta=normal(0.0, 1e-6),
               mean_delta=normal(0.0, 50.0)),
    _normalize("infinite_variance_delta", "inf in variance_delta spreads to its channel only.",
               (2, 4, 2, 2), variance_delta=placed(normal(), "inf", [1])),
    _normalize("nan_in_delta", "One NaN in delta stays one NaN.", (2, 4, 3, 2),
               delta=placed(normal(), "nan", [0, 2, 5])),
    _normalize("simd_tail", "33 channels of 13 elements fit no SIMD width: tails are lost.", (1, 33, 1, 13)),
    _normalize("handwritten_digits", "Mostly zero pixels with a small variance.",
               (2, 3, 8, 8), x=digits(20), mean=constant(0.02), variance=uniform(2e-4, 1e-3)),
)  # fmt: skip

GRADIENT_CASES = (*_BIAS, *_SCALE, *_MEAN, *_VARIANCE, *_NORMALIZE)
