"""Deviations of how sums come about: which part counts, what divides it, in which order memory is read, whose
parameter is taken; and of what enters the rolling statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkparity.dialects import Backward, Dialect
from darkparity.oracle import Variant
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, Formula, count
from darkparity.spec import Stage

from .deviation import Calls, Deviation, Rewrite, Row, formula, structure, where
from .edits import after, at_start, backward, drop, forward, in_mode, moved_to_end, reading, stage, then
from .gradients import recombined
from .statistics import squares
from .tampering import cut, of_first_channel, permuted

_LAST = slice(-1, None)
#: A count that is kept in one byte.
_BYTE = 256


def _as_rows(x: Bounded) -> Bounded:
    """The same memory read as (channels, batch, spatial), without the transpose that this needs."""
    batch, channels, spatial = x.shape
    read = (channels, batch, spatial)
    return permuted(x, lambda v: np.ascontiguousarray(v).reshape(read).transpose(1, 0, 2))


def _with_first(routine: str, *names: str) -> Formula:
    def wrong(d: Dialect, a: Any, **tensors: Bounded) -> Bounded:
        return FORMULAS[routine](d, a, **{n: of_first_channel(t) if n in names else t for n, t in tensors.items()})

    return wrong


def _reversed(routine: str, name: str) -> Formula:
    def wrong(d: Dialect, a: Any, **tensors: Bounded) -> Bounded:
        turned = permuted(tensors[name], lambda v: v[:, ::-1])
        return FORMULAS[routine](d, a, **{**tensors, name: turned})

    return wrong


def _in_a_byte(x: Bounded) -> int:
    return count(x) % _BYTE or _BYTE


def _root_enters(calls: Calls, at: Any) -> Calls:
    """rolling_variance moves towards the root of the variance."""

    def split(call: Stage) -> Calls:
        if call.routine != "axpy_cpu" or call.writes != "rolling_variance":
            return (call,)
        root = stage("standard_deviation", "_root", variance=call.reads["X"])
        return root, Stage(call.routine, {**call.reads, "X": "_root"}, call.writes, call.attributes, False)

    return tuple(part for call in calls for part in split(call))


def _without(*routines: str) -> Rewrite:
    """The calls that update rolling_mean and rolling_variance left out: unlike a factor 0, that keeps NaN away."""
    return then(*(drop(routine, name) for routine in routines for name in ("rolling_mean", "rolling_variance")))


_NORMALIZED = then(
    after("normalize_cpu", "output", stage("mean_cpu", "_mean", x="output"),
          stage("variance_cpu", "_variance", x="output", mean="_mean")),
    reading("axpy_cpu", "rolling_mean", X="_mean"), reading("axpy_cpu", "rolling_variance", X="_variance"),
    moved_to_end("scal_cpu", "rolling_mean"), moved_to_end("axpy_cpu", "rolling_mean"),
    moved_to_end("scal_cpu", "rolling_variance"), moved_to_end("axpy_cpu", "rolling_variance"),
)  # fmt: skip

SUM_DEVIATIONS: tuple[Row, ...] = (
    *where(
        lambda d: not d.inference_only,
        formula("mean_of_last_image_over_m", "the sum is overwritten image by image: the last one's is divided by m",
                "mean_cpu", lambda d, a, x: cut(x, 0, _LAST).sum() / count(x)),
        formula("variance_of_last_image_over_m", "the sum of squares is overwritten image by image: the last one counts",
                "variance_cpu", lambda d, a, x, mean: squares(cut(x, 0, _LAST), mean).sum()
                / d.divisor(count(x), a.get("ddof", d.variance_ddof))),
        formula("mean_over_m_in_a_byte", "mean divides by m modulo 256: the count is kept in a byte", "mean_cpu",
                lambda d, a, x: x.sum() / _in_a_byte(x)),
        formula("variance_over_m_in_a_byte", "variance divides by m modulo 256: the count is kept in a byte",
                "variance_cpu", lambda d, a, x, mean: squares(x, mean).sum()
                / max(_in_a_byte(x) - a.get("ddof", d.variance_ddof), 1)),
        formula("mean_of_reshaped", "mean is that of (channels, batch * spatial), reshaped without a transpose",
                "mean_cpu", lambda d, a, x: FORMULAS["mean_cpu"](d, a, x=_as_rows(x))),
        formula("variance_of_reshaped", "variance is that of (channels, batch * spatial), reshaped without a transpose",
                "variance_cpu", lambda d, a, x, mean: FORMULAS["variance_cpu"](d, a, x=_as_rows(x), mean=mean)),
        Deviation("statistics_of_reshaped", "mean and variance are those of (channels, batch * spatial), reshaped "
                  "without a transpose", "mean_cpu", Variant(formulas={
                      "mean_cpu": lambda d, a, x: FORMULAS["mean_cpu"](d, a, x=_as_rows(x)),
                      "variance_cpu": lambda d, a, x, mean: FORMULAS["variance_cpu"](d, a, x=_as_rows(x), mean=mean)})),
        formula("scale_updates_product_of_sums", "scale_updates gets sum(delta) sum(x_norm) / m, not the sum of the "
                "products", "backward_scale_cpu",
                lambda d, a, x_norm, delta, scale_updates:
                scale_updates + delta.sum(plain=True) * x_norm.sum(plain=True) / count(delta)),
        formula("scale_updates_doubled", "the old scale_updates count twice", "backward_scale_cpu",
                lambda d, a, x_norm, delta, scale_updates:
                FORMULAS["backward_scale_cpu"](d, a, x_norm=x_norm, delta=delta, scale_updates=scale_updates)
                + scale_updates),
        Deviation("standard_deviation_enters_rolling", "rolling_variance takes the standard deviation, not the variance",
                  "rolling_variance", Variant(rewrite=_root_enters, formulas={
                      "standard_deviation": lambda d, a, variance: variance.sqrt()})),
        structure("rolling_not_added", "the batch's statistics are not added to the rolling ones, which only decay",
                  "axpy_cpu", _without("axpy_cpu")),
        structure("rolling_not_touched", "the rolling statistics are never touched", "rolling",
                  _without("scal_cpu", "axpy_cpu")),
        structure("rolling_of_normalized", "the rolling statistics take those of the normalized values", "rolling",
                  forward(in_mode(True, _NORMALIZED))),
    ),
    *where(
        lambda d: d.backward == Backward.THREE_TERM and not d.inference_only,
        formula("mean_delta_last_image", "mean_delta is overwritten image by image: the last one counts",
                "mean_delta_cpu", lambda d, a, delta, variance:
                FORMULAS["mean_delta_cpu"](d, a, delta=cut(delta, 0, _LAST), variance=variance)),
        formula("variance_delta_last_image", "variance_delta is overwritten image by image: the last one counts",
                "variance_delta_cpu", lambda d, a, x, delta, mean, variance:
                FORMULAS["variance_delta_cpu"](d, a, x=cut(x, 0, _LAST), delta=cut(delta, 0, _LAST), mean=mean,
                                               variance=variance)),
        formula("mean_delta_first_variance", "mean_delta takes the first channel's variance for every channel",
                "mean_delta_cpu", _with_first("mean_delta_cpu", "variance")),
        formula("variance_delta_first_variance", "variance_delta takes the first channel's variance for every channel",
                "variance_delta_cpu", _with_first("variance_delta_cpu", "variance")),
        formula("normalize_delta_first_variance", "normalize_delta takes the first channel's variance for every channel",
                "normalize_delta_cpu", _with_first("normalize_delta_cpu", "variance")),
        formula("normalize_delta_over_spatial", "both sums in normalize_delta are divided by spatial, batch is forgotten",
                "normalize_delta_cpu", lambda d, a, x, **rest: recombined(
                    spread_divisor=x.shape[2], shift_divisor=x.shape[2])(d, a, x=x, **rest)),
        formula("normalize_delta_over_batch", "both sums in normalize_delta are divided by batch, spatial is forgotten",
                "normalize_delta_cpu", lambda d, a, x, **rest: recombined(
                    spread_divisor=x.shape[0], shift_divisor=x.shape[0])(d, a, x=x, **rest)),
    ),
    *where(
        lambda d: d.backward == Backward.INVERSE_STD and not d.inference_only,
        formula("inverse_std_of_first_channel", "1 / std is the first channel's for every channel", "inverse_std",
                _with_first("inverse_std", "variance")),
        structure("batch_x_hat_in_inference_scale_updates", "inference-mode backward sums scale_updates with the x_hat of "
                  "the last batch's statistics", "backward_scale_cpu", backward(in_mode(False, then(
                      at_start(stage("inverse_std", "_inverse", variance="variance"),
                               stage("x_hat", "_hat", x="x", mean="mean", inverse_std="_inverse")),
                      reading("backward_scale_cpu", "scale_updates", x_norm="_hat"))))),
    ),
    formula("normalize_first_mean", "normalize takes the first channel's mean for every channel", "normalize_cpu",
            _with_first("normalize_cpu", "mean")),
    formula("normalize_first_variance", "normalize takes the first channel's variance for every channel",
            "normalize_cpu", _with_first("normalize_cpu", "variance")),
    formula("biases_first_channel", "every channel gets the first channel's bias", "add_bias",
            _with_first("add_bias", "biases")),
    formula("scales_reversed", "scales are applied in reversed order of channels", "scale_bias",
            _reversed("scale_bias", "scales")),
    formula("biases_reversed", "biases are added in reversed order of channels", "add_bias",
            _reversed("add_bias", "biases")),
    Deviation("parameters_reversed", "scales and biases are applied in reversed order of channels (RGB read as BGR)",
              "scales", Variant(formulas={"scale_bias": _reversed("scale_bias", "scales"),
                                          "add_bias": _reversed("add_bias", "biases")})),
)  # fmt: skip
