"""What a deviation answers to a call, and whether it can affect the call at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from darkparity.dialects import Dialect
from darkparity.oracle import Variant, evaluate, stacked
from darkparity.spec import (
    LAYER_OPERATIONS,
    MAKE,
    TRAINING_RUN,
    Attributes,
    Call,
    operations_of,
    stages,
    step_attributes,
    steps_of,
)

from .deviation import Deviation
from .plain import Plain


def affects(deviation: Deviation, call: Call) -> bool:
    """Whether the deviation computes anything differently in this call (False: surely not)."""
    variant = deviation.variant
    if variant.dialect(call.dialect) != call.dialect:
        return True
    if call.operation == MAKE:
        return bool(variant.buffers)
    if call.operation in (*LAYER_OPERATIONS, TRAINING_RUN):
        return any(_affects_layer(variant, name, call.dialect, at) for name, at in _layer_calls(call))
    return call.operation in variant.formulas


def _affects_layer(variant: Variant, operation: str, dialect: Dialect, attributes: Attributes) -> bool:
    plain = stages(operation, dialect, attributes)
    return any(stage.routine in variant.formulas for stage in plain) or variant.rewrite(plain, attributes) != plain


def _layer_calls(call: Call) -> Iterator[tuple[str, Attributes]]:
    """The layer functions called, each with its attributes: one, or those of every mode of a training run."""
    if call.operation != TRAINING_RUN:
        yield call.operation, call.attributes
        return
    for mode in dict.fromkeys(steps_of(call.attributes)):
        for operation in operations_of(mode):
            yield operation, step_attributes(call.attributes, mode)


def values(deviation: Deviation, call: Call) -> dict[str, np.ndarray]:
    """What an implementation with this deviation (float64 inside) returns: float32 arrays by name.

    Outputs that the changed dialect does not have stay away.
    """
    with np.errstate(all="ignore"):
        steps = list(evaluate(call, Plain.lift, deviation.variant))
        return {
            name: stacked(call.operation, name, [step[name].v.astype(np.float32) for step in steps])
            for name in call.outputs
            if name in steps[0]
        }
