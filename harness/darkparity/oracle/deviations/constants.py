"""Deviations of the dialect's own fields: epsilons and where they stand, Bessel's correction, decay, modes, state."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields as dataclass_fields
from typing import Any

from darkparity.dialects import INSIDE, OUTSIDE, Backward, Dialect, Epsilon, InferenceBackward, Rolling
from darkparity.dialects.dialect import ALL_TYPES

from .deviation import Row, fields, where

Making = Callable[[Dialect], Epsilon]


def _number(value: float) -> str:
    """A float32 constant as it was written."""
    return f"{value:.4g}"


def _divisor(epsilon: Epsilon) -> str:
    if not epsilon.value:
        return "sqrt(variance)"
    number = _number(epsilon.value)
    return f"sqrt(variance + {number})" if epsilon.inside else f"sqrt(variance) + {number}"


def _rolled(rolling: Rolling) -> str:
    return f"{_number(rolling.decay)} old + {_number(rolling.gain)} new"


def _epsilon(field: str, name: str, value: Epsilon | Making, what: str = "", report: str = "") -> Row:
    """One epsilon changed. what: said of it, beside what it divides by."""

    def sentence(wrong: Dialect, right: Dialect) -> str:
        one, other = (_divisor(getattr(d, field)) for d in (wrong, right))
        return f"{field} divides by {one}{what and f' ({what})'}; {right.name} by {other}"

    return fields(name, sentence, report, **{field: value})


def _relative(field: str, short: str) -> tuple[Row, ...]:
    """What is wrong with an epsilon whatever its value: missing, elsewhere, larger, smaller, or another famous one."""

    def scaled(factor: float) -> Making:
        return lambda d: Epsilon(getattr(d, field).value * factor, getattr(d, field).place)

    def set_to(value: float) -> Making:
        return lambda d: Epsilon(value, getattr(d, field).place)

    def moved(d: Dialect) -> Epsilon:
        old: Epsilon = getattr(d, field)
        return Epsilon(old.value, OUTSIDE if old.inside else INSIDE)

    return (
        _epsilon(field, f"{short}_missing", set_to(0.0), "its epsilon is missing"),
        _epsilon(field, f"{short}_in_other_place", moved, "its epsilon stands in the other place"),
        _epsilon(field, f"{short}_1e6", set_to(1e-6)),
        _epsilon(field, f"{short}_1e3", set_to(1e-3)),
        _epsilon(field, f"{short}_1e5", set_to(1e-5)),
        _epsilon(field, f"{short}_times_10", scaled(10.0)),
        _epsilon(field, f"{short}_times_100", scaled(100.0)),
        _epsilon(field, f"{short}_over_10", scaled(0.1)),
    )


def _decay(name: str, rolling: Rolling | Callable[[Dialect], Rolling], what: str = "", report: str = "") -> Row:
    def sentence(wrong: Dialect, right: Dialect) -> str:
        one, other = (_rolled(d.rolling) for d in (wrong, right))
        return f"rolling statistics are {one}{what and f' ({what})'}; {right.name}'s are {other}"

    row = fields(name, sentence, report, rolling=rolling)
    return row if callable(rolling) else where(lambda d: not _same(d.rolling, rolling), row)[0]


def _same(one: Rolling, other: Rolling) -> bool:
    """Up to a rounding: .1 and 1 - .9f are one constant to every bound."""
    return all(math.isclose(getattr(one, f.name), getattr(other, f.name), rel_tol=1e-6) for f in dataclass_fields(one))


def _ddof(name: str, what: str, report: str = "", **changed: Any) -> Row:
    return fields(name, what, report, **changed)


def _every(value: Epsilon | Making) -> dict[str, Any]:
    """All backward epsilons changed."""
    return dict.fromkeys(("mean_delta", "variance_delta", "normalize_delta"), value)


_EPSILONS = (
    _epsilon("normalize", "epsilon_1e6_inside", Epsilon(1e-6, INSIDE), "as OpenCV's importer",
             "opencv/opencv modules/dnn/src/darknet/darknet_io.cpp (.000001f inside the root)"),
    _epsilon("normalize", "epsilon_1e5_inside", Epsilon(1e-5, INSIDE), "as AlexeyAB, every GPU path and PyTorch",
             "AlexeyAB/darknet#5447"),
    _epsilon("normalize", "epsilon_1e5_outside", Epsilon(1e-5, OUTSIDE), "as PixieNN", "Tencent/ncnn#311"),
    _epsilon("normalize", "epsilon_1e6_outside", Epsilon(1e-6, OUTSIDE), "as DarkNet on the CPU"),
    _epsilon("normalize", "epsilon_1e3_inside", Epsilon(1e-3, INSIDE), "Keras' default", "qqwweee/keras-yolo3#451"),
    _epsilon("normalize", "epsilon_1e8_outside", Epsilon(1e-8, OUTSIDE)),
    *_relative("normalize", "epsilon"),
    *_relative("mean_delta", "mean_delta_epsilon"),
    *_relative("variance_delta", "variance_delta_epsilon"),
    *_relative("normalize_delta", "direct_epsilon"),
    fields("one_epsilon_in_backward", lambda d, _: f"every backward epsilon is the forward's: {_divisor(d.normalize)}",
           **_every(lambda d: d.normalize)),
    fields("backward_epsilon_missing", "no backward routine has an epsilon",
           **_every(Epsilon(0.0, INSIDE))),
    fields("backward_epsilon_1e3", "every backward epsilon is 1e-3", **_every(Epsilon(1e-3, INSIDE))),
)  # fmt: skip

_VARIANCES = (
    _ddof("biased_normalizing", "the normalizing variance is divided by m, not by m - 1", "pytorch/pytorch#19902",
          variance_ddof=0),
    _ddof("biased_rolling", "rolling_variance takes the variance divided by m, not by m - 1", "ml-explore/mlx#3817",
          rolling_ddof=0),
    _ddof("unbiased_normalizing", "the normalizing variance is divided by m - 1, not by m", variance_ddof=1),
    _ddof("unbiased_rolling", "rolling_variance takes the variance divided by m - 1, not by m", rolling_ddof=1),
    _ddof("biased_variance", "the variance is divided by m everywhere", "pytorch/pytorch#3122",
          variance_ddof=0, rolling_ddof=0),
    _ddof("unbiased_variance", "the variance is divided by m - 1 everywhere", variance_ddof=1, rolling_ddof=1),
    _ddof("bessel_swapped", "the divisors of the normalizing and of the rolling variance are swapped",
          variance_ddof=lambda d: d.rolling_ddof, rolling_ddof=lambda d: d.variance_ddof),
    _ddof("bessel_flipped", "m - 1 stands where m belongs and m where m - 1 does",
          variance_ddof=lambda d: 1 - d.variance_ddof, rolling_ddof=lambda d: 1 - d.rolling_ddof),
    _ddof("ddof_two", "the variance is divided by m - 2", variance_ddof=2, rolling_ddof=2),
    *where(
        lambda d: d.variance_ddof > 0 or d.rolling_ddof > 0,
        _ddof("one_value_clamped", "the divisor m - 1 of a variance is at least 1: a single value gives 0, not 0 / 0",
              "tensorflow/tensorflow#34062", least_divisor=1),
        _ddof("divisor_may_be_zero", "the divisor m - 1 may be 0: a single value gives 0 / 0", least_divisor=0),
    ),
)  # fmt: skip

_ROLLING = (
    _decay("decay_09", Rolling(0.9, 0.1), "PyTorch's and AlexeyAB's", "eriklindernoren/PyTorch-YOLOv3#716"),
    _decay("decay_099", Rolling(0.99, 0.01), "DarkNet's and Keras'"),
    _decay("decay_097", Rolling(0.97, 0.03), "YOLOv5's"),
    _decay("decay_999", Rolling(0.999, 0.001), "TensorFlow habits"),
    _decay("decay_swapped", lambda d: Rolling(d.rolling.gain, d.rolling.decay),
           "decay and gain are swapped, momentum is read in the other convention", "eriklindernoren/PyTorch-YOLOv3#230"),
    _decay("decay_missing", lambda d: Rolling(1.0, d.rolling.gain), "the old value does not decay"),
    _decay("gain_missing", lambda d: Rolling(d.rolling.decay, 1.0), "the batch is added whole"),
    _decay("gain_is_decay", lambda d: Rolling(d.rolling.decay, d.rolling.decay), "one constant stands in both places"),
    _decay("decay_is_gain", lambda d: Rolling(d.rolling.gain, d.rolling.gain), "one constant stands in both places"),
    _decay("rolling_frozen", Rolling(1.0, 0.0), "they are never updated", "pjreddie/darknet#26"),
    _decay("rolling_overwritten", Rolling(0.0, 1.0), "the batch's overwrite them"),
    _decay("decay_only", lambda d: Rolling(d.rolling.decay, 0.0), "nothing is added"),
    _decay("decay_squared", lambda d: Rolling(d.rolling.decay**2, d.rolling.gain), "they decay twice"),
    fields("connected_decay_missing", lambda d, _: f"a CONNECTED layer's rolling statistics are {_rolled(d.rolling)}, as "
           "those of other layers", rolling_connected=None),
    fields("rolling_updated_in_backward", "backward updates the rolling statistics, not forward", "apache/mxnet#853",
           rolling_updated_in="backward"),
    fields("rolling_updated_in_forward", "forward updates the rolling statistics, not backward",
           rolling_updated_in="forward"),
    fields("rolling_variance_starts_at_one", "rolling_variance of a new layer is 1, not 0", initial_rolling_variance=1.0),
    fields("rolling_variance_starts_at_zero", "rolling_variance of a new layer is 0, not 1", initial_rolling_variance=0.0),
    fields("rolling_not_weighed", "the rolling sums are used without dividing by their weight", rolling_weight=False),
)  # fmt: skip


def _inference_backward(name: str, word: InferenceBackward, what: str) -> Row:
    return fields(name, f"inference-mode backward {what}", inference_backward=word)


_MODES = (
    _inference_backward("inference_backward_batch", InferenceBackward.BATCH, "uses the last batch's statistics"),
    _inference_backward("inference_backward_rolling", InferenceBackward.ROLLING,
                        "has the terms of the training backward, with the rolling statistics"),
    _inference_backward("rolling_aliased", InferenceBackward.ROLLING_COPIED,
                        "leaves the rolling statistics in mean and variance (l.mean = l.rolling_mean aliased the arrays)"),
    *where(
        lambda d: d.backward == Backward.INVERSE_STD,
        _inference_backward("inference_backward_fixed", InferenceBackward.FIXED,
                            "treats the rolling statistics as constants: delta / std alone"),
        _inference_backward("rolling_variance_as_inverse_std", InferenceBackward.ROLLING_AS_INVERSE_STD,
                            "takes rolling_variance for 1 / std"),
    ),
    fields("bias_gradient_missing", "backward does not add sum(delta) to bias_updates", "AlexeyAB/darknet@4f72fcc0",
           bias_gradient=frozenset()),
    fields("bias_gradient_not_connected", "CONNECTED layers get no bias gradient",
           bias_gradient=lambda d: d.bias_gradient - {"CONNECTED"}),
    fields("bias_gradient_everywhere", "layers get a bias gradient that have none here", bias_gradient=ALL_TYPES),
    fields("x_not_saved_in_inference", "x is saved in training only", saves_x="training"),
    fields("x_saved_in_inference", "x is saved in inference too", saves_x="always"),
    fields("x_norm_not_saved", "x_norm is not saved in training", saves_x_norm=False),
    fields("x_norm_saved", "x_norm is written in training; it must keep its content", saves_x_norm=True),
    fields("inverse_std_saved", "variance holds 1 / std after training (cuDNN), not the variance",
           "ROCm/rocm-libraries#2459", saved_statistic="inverse_std"),
    fields("variance_saved", "variance holds the variance after training, not 1 / std", saved_statistic="variance"),
    fields("backward_recomputes_x_hat", "backward is the gradient of the biased batch norm, x_hat recomputed (cuDNN, "
           "frameworks)", backward="inverse_std"),
    fields("backward_of_three_terms", "backward is DarkNet's mean_delta, variance_delta and normalize_delta",
           backward="three_term"),
)  # fmt: skip

CONSTANT_DEVIATIONS: tuple[Row, ...] = (*_EPSILONS, *_VARIANCES, *_ROLLING, *_MODES)
