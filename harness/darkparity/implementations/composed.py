"""`training_run`: many steps of an implementation's forward and backward, its own state carried along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import (
    BACKWARD,
    FORWARD,
    TRAINING_RUN,
    check_arrays,
    inputs_of,
    outputs_of,
    step_attributes,
    steps_of,
)

from .protocol import Arrays, Implementation


def training_run(
    implementation: Implementation, dialect: Dialect, arrays: Arrays, attributes: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Run every step; return each output stacked over the steps, shape (K, ...).

    What the implementation does not return keeps its old content. Raises what the implementation raises.
    """
    check_arrays(TRAINING_RUN, arrays, attributes, dialect)
    state = {name: array for name, array in arrays.items() if name not in ("input", "delta")}
    zero = np.zeros_like(state["mean"])
    state |= {"mean_delta": zero, "variance_delta": zero}
    outputs = outputs_of(TRAINING_RUN, attributes, dialect)
    history: dict[str, list[np.ndarray]] = {name: [] for name in outputs}
    for step, mode in enumerate(steps_of(attributes)):
        state |= {"input": arrays["input"][step], "output": arrays["input"][step], "delta": arrays["delta"][step]}
        at = step_attributes(attributes, mode)
        for operation in (FORWARD, BACKWARD) if mode.endswith("b") else (FORWARD,):
            _call(implementation, operation, dialect, state, at)
        for name in outputs:
            history[name].append(state[name])
    return {name: np.stack(steps) for name, steps in history.items()}


def _call(
    implementation: Implementation, operation: str, dialect: Dialect, state: dict[str, Any], at: Mapping[str, Any]
) -> None:
    given = {name: np.ascontiguousarray(state[name]) for name in inputs_of(operation, at, dialect)}
    wanted: Sequence[str] = outputs_of(operation, at, dialect)
    state |= implementation.run(operation, dialect, given, at, wanted)
