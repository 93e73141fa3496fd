"""forward_batchnorm_layer: what is saved when, rolling statistics, epsilon, modes, nasty data."""

from __future__ import annotations

from collections.abc import Mapping

from darkparity.spec import FORWARD

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

#: Stale content, all of which training must overwrite or update: far from the data's own statistics.
_STALE = {"x": constant(77.0), "mean": normal(3.0, 0.5), "variance": uniform(8.0, 9.0)}
_UNTRAINED = dict.fromkeys(
    ("rolling_mean", "rolling_variance", "rolling_weight", "x_norm", "mean", "variance"), constant(0.0)
)


def _forward(name: str, fault: str, shape: Shape, kind: str, train: bool, data: Fill | None,
             state: Mapping[str, Fill], dialects: tuple[str, ...] = ()) -> Case:  # fmt: skip
    given = {"input" if kind == _BN else "output": data} if data else {}
    x_norm = constant(-77.0) if train else normal()  # in inference every stale element must survive
    fills = layer_fills(FORWARD, kind, {**given, **_STALE, "x_norm": x_norm, **state})
    return Case(name, FORWARD, fault, fills, shape, {"type": kind, "train": train}, dialects)


def _train(name: str, fault: str, shape: Shape, kind: str = _CONV, data: Fill | None = None,
           **state: Fill) -> Case:  # fmt: skip
    return _forward(name, fault, shape, kind, True, data, state)


def _infer(name: str, fault: str, shape: Shape, kind: str = _CONV, data: Fill | None = None,
           **state: Fill) -> Case:  # fmt: skip
    return _forward(name, fault, shape, kind, False, data, state)


_COVER = (
    _train("tiny_variance",
           "sd 1e-4: the epsilon is another one or stands elsewhere; gain and decay act on tiny numbers.",
           (2, 4, 3, 5), _BN, normal(0.0, 1e-4), rolling_mean=normal(0.0, 1e-4),
           rolling_variance=uniform(5e-9, 2e-8)),
    _train("infinity_in_one_channel", "+inf is clipped, or leaves its channel.",
           (2, 4, 3, 2), _BN, placed(normal(), "inf", [1, 1, 2])),
    _train("ordinary_odd_batch",
           "Batch 3, height 7, width 5, channels 5: divisor, axes, last image, order of steps.",
           (3, 5, 7, 5)),
    _train("integers_around_4096", "E[x^2] - E[x]^2 or half precision loses everything at a large mean.",
           (4, 3, 2, 2), _BN, integers(-8, 8, 4096.0)),
    _train("one_element_per_channel",
           "m = 1: DarkNet gets NaN from 0 / 0 and poisons rolling_variance; no guard.",
           (1, 4, 1, 1)),
    _train("above_4096_elements", "m = 16384: elements behind a fixed-size buffer are ignored.",
           (16, 2, 32, 32)),
)  # fmt: skip

#: Two and two of the arrays are the same bits: what deduplicates equal constants makes one array of them.
_FRESH_PARAMETERS: dict[str, Fill] = {
    **dict.fromkeys(("scales", "rolling_variance"), constant(1.0)),
    **dict.fromkeys(("biases", "rolling_mean"), constant(0.0)),
}
_EQUAL_PARAMETERS = {
    **dict.fromkeys(("scales", "rolling_variance"), per_channel(constant(0.5), constant(1.0), constant(2.0))),
    **dict.fromkeys(("biases", "rolling_mean"), per_channel(constant(-1.0), constant(0.0), constant(3.0))),
}

_ROLLING = (
    _train("first_training_step", "Rolling statistics start at 0, not at the first batch and not at 1.",
           (2, 3, 4, 3), _BN, **_UNTRAINED),
    _train("rolling_far_from_batch", "Decay and gain are swapped, or the gain is .1.",
           (2, 3, 4, 3), rolling_mean=constant(100.0), rolling_variance=constant(400.0)),
    _train("rolling_variance_of_two", "m = 2: the rolling variance is biased (m) or unbiased (m - 1).",
           (2, 4, 1, 1), rolling_variance=constant(0.0)),
    _train("poisoned_rolling_statistics", "NaN in rolling_* stays for ever and must not reach the output.",
           (2, 4, 3, 2), rolling_mean=placed(normal(), "nan", [1]),
           rolling_variance=placed(uniform(0.5, 1.0), "nan", [2])),
    _train("fresh_layer", "scales equal rolling_variance and biases rolling_mean, bit for bit: memory shared by equal "
           "arrays is overwritten before it is read.",
           (2, 3, 4, 3), _BN, **_FRESH_PARAMETERS),
    _train("parameters_equal_statistics", "As in a fresh layer, with other values in each channel.",
           (3, 3, 2, 3), _CONV, **_EQUAL_PARAMETERS),
    _train("connected_rolling", "A CONNECTED layer in training: spatial = 1, statistics over the batch.",
           (6, 5, 1, 1), _FC),
    _forward("connected_decay_is_its_own",
             "AlexeyAB's CONNECTED layer has decay .95 and gain .05, not .9 and .1.",
             (4, 3, 1, 1), _FC, True, None,
             {"rolling_mean": constant(100.0), "rolling_variance": constant(400.0)}, ("alexeyab",)),
)  # fmt: skip

