"""normalize_cpu, scale_bias, add_bias: epsilon, channel indexing, tails, special values."""

from __future__ import annotations

from .fills import (
    constant,
    digits,
    dyadic,
    integers,
    normal,
    per_channel,
    photo,
    placed,
    powers,
    ramp,
    signed,
    subnormal,
    uniform,
)
from .make import rows_of

_normalize = rows_of("normalize_cpu", {"x": normal(0.5, 2.0), "mean": normal(0.5, 0.25), "variance": uniform(2.0, 6.0)})
_scale = rows_of("scale_bias", {"output": normal(0.5, 2.0), "scales": uniform(0.5, 1.5)})
_bias = rows_of("add_bias", {"output": normal(0.5, 2.0), "biases": normal(0.0, 0.5)})

_NORMALIZE = (
    _normalize("ordinary_odd_batch", "Axes are swapped, or variance is taken for the standard deviation.",
               (3, 5, 7, 5)),
    _normalize("tiny_variance", "sd 1e-4: the epsilon 1e-6 stands outside the root; any other shows.",
               (2, 4, 3, 5), x=normal(0.0, 1e-4), mean=normal(0.0, 1e-5), variance=uniform(0.5e-8, 2e-8)),
    _normalize("zero_variance", "Variance 0: the result is (x - mean) / 1e-6, large and finite.",
               (2, 3, 2, 3), variance=constant(0.0)),
    _normalize("x_equals_mean", "x equals the mean and variance is 0: exactly 0, not NaN.",
               (2, 3, 1, 3), x=constant(0.1), mean=constant(0.1), variance=constant(0.0)),
    _normalize("negative_variance", "The root of a negative variance is NaN: no abs, no clamp to 0.",
               (2, 4, 2, 2), variance=placed(uniform(2.0, 6.0), -1.0, [1])),
    _normalize("infinite_variance", "Variance inf: the channel becomes 0.",
               (2, 4, 2, 2), variance=placed(uniform(2.0, 6.0), "inf", [2])),
    _normalize("infinity_in_x", "One +inf stays one +inf; its neighbours stay finite.",
               (2, 4, 3, 2), x=placed(normal(), "inf", [1, 1, 2])),
    _normalize("nan_in_mean", "NaN in one channel's mean spreads to that channel only.",
               (2, 4, 3, 2), mean=placed(normal(), "nan", [2])),
    _normalize("mean_far_away", "x - mean cancels near 4096: folding into a x + b loses digits.",
               (4, 3, 2, 2), x=integers(-8, 8, 4096.0), mean=constant(4096.5), variance=constant(16.0)),
    _normalize("simd_tail", "33 channels of 13 elements fit no SIMD width: tails are lost.", (1, 33, 1, 13)),
    _normalize("subnormals", "Subnormal x: only flush-to-zero may return 0.",
               (2, 2, 3, 3), x=subnormal(), mean=constant(0.0), variance=constant(0.25)),
    _normalize("photograph", "Real pixels with real statistics.",
               (1, 3, 12, 14), x=photo(14, 5, 20), mean=uniform(0.2, 0.5), variance=uniform(0.01, 0.03)),
)  # fmt: skip

_SCALE = (
    _scale("ordinary_odd_batch", "The scale of the wrong channel is used.", (3, 5, 7, 5)),
    _scale("negative_and_zero", "Negative scales lose their sign; zero scales are skipped.",
           (2, 6, 2, 3), scales=per_channel(constant(-1.5), constant(0.0), constant(2.0))),
    _scale("zero_times_infinity", "0 * inf and 0 * NaN are NaN: a zero scale is no shortcut.",
           (2, 2, 1, 3), output=placed(placed(normal(), "nan", [1, 0, 0]), "inf", [0, 0, 1]),
           scales=per_channel(constant(0.0), constant(1.0))),
    _scale("channel_number", "Channel c is scaled by c + 1: an index error shows at sight.",
           (2, 5, 3, 1), output=constant(1.0), scales=ramp(1.0, 1.0)),
    _scale("exact_products", "Dyadic numbers: every product is exact.",
           (2, 3, 3, 5), output=dyadic(), scales=dyadic(-1)),
    _scale("simd_tail", "33 channels of 5 elements fit no SIMD width: tails are lost.", (1, 33, 1, 5)),
    _scale("one_pixel", "spatial = 1: channels lie side by side in memory.", (5, 7, 1, 1)),
    _scale("overflow", "One channel's products exceed float32: no clamping.",
           (2, 2, 2, 2), output=signed(3e38), scales=per_channel(constant(2.0), constant(0.25))),
    _scale("subnormal_product", "The product leaves the normal range: only flush-to-zero may return 0.",
           (2, 2, 2, 2), output=signed(2e-38), scales=constant(0.01)),
    _scale("nan_in_one_scale", "NaN in one scale spreads to that channel only.",
           (2, 4, 2, 2), scales=placed(normal(), "nan", [1])),
)  # fmt: skip

_BIAS = (
    _bias("ordinary_odd_batch", "The bias of the wrong channel is used.", (3, 5, 7, 5)),
    _bias("large_biases", "Biases near 10^6 swamp the output: it must be added, not replaced.",
          (2, 4, 2, 3), biases=integers(-9, 9, 1e6)),
    _bias("channel_number", "Channel c gets bias c: an index error shows at sight.",
          (2, 5, 3, 1), output=constant(0.0), biases=ramp(0.0, 1.0)),
    _bias("exact_cancellation", "output = -bias: the sum is exactly 0.",
          (2, 3, 2, 3), output=constant(-0.75), biases=constant(0.75)),
    _bias("exact_sums", "Dyadic numbers: every sum is exact.", (2, 3, 3, 5), output=dyadic(),
          biases=dyadic(3)),
    _bias("simd_tail", "33 channels of 13 elements fit no SIMD width: tails are lost.", (1, 33, 1, 13)),
    _bias("one_pixel", "spatial = 1: channels lie side by side in memory.", (5, 7, 1, 1)),
    _bias("infinities_of_both_signs", "inf + -inf is NaN; other channels stay finite.",
          (2, 3, 2, 2), output=placed(normal(), "inf", [0, 1, 0]), biases=placed(normal(), "-inf", [1])),
    _bias("wide_range", "Magnitudes over 40 binades: none is cut.", (2, 3, 3, 4),
          output=powers(-20, 20), biases=powers(-4, 4)),
    _bias("handwritten_digits", "Mostly zero pixels: zeros get their bias too.", (1, 3, 8, 8),
          output=digits(7)),
)  # fmt: skip

ELEMENTWISE_CASES = (*_NORMALIZE, *_SCALE, *_BIAS)
