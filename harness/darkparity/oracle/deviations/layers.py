"""Deviations in how the layer functions put the routines together: what is saved when, order, state, modes."""

from __future__ import annotations

from darkparity.dialects import Backward, Dialect
from darkparity.oracle import Variant

from .deviation import Deviation, Row, structure, where
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
    moved_after,
    moved_before,
    moved_to_end,
    reading,
    stage,
    then,
    writing,
)

_X, _XN = ("copy_cpu", "x"), ("copy_cpu", "x_norm")
#: What writes the layer's delta last.
_GRADIENT = ("normalize_delta_cpu", "inverse_std_delta", "fixed_delta")


def _three_terms(d: Dialect) -> bool:
    return d.backward == Backward.THREE_TERM


FORWARD_DEVIATIONS: tuple[Row, ...] = (
    structure("x_saved_after_normalizing", "x is saved after normalizing; it is the layer's input", "x",
              forward(if_there(*_X, then(drop(*_X), after("normalize_cpu", "output", copy("output", "x")))))),
    structure("x_aliases_output", "x is the output array itself: it ends as the output", "x",
              forward(if_there(*_X, then(drop(*_X), at_end(copy("output", "x")))))),
    structure("x_never_saved", "x is not saved", "x", forward(drop(*_X))),
    structure("x_norm_after_scale", "x_norm is saved after scale_bias", "x_norm",
              forward(then(drop(*_XN), in_mode(True, after("scale_bias", "output", copy("output", "x_norm")))))),
    structure("x_norm_aliases_output", "x_norm is the output array itself: it ends as the output", "x_norm",
              forward(then(drop(*_XN), in_mode(True, at_end(copy("output", "x_norm")))))),
    structure("x_norm_written_in_inference", "x_norm is written in inference, where it must keep its content",
              "x_norm", forward(in_mode(False, after("normalize_cpu", "output", copy("output", "x_norm"))))),
    structure("x_norm_holds_x", "x_norm gets x before normalizing", "x_norm",
              forward(then(drop(*_XN), in_mode(True, before("normalize_cpu", "output", copy("output", "x_norm")))))),
    structure("rolling_used_in_training", "training normalizes with the rolling statistics", "normalize_cpu",
              forward(in_mode(True, reading("normalize_cpu", "output", mean="rolling_mean",
                                            variance="rolling_variance")))),
    structure("rolling_mean_used_in_training", "training normalizes with rolling_mean", "normalize_cpu",
              forward(in_mode(True, reading("normalize_cpu", "output", mean="rolling_mean")))),
    structure("batch_statistics_in_inference", "inference normalizes with the last batch's mean and variance",
              "normalize_cpu",
              forward(in_mode(False, reading("normalize_cpu", "output", mean="mean", variance="variance")))),
    structure("batch_variance_in_inference", "inference normalizes with the last batch's variance", "normalize_cpu",
              forward(in_mode(False, reading("normalize_cpu", "output", variance="variance")))),
    structure("rolling_updated_in_inference", "rolling statistics are updated in inference too", "rolling",
              forward(in_mode(False, before("normalize_cpu", "output",
                                            stage("mean_cpu", "rolling_mean", x="output"))))),
    structure("statistics_computed_in_inference", "inference overwrites mean and variance", "mean",
              forward(in_mode(False, before("normalize_cpu", "output", stage("mean_cpu", "mean", x="output"))))),
    structure("rolling_mean_only", "rolling_variance is not updated", "rolling_variance",
              then(drop("scal_cpu", "rolling_variance"), drop("axpy_cpu", "rolling_variance"))),
    structure("rolling_variance_only", "rolling_mean is not updated", "rolling_mean",
              then(drop("scal_cpu", "rolling_mean"), drop("axpy_cpu", "rolling_mean"))),
    structure("rolling_mean_no_decay", "rolling_mean does not decay", "rolling_mean",
              drop("scal_cpu", "rolling_mean")),
    structure("rolling_variance_no_decay", "rolling_variance does not decay", "rolling_variance",
              drop("scal_cpu", "rolling_variance")),
    structure("rolling_takes_old_mean", "rolling_mean takes the mean of the batch before", "rolling_mean",
              forward(if_there("axpy_cpu", "rolling_mean", then(
                  at_start(copy("mean", "_old")), reading("axpy_cpu", "rolling_mean", X="_old"))))),
    structure("rolling_takes_old_variance", "rolling_variance takes the variance of the batch before",
              "rolling_variance",
              forward(if_there("axpy_cpu", "rolling_variance", then(
                  at_start(copy("variance", "_old")), reading("axpy_cpu", "rolling_variance", X="_old"))))),
    structure("rolling_swapped", "rolling_mean takes the variance and rolling_variance the mean", "rolling_mean",
              then(reading("axpy_cpu", "rolling_mean", X="variance"), reading("axpy_cpu", "rolling_variance", X="mean"))),
    structure("rolling_decayed_after", "the decay is applied after the new value was added", "rolling_mean",
              then(moved_to_end("scal_cpu", "rolling_mean"), moved_to_end("scal_cpu", "rolling_variance"))),
    structure("variance_before_mean", "variance is computed with the mean of the batch before", "variance",
              forward(in_mode(True, moved_before("variance_cpu", "variance", "mean_cpu", "mean")))),
    structure("variance_about_rolling_mean", "variance is taken about rolling_mean", "variance",
              forward(in_mode(True, reading("variance_cpu", "variance", mean="rolling_mean")))),
    structure("bias_before_scale", "the bias is added before scaling", "add_bias",
              forward(moved_before("add_bias", "output", "scale_bias", "output"))),
    structure("scale_before_normalizing", "the scale is applied before normalizing", "scale_bias",
              forward(moved_before("scale_bias", "output", "normalize_cpu", "output"))),
    structure("forward_scale_missing", "forward does not apply scales", "scale_bias", forward(drop("scale_bias"))),
    structure("forward_bias_missing", "forward does not add biases", "add_bias", forward(drop("add_bias"))),
    structure("inference_scale_missing", "inference does not apply scales", "scale_bias",
              forward(in_mode(False, drop("scale_bias")))),
    structure("inference_bias_missing", "inference does not add biases", "add_bias",
              forward(in_mode(False, drop("add_bias")))),
    structure("input_not_copied", "a BATCHNORM layer normalizes its old output instead of the input", "copy_cpu",
              forward(reading("copy_cpu", "output", X="x"))),
    structure("normalized_twice", "training normalizes twice", "normalize_cpu",
              forward(in_mode(True, after("copy_cpu", "x_norm", stage("normalize_cpu", "output", x="output", mean="mean",
                                                                     variance="variance"))))),
)  # fmt: skip

