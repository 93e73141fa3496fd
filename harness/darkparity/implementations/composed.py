"""`training_run`: many steps of an implementation's forward and backward, its own state carried along."""

from __future__ import annotations

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import (
    Arrays,
    Attributes,
    Call,
    check_call,
    inputs_of,
    operations_of,
    step_attributes,
    steps_of,
)

from .protocol import Implementation


def training_run(implementation: Implementation, call: Call) -> dict[str, np.ndarray]:
    """Run every step; return each output stacked over the steps, shape (K, ...).

    What the implementation does not return keeps its old content. Raises what the implementation raises.
    """
    check_call(call)
    arrays = call.arrays
    state = {name: array for name, array in arrays.items() if name not in ("input", "delta")}
    zero = np.zeros_like(state["mean"])
    state |= {"mean_delta": zero, "variance_delta": zero}
    history: dict[str, list[np.ndarray]] = {name: [] for name in call.outputs}
    for step, mode in enumerate(steps_of(call.attributes)):
        state |= {"input": arrays["input"][step], "output": arrays["input"][step], "delta": arrays["delta"][step]}
        attributes = step_attributes(call.attributes, mode)
        for operation in operations_of(mode):
            layer = _layer_call(operation, call.dialect, state, attributes)
            state |= implementation.run(layer, layer.outputs)
        for name, steps in history.items():
            steps.append(state[name])
    return {name: np.stack(steps) for name, steps in history.items()}


def _layer_call(operation: str, dialect: Dialect, state: Arrays, attributes: Attributes) -> Call:
    inputs = inputs_of(operation, attributes, dialect)
    return Call(operation, dialect, {name: np.ascontiguousarray(state[name]) for name in inputs}, attributes)
