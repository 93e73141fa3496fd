"""mean_cpu and variance_cpu: order of sums, divisors, large means, overflow, special values."""

from __future__ import annotations

from .fills import (
    cancelling,
    constant,
    digits,
    dyadic,
    integers,
    normal,
    per_channel,
    photo,
    placed,
    powers,
    relu,
    signed,
    subnormal,
    uniform,
)
from .make import rows_of

_mean = rows_of("mean_cpu", {"x": normal(0.5, 2.0)})
_variance = rows_of("variance_cpu", {"x": normal(0.5, 2.0), "mean": normal(0.5, 0.25)})
_MIXED = per_channel(constant(0.1), constant(0.5), constant(0.0), constant(-3.0))  # only .1 is inexact

_MEAN = (
    _mean("ordinary_odd_batch", "Batch 3, height 5, width 7: axes are swapped or the last image is lost.",
          (3, 5, 7, 5)),
    _mean("integers_around_4096", "The sum of integers is exact: half precision or a lost element shows.",
          (4, 3, 2, 2), x=integers(-8, 8, 4096.0)),
    _mean("cancelling_terms", "Terms near 10^4 cancel to a sum of 1: small contributions are dropped.",
          (3, 2, 3, 5), x=cancelling(8192.0, 1.0)),
    _mean("above_4096_elements", "m = 4624 > 4096: elements behind a fixed-size buffer are ignored.",
          (16, 1, 17, 17), x=dyadic()),
    _mean("one_element", "m = 1: divides by m - 1 instead of m.", (1, 4, 1, 1)),
    _mean("infinity_in_one_channel", "+inf: its channel must not be finite, all others must be.",
          (2, 4, 3, 2), x=placed(normal(), "inf", [1, 1, 2])),
    _mean("nan_in_one_channel", "NaN is skipped (nanmean) or spreads to other channels.",
          (2, 4, 3, 2), x=placed(normal(), "nan", [0, 2, 5])),
    _mean("simd_tail", "33 channels of 13 elements fit no SIMD width: tails are lost.", (1, 33, 1, 13)),
    _mean("channels_of_different_size", "Channels of size 1e-6, 1, 1e6: one leaks into the next.",
          (2, 3, 3, 5), x=per_channel(normal(1e-6, 1e-7), normal(), normal(1e6, 1e5))),
    _mean("subnormals", "Subnormal input: only flush-to-zero may return 0.", (2, 2, 3, 3), x=subnormal()),
    _mean("sum_overflows", "3e38 everywhere: the float32 sum overflows; wider sums may stay finite.",
          (2, 2, 2, 2), x=per_channel(constant(3e38), normal())),
    _mean("heavy_tail", "Magnitudes over 30 binades: terms are cut or clipped.", (3, 2, 4, 5),
          x=powers(-15, 15)),
)  # fmt: skip

_VARIANCE = (
    _variance("ordinary_odd_batch", "The divisor is m, not m - 1, or an axis is swapped.", (3, 5, 7, 5)),
    _variance("mean_is_given", "The mean is computed again instead of taken from the argument.",
              (3, 2, 3, 5), mean=constant(5.0)),
    _variance("integers_around_4096", "E[x^2] - E[x]^2 loses everything when the mean is large.",
              (4, 3, 2, 2), x=integers(-8, 8, 4096.0), mean=constant(4096.0)),
    _variance("one_element", "m = 1: DarkNet divides 0 by 0 and gets NaN, no guard.",
              (1, 4, 1, 1), x=dyadic(), mean=dyadic()),
    _variance("two_elements", "m = 2: the divisor is 1; m would halve the result.",
              (2, 3, 1, 1), x=dyadic(), mean=constant(0.5)),
    _variance("constant_channels", "x equals the mean: the result is exactly 0.",
              (2, 4, 1, 5), x=_MIXED, mean=_MIXED),
    _variance("above_4096_elements", "m = 4624: elements behind a fixed-size buffer are ignored.",
              (16, 1, 17, 17), x=dyadic(), mean=constant(0.0)),
    _variance("tiny", "sd 1e-4: a floor or an epsilon is added to the variance.",
              (2, 4, 3, 5), x=normal(0.0, 1e-4), mean=normal(0.0, 1e-6)),
    _variance("infinity_in_one_channel", "+inf in x: its channel must not be finite, all others must be.",
              (2, 4, 3, 2), x=placed(normal(), "inf", [1, 1, 2])),
    _variance("nan_in_one_mean", "NaN in the mean of one channel.", (2, 4, 3, 2), mean=placed(normal(), "nan", [2])),
    _variance("square_underflows", "x near 1e-25: squares underflow to 0, no error and no NaN.",
              (2, 3, 2, 3), x=normal(0.0, 1e-25), mean=constant(0.0)),
    _variance("square_overflows", "x = +-1e20: squares overflow float32; wider sums may stay finite.",
              (2, 2, 2, 3), x=per_channel(signed(1e20), normal()), mean=constant(0.0)),
    _variance("simd_tail", "33 channels of 5 elements fit no SIMD width: tails are lost.",
              (1, 33, 1, 5), x=uniform(-1.0, 1.0)),
    _variance("photograph", "Pixels of one sign with a large mean, as layer 1 sees them.",
              (1, 3, 12, 14), x=photo(14, 20, 20), mean=uniform(0.3, 0.5)),
    _variance("handwritten_digits", "Mostly zero pixels and a few bright ones.",
              (2, 3, 8, 8), x=digits(), mean=constant(0.02)),
    _variance("half_zero_after_relu", "Exact zeros are counted out of m.",
              (3, 2, 3, 5), x=relu(normal()), mean=constant(0.4)),
)  # fmt: skip

STATISTICS_CASES = (*_MEAN, *_VARIANCE)
