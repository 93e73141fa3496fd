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
    origins_of,
    step_attributes,
    steps_of,
)

from .protocol import Implementation


def training_run(implementation: Implementation, call: Call) -> dict[str, np.ndarray]:
    """Run every step; return each output stacked over the steps, shape (K, ...).

    An array that a call changes and the implementation does not return is the implementation's secret from then on,
    and so is what DarkNet computes from it: such arrays are left out, since what is carried on in their place (their
    last known content) is not what the implementation holds. Raises what the implementation raises.
    """
    check_call(call)
    state = _State(call.arrays)
    history: dict[str, list[np.ndarray]] = {name: [] for name in call.outputs}
    for step, mode in enumerate(steps_of(call.attributes)):
        state.enter(call.arrays["input"][step], call.arrays["delta"][step])
        attributes = step_attributes(call.attributes, mode)
        for operation in operations_of(mode):
            layer = state.call(operation, call.dialect, attributes)
            state.take_in(layer, implementation.run(layer, layer.outputs))
        history = {n: [*steps, state.arrays[n]] for n, steps in history.items() if n not in state.secret}
    return {name: np.stack(steps) for name, steps in history.items()}


class _State:
    """What is carried from call to call. secret: arrays of which only the implementation knows the content."""

    def __init__(self, arrays: Arrays) -> None:
        zero = np.zeros_like(arrays["mean"])
        self.arrays: dict[str, np.ndarray] = {**arrays, "mean_delta": zero, "variance_delta": zero}
        self.secret: set[str] = set()

    def enter(self, image: np.ndarray, delta: np.ndarray) -> None:
        """What a step begins with."""
        self.arrays |= {"input": image, "output": image, "delta": delta}
        self.secret -= {"output", "delta"}

    def call(self, operation: str, dialect: Dialect, attributes: Attributes) -> Call:
        """A layer function on what is carried."""
        inputs = inputs_of(operation, attributes, dialect)
        arrays = {name: np.ascontiguousarray(self.arrays[name]) for name in inputs}
        return Call(operation, dialect, arrays, attributes)

    def take_in(self, layer: Call, returned: Arrays) -> None:
        """What an implementation answered."""
        self.arrays |= returned
        written = {stage.writes for stage in layer.stages}
        kept = {n for n in layer.outputs if n in written and n not in returned}
        rests_on_secrets = {n for n in layer.outputs if origins_of(n, layer.stages) & self.secret}
        self.secret = self.secret - set(layer.outputs) | kept | rests_on_secrets