_INFERENCE = (
    _infer("inference_ordinary", "Statistics of the batch are used instead of the rolling ones.",
           (3, 5, 7, 5)),
    _infer("inference_batchnorm_layer", "A BATCHNORM layer reads its input, not its output.", (2, 3, 5, 4),
           _BN),
    _train("connected_one_image", "m = 1 in a CONNECTED layer: NaN, from then on in the rolling variance too.",
           (1, 6, 1, 1), _FC),
    _train("standalone_one_element", "m = 1 in a BATCHNORM layer: NaN, not beta.", (1, 4, 1, 1), _BN),
    _infer("inference_connected", "A CONNECTED layer in inference: spatial = 1.", (5, 7, 1, 1), _FC),
    _infer("inference_keeps_x_norm",
           "Inference overwrites x_norm, mean, variance or rolling_*; only x is written.",
           (2, 4, 3, 3), _BN),
    _infer("inference_before_training", "Rolling statistics 0: divided by 1e-6 alone, large but finite.",
           (2, 3, 2, 4), _BN, **_UNTRAINED),
    _infer("inference_tiny_rolling_variance",
           "Rolling sd 1e-4: the inference epsilon is missing or another one.",
           (2, 4, 3, 5), _CONV, normal(0.0, 1e-4), rolling_mean=normal(0.0, 1e-5),
           rolling_variance=uniform(5e-9, 2e-8)),
    _infer("inference_negative_rolling_variance", "The root of a negative variance is NaN: no abs, no clamp.",
           (2, 4, 2, 3), _CONV, rolling_variance=placed(uniform(0.25, 1.0), -0.25, [1])),
    _infer("inference_infinite_rolling_variance", "Rolling variance inf: output is the bias.",
           (2, 4, 2, 3), _CONV, rolling_variance=placed(uniform(0.25, 1.0), "inf", [2])),
    _infer("inference_nan_in_input", "One NaN in gives one NaN out, not a channel of them.",
           (2, 3, 3, 2), _BN, placed(normal(), "nan", [0, 1, 4])),
    _infer("inference_one_element", "m = 1 is harmless in inference: all finite.", (1, 5, 1, 1), _FC),
    _infer("inference_photograph", "Real pixels, one image.", (1, 3, 10, 13), _BN, photo(13, 3, 22),
           rolling_mean=uniform(0.2, 0.5), rolling_variance=uniform(0.01, 0.04)),
)  # fmt: skip

_GEOMETRY = (
    _train("batch_one", "Batch 1: a framework's special case.", (1, 4, 5, 3)),
    _train("one_channel", "One channel: axes are squeezed or swapped.", (4, 1, 3, 5), _BN),
    _train("height_is_not_width", "out_h * out_h is taken for the spatial size.", (2, 3, 9, 2), _BN),
    _train("simd_tail_5", "5 elements per row fit no vector of 4: the tail is lost.", (3, 2, 5, 1)),
    _train("simd_tail_13", "13 elements per row fit no vector of 8: the tail is lost.", (2, 3, 13, 1), _BN),
    _train("simd_tail_17", "17 elements per row fit no vector of 16: the tail is lost.", (2, 3, 1, 17)),
    _train("channels_33", "33 channels: a loop over blocks of 16 or 32 channels drops the last.",
           (2, 33, 1, 3)),
    _train("channels_257", "257 channels: parameters are looked up within a block of 64, 128 or 256 channels, or only "
           "so many are handled.", (2, 257, 1, 4), _BN),
    _infer("inference_channels_257", "257 channels in inference: parameters are looked up within a block of channels.",
           (1, 257, 1, 1)),
    _infer("inference_above_4096_elements", "m = 5120 in inference: elements behind a fixed-size buffer are ignored.",
           (2, 1, 64, 40), _BN),
    _infer("inference_large_rolling_variance", "Rolling variances above 1 are cut, or their root is not taken.",
           (2, 4, 2, 3), rolling_variance=uniform(2.0, 9.0)),
    _train("connected_33_channels", "33 channels side by side (spatial 1): the channel tail is lost.",
           (3, 33, 1, 1), _FC),
    _train("large_odd_batch_one_pixel", "17 images of one pixel, convolutional.", (17, 4, 1, 1)),
)  # fmt: skip

