"""Deviations in which the wrong array is taken, or a result is kept, lost or counted once too often: whole functions."""

from __future__ import annotations

from typing import Any

from darkparity.dialects import Backward, Dialect, SavedStatistic
from darkparity.oracle import Variant

from .deviation import Calls, Deviation, Rewrite, Row, structure, where
from .edits import (
    after,
    at_end,
    at_start,
    backward,
    before,
    copy,
    drop,
    forward,
    if_there,
    in_mode,
    reading,
    stage,
    then,
    writing,
)

_GRADIENT = ("normalize_delta_cpu", "inverse_std_delta", "fixed_delta")
_UPDATES = ("scal_cpu", "axpy_cpu", "add_weight")


def _recomputes(d: Dialect) -> bool:
    """The backward makes 1 / std anew, from whatever statistics it takes."""
    return d.backward == Backward.INVERSE_STD and d.saved_statistic == SavedStatistic.VARIANCE


def _trains(d: Dialect) -> bool:
    return not d.inference_only


def _rolled_twice(calls: Calls, at: Any) -> Calls:
    """The updates of the rolling statistics once more, behind the last of them."""
    updates = [c for c in calls if c.routine in _UPDATES and c.writes.startswith("rolling_")]
    last = max((i for i, c in enumerate(calls) if c in updates), default=-1)
    return (*calls[: last + 1], *updates, *calls[last + 1 :])


def _every_second(calls: Calls, at: Any) -> Calls:
    """What a call did to the rolling statistics is taken back in every second one."""
    names = list(dict.fromkeys(c.writes for c in calls if c.routine in _UPDATES and c.writes.startswith("rolling_")))
    if not names:
        return calls
    kept = (copy(name, f"_old_{name}") for name in names)
    chosen = (stage("every_second", n, new=n, old=f"_old_{n}", calls="_calls", like=n) for n in names)
    return (*kept, *calls, stage("count_calls", "_calls", calls="_calls", like=names[0]), *chosen)


def _count_calls(d: Any, a: Any, calls: Any, like: Any) -> Any:
    one = like.constant(1, exact=True)
    return one if calls is None else calls + one


def _choose(d: Any, a: Any, new: Any, old: Any, calls: Any, like: Any) -> Any:
    return new if int(calls.v.ravel()[0]) % 2 else old


def _own_batch() -> Rewrite:
    statistics = (stage("mean_cpu", "_own_mean", x="output"),
                  stage("variance_cpu", "_own_variance", x="output", mean="_own_mean"))  # fmt: skip
    return in_mode(False, then(before("normalize_cpu", "output", *statistics),
                               reading("normalize_cpu", "output", mean="_own_mean", variance="_own_variance")))  # fmt: skip


