"""backward_batchnorm_layer: accumulators, chain order, statistics of each mode, nasty data."""

from __future__ import annotations

from collections.abc import Mapping

from darkparity.spec import BACKWARD

from .case import Case
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
from .make import layer_fills
from .recipe import Fill

_BN, _CONV, _FC = "BATCHNORM", "CONVOLUTIONAL", "CONNECTED"
Shape = tuple[int, int, int, int]

#: Farther from the batch's mean than elsewhere: inference-mode backward subtracts it.
_ROLLING = {"rolling_mean": normal(-2.0, 0.5)}
_TINY = {"x": normal(0.0, 1e-4), "mean": normal(0.0, 1e-5), "variance": uniform(5e-9, 2e-8),
         "rolling_mean": normal(0.0, 1e-4), "rolling_variance": uniform(1e-6, 2e-6)}  # fmt: skip
_EXACT = {"delta": dyadic(), "x": dyadic(1), "x_norm": dyadic(), "bias_updates": integers(-9, 9),
          "scale_updates": integers(-9, 9)}  # fmt: skip


def _backward(name: str, fault: str, shape: Shape, kind: str, train: bool, state: Mapping[str, Fill],
              dialects: tuple[str, ...] = ()) -> Case:  # fmt: skip
    fills = layer_fills(BACKWARD, kind, {**_ROLLING, **state})
    return Case(name, BACKWARD, fault, fills, shape, {"type": kind, "train": train}, dialects)


def _train(name: str, fault: str, shape: Shape, kind: str = _CONV, **state: Fill) -> Case:
    return _backward(name, fault, shape, kind, True, state)


def _infer(name: str, fault: str, shape: Shape, kind: str = _CONV, **state: Fill) -> Case:
    return _backward(name, fault, shape, kind, False, state)


_COVER = (
    _train("tiny_variance", "Variance 1e-8: each epsilon of the backward pass decides the result.",
           (2, 4, 3, 5), _BN, **_TINY),
    _train("infinity_in_one_channel",
           "+inf in delta (channel 1) or x (channel 2) is clipped, or leaves its channel.",
           (2, 4, 3, 2), _BN, delta=placed(normal(), "inf", [1, 1, 2]), x=placed(normal(), "inf", [0, 2, 3])),
    _train("accumulators_not_zero",
           "bias_updates and scale_updates are overwritten; batch 3, height 7, width 5.",
           (3, 5, 7, 5)),
    _train("integers_around_4096", "A large mean: sum(delta x) - mean sum(delta) loses everything.",
           (4, 3, 2, 2), _BN, x=integers(-8, 8, 4096.0), mean=constant(4096.5), variance=uniform(20.0, 28.0),
           delta=dyadic()),
    _train("one_element_per_channel", "m = 1 with plausible statistics: divides by m, not by m - 1 = 0.",
           (1, 4, 1, 1)),
    _train("above_4096_elements", "m = 16384: elements behind a fixed-size buffer are ignored.",
           (16, 2, 32, 32)),
)  # fmt: skip

