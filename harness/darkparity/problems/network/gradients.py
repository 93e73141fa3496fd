"""The backward of a network's layers: what a training forward leaves in them, and a drawn delta."""

from __future__ import annotations

import numpy as np

from darkparity.cases.fills import normal
from darkparity.cases.recipe import fill
from darkparity.dialects import Dialect
from darkparity.oracle import evaluate
from darkparity.oracle.deviations.plain import Plain
from darkparity.spec import BACKWARD, FORWARD, Arrays, Attributes, Call, Geometry, inputs_of

#: Of the size that training has (delta's sd was .04 to .13 in five layers of yoloface-50k), and never centred
#: or zero: a lost sum of delta and an overwritten accumulator show.
_DRAWN = {
    "delta": normal(mean=0.01, sd=0.1),
    "bias_updates": normal(mean=0.0, sd=0.1),
    "scale_updates": normal(mean=0.0, sd=0.1),
}
#: What a training forward leaves for backward.
_LEFT = ("x", "x_norm", "mean", "variance")
NOTE = (
    "backward: x, x_norm, mean and variance as a training forward leaves them; delta drawn unless recorded: "
    "normal, mean .01, sd .1"
)


def drawn_for(activations: np.ndarray, key: str) -> dict[str, np.ndarray]:
    """delta, A, and both accumulators, (channels,), for one layer. key: seed and layer."""
    geometry = Geometry(*activations.shape)
    return {name: fill(how, geometry.shape_of(name), f"{key}/{name}") for name, how in _DRAWN.items()}


def state_after(dialect: Dialect, forward: Arrays, attributes: Attributes) -> dict[str, np.ndarray]:
    """x, x_norm (A), mean, variance (channels,) as a training forward in `dialect` leaves them.

    forward: its input arrays. The oracle's formulas in float64, rounded once: no implementation takes part, and
    x_norm belongs to x, mean and variance. rolling_* stay the file's: they are what inference goes through.
    """
    with np.errstate(all="ignore"):
        (left,) = evaluate(Call(FORWARD, dialect, forward, {**attributes, "train": True}), Plain.lift)
    return {name: left[name].v.astype(np.float32).reshape(forward[name].shape) for name in _LEFT}


def backward_arrays(dialect: Dialect, forward: Arrays, drawn: Arrays, attributes: Attributes) -> dict[str, np.ndarray]:
    """Inputs of `backward_batchnorm_layer`, by name. forward: the inputs of a training forward."""
    known = {**forward, **state_after(dialect, forward, attributes), **drawn}
    return {name: known[name] for name in inputs_of(BACKWARD, attributes, dialect)}