_DATA = (
    _train("dyadic_large_m", "m = 8192 exact numbers: the mean is exact, a biased variance shows.",
           (8, 2, 32, 32), _BN, dyadic()),
    _train("constant_channels", "Constant channels: the variance is (nearly) 0, the output finite.",
           (2, 4, 1, 5), _BN, per_channel(constant(0.5), constant(0.0), constant(-3.0), normal())),
    _train("constant_not_representable",
           "A channel of constant .1: the mean may be off by a rounding, divided by 1e-6.",
           (2, 3, 1, 5), _CONV, per_channel(constant(0.1), normal())),
    _train("cancelling_mean", "Terms near 10^4 whose mean is nearly 0.", (3, 2, 3, 5), _CONV,
           cancelling(8192.0, 1.0)),
    _train("large_mean_small_spread", "Mean 100, sd 1: the one-pass variance in float32 loses digits.",
           (3, 3, 4, 3), _BN, normal(100.0, 1.0)),
    # google/flax#1491: Flax clips E[x^2] - E[x]^2 at 0, of which a port may not know
    _forward("tiny_spread_far_from_zero", "Mean 1000, sd .01: E[x^2] - E[x]^2 < 0 is not clipped.",
             (2, 8, 3, 3), _BN, True, normal(1000.0, 0.01), {}, ("flax",)),
    _train("channels_of_different_size", "Channels of size 1e-6, 1, 1e6: one leaks into the next.",
           (2, 3, 3, 5), _CONV, per_channel(normal(1e-6, 1e-7), normal(), normal(1e6, 1e5))),
    _train("heavy_tail", "Magnitudes over 16 binades: outliers are clipped.", (3, 2, 4, 5), _BN,
           powers(-8, 8)),
    _train("half_zero_after_relu", "Exact zeros are counted out of m.", (3, 2, 4, 5), _CONV, relu(normal())),
    _train("subnormal_input", "Input 1e-40 in one channel: its variance underflows to 0, everything finite.",
           (2, 2, 3, 3), _CONV, per_channel(subnormal(), normal())),
    _train("square_underflows", "Input 1e-25 in one channel: squares underflow to 0, everything finite.",
           (2, 3, 2, 3), _BN, per_channel(normal(0.0, 1e-25), normal(), normal(0.0, 1e-3))),
    _train("sum_overflows", "3e38: the float32 sum overflows in one channel; the other stays finite.",
           (2, 2, 2, 2), _CONV, per_channel(constant(3e38), normal())),
    _train("square_overflows", "+-1e20: squares overflow in one channel; the other stays finite.",
           (2, 2, 2, 3), _BN, per_channel(signed(1e20), normal())),
    _train("nan_in_input", "NaN is skipped (nanmean) or leaves its channel.", (2, 4, 3, 2), _CONV,
           placed(normal(), "nan", [0, 2, 5])),
    _train("negative_and_zero_scales", "Scales lose their sign, or a zero scale is taken for 1.",
           (2, 6, 2, 3), _BN, scales=per_channel(constant(-1.5), constant(0.0), constant(2.0))),
    _train("large_biases", "Biases near 10^6: added before scaling, or to x_norm as well.",
           (2, 4, 2, 3), _CONV, biases=integers(-9, 9, 1e6), scales=uniform(0.5, 1.5)),
    _train("handwritten_digits", "Mostly zero pixels with a small variance.", (2, 3, 8, 8), _BN, digits()),
    _train("connected_digits", "64 pixels as channels: some are 0 in all images, their variance is 0.",
           (12, 64, 1, 1), _FC, digits(12)),
    _train("photograph", "Real pixels as layer 1 sees them, H != W, one sign, large mean.",
           (2, 3, 16, 13), _BN, photo(13, 10, 20)),
)  # fmt: skip

FORWARD_CASES = (*_COVER, *_ROLLING, *_INFERENCE, *_GEOMETRY, *_DATA)
