"""Which epsilon matters for this network: how far other dialects' inference moves each layer's output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from darkparity.oracle.bounds import ANY
from darkparity.problems.problem import Problem
from darkparity.spec import FORWARD

from .asking import Asked, OwnNetwork

Values = np.ndarray


def _outside(epsilon: float) -> Callable[[Values], Values]:
    return lambda variance: np.sqrt(np.maximum(variance, 0)) + np.float64(np.float32(epsilon))


def _inside(epsilon: float) -> Callable[[Values], Values]:
    return lambda variance: np.sqrt(variance + np.float64(np.float32(epsilon)))


_DARKNET = _outside(1e-6)
#: Who divides by what in inference. A row added here is measured.
OTHERS: Mapping[str, Callable[[Values], Values]] = {
    "1e-5 inside: AlexeyAB, every GPU path, PyTorch": _inside(1e-5),
    "1e-6 inside: OpenCV": _inside(1e-6),
    "1e-4 inside: ultralytics 2020": _inside(1e-4),
    "1e-3 inside: Keras, ultralytics": _inside(1e-3),
}
FOLDED = "weights folded by DarkNet, in float32"
#: Epsilon inside the root where DarkNet folds batch norm into weights.
#: Source: pjreddie/darknet@f6afaabc src/convolutional_layer.c:334, src/connected_layer.c:203.
_FOLDING = {"CONVOLUTIONAL": 1e-5, "CONNECTED": 1e-6}


def differences(own: OwnNetwork, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """One row per layer, worst first. problems: those of dialect darknet, for their bounds."""
    names = {q.id.split("-")[-2]: q for q in problems if q.operation == FORWARD and not q.attributes["train"]}
    rows = [_row(asked, names[asked.name]) for asked in own.asked if asked.name in names]
    return sorted(rows, key=lambda row: -max(m["relative"] for m in row["others"].values()))


def _row(asked: Asked, problem: Problem) -> dict[str, Any]:
    values = {n: a.astype(np.float64)[:, None] for n, a in asked.parameters.items()}
    expected = problem.expected(ANY)["output"]
    exact = _output(values, asked.activations, _DARKNET(values["rolling_variance"]))
    roots = {name: root(values["rolling_variance"]) for name, root in OTHERS.items()}
    others = {name: _output(values, asked.activations, root) for name, root in roots.items()}
    if asked.part.type in _FOLDING:
        others[FOLDED] = _folded(asked)
    return {
        "layer": asked.name,
        "kind": asked.layer.kind,
        "geometry": list(asked.shape),
        "least_variance": float(asked.parameters["rolling_variance"].min()),
        "others": {name: _distance(exact, other, expected.bound) for name, other in others.items()},
    }


def _output(values: Mapping[str, Values], x: Values, root: Values) -> Values:
    output: Values = values["scales"] * ((x - values["rolling_mean"]) / root) + values["biases"]
    return output


def _folded(asked: Asked) -> Values:
    """y = a x + b with a and b rounded to float32, as they end up in folded weights and biases."""
    p, epsilon = asked.parameters, np.float32(_FOLDING[asked.part.type])
    slope = p["scales"] / np.sqrt(p["rolling_variance"] + epsilon)
    offset = p["biases"] - p["rolling_mean"] * slope
    output: Values = slope.astype(np.float64)[:, None] * asked.activations + offset.astype(np.float64)[:, None]
    return output


def _distance(exact: Values, other: Values, bound: Values) -> dict[str, float]:
    """relative: a channel's largest change to its largest distance from its own middle (its contrast)."""
    moved = np.abs(other - exact)
    contrast = np.ptp(exact, axis=(0, 2)) / 2
    per_channel = moved.max(axis=(0, 2))
    visible = contrast > 0
    relative = (per_channel[visible] / contrast[visible]).max(initial=0.0)
    judged = np.isfinite(bound) & (bound > 0)  # x = mean is exact: any change of it is infinitely many bounds
    multiples = moved[judged] / bound[judged]
    return {"relative": float(relative), "absolute": float(moved.max(initial=0.0)),
            "bounds": float(multiples.max(initial=0.0))}  # fmt: skip