MIXUP_DEVIATIONS: tuple[Row, ...] = (
    structure("scales_and_biases_swapped", "scales are added and biases multiplied", "scales",
              forward(then(reading("scale_bias", "output", scales="biases"), reading("add_bias", "output", biases="scales")))),
    structure("scales_for_biases", "scales are added where biases belong", "biases",
              forward(reading("add_bias", "output", biases="scales"))),
    structure("biases_for_scales", "the result is multiplied by biases, not by scales", "scales",
              forward(reading("scale_bias", "output", scales="biases"))),
    structure("rolling_statistics_swapped_in_inference", "inference takes rolling_mean for the variance and "
              "rolling_variance for the mean", "normalize_cpu",
              forward(in_mode(False, reading("normalize_cpu", "output", mean="rolling_variance", variance="rolling_mean")))),
    structure("inference_without_mean", "inference does not subtract the rolling mean: it takes the old batch's mean",
              "normalize_cpu", forward(in_mode(False, reading("normalize_cpu", "output", mean="mean")))),
    structure("inference_uses_its_own_batch", "inference normalizes with the statistics of its own batch",
              "normalize_cpu", forward(_own_batch())),
    structure("inference_does_not_normalize", "inference does not normalize at all", "normalize_cpu",
              forward(in_mode(False, drop("normalize_cpu")))),
    structure("training_does_not_normalize", "training does not normalize at all", "normalize_cpu",
              forward(in_mode(True, drop("normalize_cpu")))),
    structure("delta_not_normalized", "backward leaves out its last step: delta is scaled only", "delta",
              backward(drop(_GRADIENT))),
    structure("delta_not_normalized_in_inference", "inference-mode backward leaves out its last step", "delta",
              backward(in_mode(False, drop(_GRADIENT)))),
    structure("scale_updates_not_in_inference", "inference-mode backward does not add to scale_updates", "scale_updates",
              backward(in_mode(False, drop("backward_scale_cpu")))),
    structure("bias_updates_not_in_inference", "inference-mode backward does not add to bias_updates", "bias_updates",
              backward(in_mode(False, drop("backward_bias")))),
    structure("updates_swapped", "sum(delta) goes to scale_updates, sum(delta x_norm) to bias_updates", "scale_updates",
              if_there("backward_bias", "bias_updates", then(writing("backward_bias", "bias_updates", "_bias"),
                            writing("backward_scale_cpu", "scale_updates", "bias_updates"),
                            reading("backward_scale_cpu", scale_updates="bias_updates"),
                            reading("backward_bias", bias_updates="scale_updates"),
                            at_end(copy("_bias", "scale_updates"))))),
    structure("bias_updates_summed_twice", "backward adds to bias_updates in two places", "bias_updates",
              backward(after("backward_bias", "bias_updates",
                             stage("backward_bias", "bias_updates", bias_updates="bias_updates", delta="delta")))),
    structure("rolling_updated_twice", "the rolling statistics are updated twice in a call", "rolling", _rolled_twice),
    Deviation("rolling_updated_every_second_call", "the rolling statistics are updated in every second call only",
              "rolling", Variant(formulas={"count_calls": _count_calls, "every_second": _choose}, rewrite=_every_second)),
    *where(_trains,
           structure("normalized_by_previous_statistics", "training normalizes with mean and variance of the call before",
                     "normalize_cpu", forward(in_mode(True, then(
                         at_start(copy("mean", "_old_mean"), copy("variance", "_old_variance")),
                         reading("normalize_cpu", "output", mean="_old_mean", variance="_old_variance"))))),
           structure("normalized_by_previous_mean", "training subtracts the mean of the call before", "normalize_cpu",
                     forward(in_mode(True, then(at_start(copy("mean", "_old_mean")),
                                                reading("normalize_cpu", "output", mean="_old_mean"))))),
           structure("mean_and_variance_saved_swapped", "mean and variance change places when they are saved", "mean",
                     forward(in_mode(True, at_end(copy("mean", "_mean"), copy("variance", "mean"),
                                                  copy("_mean", "variance"))))),
           structure("rolling_copied_into_statistics", "inference leaves the rolling statistics in mean and variance",
                     "mean", forward(in_mode(False, at_end(copy("rolling_mean", "mean"),
                                                           copy("rolling_variance", "variance"))))),
           structure("backward_saves_x_norm", "backward writes delta into x_norm, its workspace", "x_norm",
                     backward(at_end(copy("delta", "x_norm")))),
           structure("backward_overwrites_x", "backward writes delta into x, its workspace", "x",
                     backward(at_end(copy("delta", "x"))))),
    *where(_recomputes,
           structure("rolling_statistics_in_training_backward", "training-mode backward takes the rolling statistics",
                     "mean", backward(in_mode(True, then(
                         reading("inverse_std", None, variance="rolling_variance"),
                         reading(("x_hat", "inverse_std_delta"), None, mean="rolling_mean"))))),
           structure("rolling_variance_in_training_backward", "training-mode backward takes rolling_variance", "variance",
                     backward(in_mode(True, reading("inverse_std", None, variance="rolling_variance")))),
           structure("rolling_mean_in_training_backward", "training-mode backward takes rolling_mean", "mean",
                     backward(in_mode(True, reading(("x_hat", "inverse_std_delta"), None, mean="rolling_mean")))),
           structure("batch_variance_in_inference_backward", "inference-mode backward takes the last batch's variance",
                     "variance", backward(in_mode(False, reading("inverse_std", None, variance="variance")))),
           structure("batch_mean_in_inference_backward", "inference-mode backward takes the last batch's mean", "mean",
                     backward(in_mode(False, reading(("x_hat", "inverse_std_delta"), None, mean="mean"))))),
    *where(lambda d: d.backward == Backward.INVERSE_STD,
           structure("scale_updates_from_saved_x_norm", "scale_updates sums delta x_norm with the array x_norm, which "
                     "nothing has written", "backward_scale_cpu",
                     backward(reading("backward_scale_cpu", "scale_updates", x_norm="x_norm")))),
    *where(lambda d: d.rolling_weight,
           structure("rolling_weight_not_updated", "rolling_weight keeps its value", "rolling_weight", drop("add_weight"))),
)  # fmt: skip
