"""Evaluate an operation in an arithmetic: one formula, or the stages of a layer function in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import AXES, MAKE, outputs_of, stages

from .formulas import FORMULAS, Tensor

Environment = dict[str, Tensor]
Lift = Callable[[np.ndarray], Tensor]


def as_tensor(name: str, array: np.ndarray) -> np.ndarray:
    """Per-channel arrays get the shape (1, channels, 1), so that formulas broadcast."""
    return array.reshape(1, -1, 1) if AXES[name] == "c" else array


def as_array(name: str, tensor: np.ndarray) -> np.ndarray:
    """Inverse of `as_tensor`."""
    return tensor.reshape(-1) if AXES[name] == "c" else tensor


def evaluate(
    operation: str, dialect: Dialect, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any], lift: Lift
) -> Environment:
    """Return every array the operation leaves behind, as tensors of the arithmetic of `lift`.

    arrays: float32 inputs by name. Free-running: unrounded values pass from stage to stage.
    """
    environment = {name: lift(as_tensor(name, value)) for name, value in arrays.items()}
    calls = stages(operation, dialect, attributes)
    if operation == MAKE:
        environment = {name: lift(as_tensor(name, value)) for name, value in fresh(dialect, attributes).items()}
    elif calls:
        for call in calls:
            environment[call.writes] = run_stage(call, dialect, environment)
    else:
        result = FORMULAS[operation](dialect, attributes, **environment)
        environment[outputs_of(operation, attributes, dialect)[0]] = result
    return environment


def run_stage(call: Any, dialect: Dialect, environment: Environment) -> Tensor:
    """Evaluate one stage of a layer function on the tensors at hand."""
    reads = {parameter: environment.get(array) for parameter, array in call.reads.items()}
    return FORMULAS[call.routine](dialect, call.attributes, **reads)


def fresh(dialect: Dialect, attributes: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Buffers of `make_batchnorm_layer`. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c:5-41."""
    batch, channels = attributes["batch"], attributes["c"]
    shape = {"A": (batch, channels, attributes["h"] * attributes["w"]), "c": (channels,)}
    values = {"scales": 1.0, "rolling_variance": dialect.initial_rolling_variance}
    names = outputs_of(MAKE, attributes, dialect)
    return {name: np.full(shape[AXES[name]], values.get(name, 0.0), np.float32) for name in names}