_INFERENCE = (
    _infer("inference_rolling_statistics",
           "Inference-mode backward uses mean and variance of the last batch.",
           (3, 5, 7, 5)),
    _infer("inference_keeps_statistics", "Rolling statistics are copied into mean and variance for good.",
           (2, 4, 3, 3), _BN),
    _infer("inference_stale_x_norm",
           "x_norm is computed again instead of taken from the last training forward.",
           (2, 3, 3, 4), _CONV, x_norm=normal(5.0, 1.0)),
    _infer("inference_before_training", "Rolling statistics 0: divided by the root of 1e-5.",
           (2, 3, 2, 4), _BN, rolling_mean=constant(0.0), rolling_variance=constant(0.0)),
    _infer("inference_tiny_rolling_variance",
           "Rolling sd 1e-4: the epsilon decides, and batch statistics do not.",
           (2, 4, 3, 5), _CONV, x=normal(0.0, 1e-4), rolling_mean=normal(0.0, 1e-5),
           rolling_variance=uniform(5e-9, 2e-8)),
    _infer("inference_negative_rolling_variance", "variance + 1e-5 < 0 gives NaN, -1e-6 does not.",
           (2, 4, 2, 3), _CONV,
           rolling_variance=per_channel(constant(0.5), constant(-0.25), constant(-1e-6))),
    _infer("inference_mean_of_delta",
           "Rolling statistics are taken for constants: mean_delta and variance_delta vanish.",
           (2, 3, 4, 3), _BN, delta=normal(3.0, 0.5)),
    _infer("inference_far_from_mean", "x far from the rolling mean: sum(x - mean) is not 0 in inference.",
           (2, 3, 3, 4), _CONV, rolling_mean=constant(-8.0)),
    _infer("inference_connected", "A CONNECTED layer, spatial = 1, inference-mode backward.", (5, 7, 1, 1),
           _FC),
    _infer("inference_photograph", "Real pixels and a training step in inference mode.",
           (1, 3, 10, 13), _BN, x=photo(13, 3, 22), rolling_mean=uniform(0.2, 0.5),
           rolling_variance=uniform(0.01, 0.04)),
)  # fmt: skip

_GEOMETRY = (
    _train("batch_one", "Batch 1: a framework's special case.", (1, 4, 5, 3)),
    _train("one_channel", "One channel: axes are squeezed or swapped.", (4, 1, 3, 5), _BN),
    _train("height_is_not_width", "out_h * out_h is taken for the spatial size.", (2, 3, 9, 2), _BN),
    _train("two_elements_per_channel", "m = 2: divided by m - 1 = 1 instead of m.", (2, 4, 1, 1)),
    _train("simd_tail_5", "5 elements per row fit no vector of 4: the tail is lost.", (3, 2, 5, 1)),
    _train("simd_tail_13", "13 elements per row fit no vector of 8: the tail is lost.", (2, 3, 13, 1), _BN),
    _train("simd_tail_17", "17 elements per row fit no vector of 16: the tail is lost.", (2, 3, 1, 17)),
    _train("channels_33", "33 channels: a loop over blocks of 16 or 32 channels drops the last.",
           (2, 33, 1, 3)),
    _train("channels_257", "257 channels: parameters are looked up within a block of 64, 128 or 256 channels, or only "
           "so many are handled.", (2, 257, 1, 4), _BN),
    _train("connected", "A CONNECTED layer: spatial = 1; net_delta is not touched.", (6, 5, 1, 1), _FC),
    _train("connected_two_images", "Two values per channel: bias and scale gradients of a CONNECTED layer.",
           (2, 5, 1, 1), _FC),
    _train("connected_odd_batch", "A CONNECTED layer with an odd batch: the last image is lost.",
           (7, 3, 1, 1), _FC),
    _infer("inference_connected_odd_batch", "A CONNECTED layer, odd batch, rolling statistics.",
           (3, 4, 1, 1), _FC),
    _train("connected_33_channels", "33 channels side by side (spatial 1): the channel tail is lost.",
           (3, 33, 1, 1), _FC),
    _backward("connected_bias_gradient",
              "AlexeyAB's CONNECTED layer adds to bias_updates, its other layers do not.",
              (4, 3, 1, 1), _FC, True, _EXACT, ("alexeyab",)),
)  # fmt: skip

