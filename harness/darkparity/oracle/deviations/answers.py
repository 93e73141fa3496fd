"""What a deviation answers to a problem, and whether it can touch the problem at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.oracle import evaluate, stacked
from darkparity.oracle.bounds import ANY, Interval, Profile, intervals
from darkparity.spec import LAYER_OPERATIONS, MAKE, TRAINING_RUN, outputs_of, stages, step_attributes, steps_of

from .deviation import Deviation
from .plain import Plain

Arrays = Mapping[str, np.ndarray]
Attributes = Mapping[str, Any]


def affects(deviation: Deviation, operation: str, dialect: Dialect, attributes: Attributes) -> bool:
    """Whether the deviation computes anything differently in this operation (False: surely not)."""
    variant = deviation.variant
    if operation == MAKE:
        return bool(variant.buffers) or variant.dialect(dialect) != dialect
    if variant.dialect(dialect) != dialect:
        return True
    if operation not in (*LAYER_OPERATIONS, TRAINING_RUN):
        return operation in variant.formulas
    return any(_affects_calls(deviation, name, dialect, at) for name, at in _parts(operation, attributes))


def _parts(operation: str, attributes: Attributes) -> list[tuple[str, Attributes]]:
    if operation != TRAINING_RUN:
        return [(operation, attributes)]
    modes = dict.fromkeys(steps_of(attributes))
    return [(name, step_attributes(attributes, mode)) for mode in modes
            for name in (LAYER_OPERATIONS if mode.endswith("b") else LAYER_OPERATIONS[:1])]  # fmt: skip


def _affects_calls(deviation: Deviation, name: str, dialect: Dialect, attributes: Attributes) -> bool:
    calls = stages(name, dialect, attributes)
    if any(call.routine in deviation.variant.formulas for call in calls):
        return True
    return deviation.variant.rewrite(calls, attributes) != calls


def answer_intervals(
    deviation: Deviation,
    operation: str,
    dialect: Dialect,
    arrays: Arrays,
    attributes: Attributes,
    profile: Profile = ANY,
) -> dict[str, Interval]:
    """The deviation's own values and error bounds, computed in an arithmetic of `profile`."""
    return intervals(operation, dialect, arrays, attributes, profile, deviation.variant)


def values(
    deviation: Deviation, operation: str, dialect: Dialect, arrays: Arrays, attributes: Attributes
) -> dict[str, np.ndarray]:
    """What an implementation with this deviation (float64 inside) returns: float32 arrays by name.

    Outputs that the changed dialect does not have stay away.
    """
    with np.errstate(all="ignore"):
        steps = list(evaluate(operation, dialect, arrays, attributes, Plain.lift, deviation.variant))
        return {
            name: stacked(operation, name, [step[name].v.astype(np.float32) for step in steps])
            for name in outputs_of(operation, attributes, dialect)
            if name in steps[0]
        }
