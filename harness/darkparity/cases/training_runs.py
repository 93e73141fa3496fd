"""training_run: state carried over many steps, modes switching, rolling statistics as trajectories."""

from __future__ import annotations

from collections.abc import Mapping

from darkparity.spec import OPERATIONS, TRAINING_RUN

from .case import Case
from .fills import constant, normal, placed, powers, uniform
from .make import layer_fills
from .recipe import Fill

Shape = tuple[int, int, int, int]

#: A layer in the middle of its life: every part of the state differs from every other.
_TRAINED = {
    "x": normal(2.0, 1.0),
    "mean": normal(3.0, 0.5),
    "variance": uniform(2.0, 3.0),
    "bias_updates": normal(0.0, 0.1),
    "scale_updates": normal(0.0, 0.1),
}
_CARRIED = [name for name in OPERATIONS[TRAINING_RUN].inputs if name not in ("input", "delta")]
#: What make_batchnorm_layer leaves: everything zero but the scales.
_FRESH = {**dict.fromkeys(_CARRIED, constant(0.0)), "scales": constant(1.0)}


def _run(name: str, fault: str, modes: str, shape: Shape, state: Mapping[str, Fill] = _TRAINED,
         kind: str = "CONVOLUTIONAL", data: Fill | None = None) -> Case:  # fmt: skip
    given = {"input": data or normal(0.5, 2.0), "delta": normal(0.05, 0.5)}
    fills = layer_fills(TRAINING_RUN, kind, {**given, **state})
    return Case(name, TRAINING_RUN, fault, fills, shape, {"type": kind, "modes": modes})


_SWITCHING = "Tb Tb I Ib Tb T Ib I Tb Ib"

RUN_CASES = (
    _run("modes_switching", "state carried wrongly between training and inference steps.",
         _SWITCHING, (3, 3, 2, 3)),
    _run("aliased_rolling",
         "l.mean = l.rolling_mean aliases the arrays: inference-mode backward corrupts what follows.",
         "Tb Ib T Ib Tb I", (2, 3, 2, 2)),
    _run("stale_x_norm", "inference-mode backward must use x_norm of the last training forward, x of this one.",
         "Tb I Ib Ib Tb Ib", (2, 2, 3, 2)),
    _run("inference_before_training",
         "rolling buffers start at the dialect's initial values, inference divides by them.",
         "I Ib Tb I", (2, 2, 2, 2), _FRESH),
    _run("one_value_poisons", "m = 1 makes rolling_variance NaN for ever where the variance divides by m - 1.",
         "T T I", (1, 2, 1, 1)),
    _run("decay_from_trajectory", "another decay or gain: the rolling trajectory from zero shows it at every step.",
         " ".join(["T"] * 16), (2, 2, 2, 2), _FRESH),
    _run("updates_accumulate", "bias_updates and scale_updates add up over calls and are never zeroed.",
         "Tb Tb Tb Ib", (3, 2, 1, 3)),
    _run("connected", "a CONNECTED layer: spatial 1, its own decay and bias gradient in some forks.",
         "Tb T Ib Tb I", (5, 3, 1, 1), kind="CONNECTED"),
    _run("standalone_layer", "a BATCHNORM layer copies its input and hands its delta on.",
         "Tb Ib I Tb", (2, 3, 2, 2), kind="BATCHNORM"),
    _run("tiny_variance", "epsilon decides every step when the variance is as small as it.",
         _SWITCHING, (2, 3, 2, 3), {**_TRAINED, "rolling_variance": constant(1e-8), "rolling_mean": constant(0.0)},
         data=normal(0.0, 1e-4)),
    _run("infinity_in_one_step", "one infinite input must poison the rolling statistics of its channel, no other's.",
         "Tb Tb I Tb", (2, 3, 2, 2), data=placed(normal(0.5, 2.0), "inf", (1, 0, 1, 2))),
    _run("wide_range", "magnitudes over many binades in one trajectory.",
         "Tb I Tb Ib", (3, 2, 2, 2), data=powers(-12, 12)),
    _run("hundred_steps", "errors of the state over 100 steps stay inside the carried bound.",
         " ".join([_SWITCHING] * 10), (2, 2, 2, 2)),
)  # fmt: skip