_DATA = (
    _train("exact_sums", "Dyadic data: both update sums are exact, one lost element shows.", (3, 3, 3, 5),
           _CONV, **_EXACT),
    _train("dyadic_large_m", "m = 8192 exact numbers: one lost element shows at any m.", (8, 2, 32, 32), _BN,
           **_EXACT),
    _train("constant_delta_in_a_channel", "Constant delta: its parts cancel, a wrong divisor leaves a rest.",
           (2, 4, 1, 5), _BN, delta=per_channel(constant(0.5), constant(-3.0), normal())),
    _train("constant_x", "x equals the mean, variance 0: finite, divided by the root of 1e-5.",
           (2, 3, 1, 5), _CONV, x=constant(0.5), x_norm=constant(0.0), mean=constant(0.5),
           variance=constant(0.0)),
    _train("cancelling_delta", "Terms near 10^4 cancel to a sum of 1: small ones are dropped.",
           (3, 2, 3, 5), _BN, delta=cancelling(8192.0, 1.0), scales=constant(1.0)),
    _train("channels_of_different_size", "Channels of size 1e-6, 1, 1e6: one leaks into the next.",
           (2, 3, 3, 5), _CONV, delta=per_channel(normal(1e-6, 1e-7), normal(), normal(1e6, 1e5))),
    _train("heavy_tail", "Magnitudes over 16 binades: gradients are clipped.", (3, 2, 4, 5), _BN,
           delta=powers(-8, 8)),
    _train("sparse_delta_after_relu", "Half of delta is exactly 0: zeros are counted out of m.",
           (3, 2, 4, 5), _CONV, delta=relu(normal())),
    _train("delta_follows_x", "delta nearly proportional to x: the variance term removes most of it.",
           (1, 2, 5, 3), _BN, x=integers(-4, 4), x_norm=integers(-4, 4), delta=integers(0, 4),
           mean=constant(0.0)),
    _train("subnormal_delta", "delta 1e-40: only flush-to-zero may return 0.",
           (2, 2, 3, 3), _CONV, delta=subnormal(), bias_updates=constant(0.0), scale_updates=constant(0.0)),
    _train("sum_overflows", "delta 3e38: the float32 sum overflows in one channel; the other stays finite.",
           (2, 2, 2, 2), _CONV, delta=per_channel(constant(3e38), normal())),
    _train("product_overflows", "delta * x_norm exceeds float32 in one channel.",
           (2, 2, 2, 3), _BN, delta=per_channel(signed(1e20), normal()),
           x_norm=per_channel(signed(1e20), normal())),
    _train("nan_in_x", "NaN in x reaches delta of its channel but no update.", (2, 4, 3, 2), _CONV,
           x=placed(normal(), "nan", [0, 2, 5])),
    _train("nan_in_delta", "NaN in delta is replaced by 0, or leaves its channel.", (2, 4, 3, 2), _BN,
           delta=placed(normal(), "nan", [1, 0, 1])),
    _train("negative_and_zero_scales", "Scales lose their sign; the updates must be taken before scaling.",
           (2, 6, 2, 3), _BN, scales=per_channel(constant(-1.5), constant(0.0), constant(2.0))),
    _train("large_scales", "scale_updates or bias_updates are taken from the scaled delta.",
           (2, 4, 3, 3), _CONV, scales=uniform(50.0, 100.0)),
    _train("negative_variance", "variance + 1e-5 < 0 gives NaN in its channel only.",
           (2, 4, 2, 2), _CONV, variance=per_channel(constant(2.0), constant(-1.0), constant(4.0))),
    _train("poisoned_statistics", "NaN mean and variance after m = 1: NaN delta, finite bias_updates.",
           (1, 3, 2, 2), _BN, mean=placed(normal(), "nan", [1]), variance=placed(uniform(3.0, 5.0), "nan", [1])),
    _train("handwritten_digits", "Mostly zero pixels with a small variance.",
           (2, 3, 8, 8), _BN, x=digits(24), mean=uniform(0.01, 0.03), variance=uniform(2e-4, 1e-3)),
    _train("connected_digits", "64 pixels as channels: some have variance 0.",
           (8, 64, 1, 1), _FC, x=digits(32), mean=uniform(0.0, 0.03), variance=relu(normal(0.0, 3e-4))),
    _train("photograph", "Real pixels as layer 1 sees them, H != W.",
           (2, 3, 16, 13), _BN, x=photo(13, 10, 20), mean=uniform(0.2, 0.5), variance=uniform(0.01, 0.04)),
)  # fmt: skip

BACKWARD_CASES = (*_COVER, *_INFERENCE, *_GEOMETRY, *_DATA)