BACKWARD_DEVIATIONS: tuple[Row, ...] = (
    structure("delta_not_scaled", "delta is not multiplied by scales", "scale_bias", backward(drop("scale_bias", "delta"))),
    *where(_three_terms, structure("delta_scaled_at_end", "delta is multiplied by scales after normalize_delta only", "scale_bias",
              backward(then(drop("scale_bias", "delta"),
                            after("normalize_delta_cpu", "delta",
                                  stage("scale_bias", "delta", output="delta", scales="scales")))))),
    structure("delta_scaled_twice", "delta is multiplied by scales twice", "scale_bias",
              backward(after("scale_bias", "delta", stage("scale_bias", "delta", output="delta", scales="scales")))),
    structure("updates_after_scaling", "scale_updates is summed after delta was scaled", "backward_scale_cpu",
              backward(moved_after("backward_scale_cpu", "scale_updates", "scale_bias", "delta"))),
    structure("bias_after_scaling", "bias_updates is summed after delta was scaled", "backward_bias",
              backward(moved_after("backward_bias", "bias_updates", "scale_bias", "delta"))),
    structure("bias_at_end", "bias_updates is summed after normalize_delta", "backward_bias",
              backward(moved_to_end("backward_bias", "bias_updates"))),
    structure("scale_updates_from_x", "scale_updates sums delta x instead of delta x_norm", "backward_scale_cpu",
              backward(reading("backward_scale_cpu", "scale_updates", x_norm="x"))),
    *where(_three_terms, structure("x_norm_recomputed_in_inference", "inference-mode backward recomputes x_norm from the rolling statistics; "
              "it is that of the last training forward", "backward_scale_cpu",
              backward(in_mode(False, then(at_start(stage("normalize_cpu", "_fresh", x="x", mean="rolling_mean",
                                                          variance="rolling_variance")),
                                           reading("backward_scale_cpu", "scale_updates", x_norm="_fresh")))))),
    structure("spread_from_x_norm", "variance_delta sums delta x_norm instead of delta (x - mean)", "variance_delta_cpu",
              backward(reading("variance_delta_cpu", "variance_delta", x="x_norm"))),
    structure("normalize_delta_from_x_norm", "normalize_delta uses x_norm instead of x", "normalize_delta_cpu",
              backward(reading("normalize_delta_cpu", "delta", x="x_norm"))),
    *where(_three_terms, structure("rolling_mean_only_in_inference", "inference-mode backward takes rolling_mean but the batch's variance",
              "variance", backward(in_mode(False, then(
                  reading("mean_delta_cpu", "mean_delta", variance="variance"),
                  reading("variance_delta_cpu", "variance_delta", variance="variance"),
                  reading("normalize_delta_cpu", "delta", variance="variance")))))),
    *where(_three_terms, structure("rolling_variance_only_in_inference", "inference-mode backward takes rolling_variance but the batch's mean",
              "mean", backward(in_mode(False, then(
                  reading("variance_delta_cpu", "variance_delta", mean="mean"),
                  reading("normalize_delta_cpu", "delta", mean="mean"))))),
    *where(_three_terms, structure("rolling_in_training_backward", "training-mode backward takes the rolling statistics", "mean",
              backward(in_mode(True, then(
                  reading("mean_delta_cpu", "mean_delta", variance="rolling_variance"),
                  reading("variance_delta_cpu", "variance_delta", mean="rolling_mean", variance="rolling_variance"),
                  reading("normalize_delta_cpu", "delta", mean="rolling_mean", variance="rolling_variance")))))),
    *where(_three_terms, structure("mean_delta_stale", "normalize_delta runs before mean_delta_cpu and uses what lay in mean_delta",
              "mean_delta_cpu", backward(then(
                  at_start(copy("mean", "mean_delta")), moved_to_end("mean_delta_cpu", "mean_delta")))))),
    structure("mean_delta_from_unscaled", "mean_delta is summed before delta is scaled", "mean_delta_cpu",
              backward(moved_before("mean_delta_cpu", "mean_delta", "scale_bias", "delta"))),
    structure("variance_delta_from_unscaled", "variance_delta is summed before delta is scaled", "variance_delta_cpu",
              backward(moved_before("variance_delta_cpu", "variance_delta", "scale_bias", "delta"))),
    structure("net_delta_not_copied", "a BATCHNORM layer hands on its unnormalized delta", "net_delta",
              backward(then(drop("copy_cpu", "net_delta"),
                            lambda calls, at: (copy("delta", "net_delta"), *calls) if at["type"] == "BATCHNORM"
                            else calls))),
    structure("net_delta_before_normalizing", "net_delta is copied before normalize_delta", "net_delta",
              backward(moved_before("copy_cpu", "net_delta", _GRADIENT, "delta"))),
    structure("delta_not_in_place", "normalize_delta's result does not reach delta", "delta",
              backward(then(writing(_GRADIENT, "delta", "_lost"),
                            reading("copy_cpu", "net_delta", X="_lost")))),
    *where(_three_terms, structure("mean_overwritten_in_backward", "backward changes mean", "mean",
              backward(at_end(copy("mean_delta", "mean"))))),
    *where(_three_terms, structure("variance_overwritten_in_backward", "backward changes variance", "variance",
              backward(at_end(copy("variance_delta", "variance"))))),
    structure("rolling_overwritten_in_backward", "backward overwrites rolling_mean by mean (aliased the other way)",
              "rolling_mean", backward(at_end(copy("mean", "rolling_mean")))),
    structure("rolling_variance_overwritten_in_backward", "backward overwrites rolling_variance by variance",
              "rolling_variance", backward(at_end(copy("variance", "rolling_variance")))),
)  # fmt: skip

BUFFER_DEVIATIONS = tuple(
    Deviation(name, sentence, touched, Variant(buffers=buffers))
    for name, sentence, touched, buffers in (
        ("scales_start_at_zero", "scales of a new layer are 0, not 1", "scales", {"scales": 0.0}),
        ("biases_start_at_one", "biases of a new layer are 1, not 0", "biases", {"biases": 1.0}),
        ("buffers_not_cleared", "x and x_norm are not cleared", "x", {"x": float("nan"), "x_norm": float("nan")}),
        ("updates_not_cleared", "scale_updates and bias_updates start with rubbish", "scale_updates",
         {"scale_updates": 1e-20, "bias_updates": 1e-20}),
        ("rolling_mean_starts_at_one", "rolling_mean of a new layer is 1, not 0", "rolling_mean",
         {"rolling_mean": 1.0}),
        ("statistics_start_at_one", "mean and variance of a new layer are 1, not 0", "variance",
         {"mean": 1.0, "variance": 1.0}),
    )
)  # fmt: skip
