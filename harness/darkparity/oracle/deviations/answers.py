"""What a deviation answers to a call, and whether it can affect the call at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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

#: Fields of a dialect that formulas read, with their routines; every other one shows in the stages.
_READ_BY: Mapping[str, tuple[str, ...]] = {
    "normalize": ("normalize_cpu", "inverse_std", "variance_of_inverse_std"),
    "mean_delta": ("mean_delta_cpu",),
    "variance_delta": ("variance_delta_cpu",),
    "normalize_delta": ("normalize_delta_cpu",),
    "variance_ddof": ("variance_cpu",),
    "least_divisor": ("variance_cpu",),
    "initial_rolling_variance": (MAKE,),
    "rolling_weight": (MAKE,),
}


def affects(deviation: Deviation, call: Call) -> bool:
    """Whether the deviation computes anything differently in this call (False: surely not)."""
    return any(differs(deviation.variant, call.dialect, name, at) for name, at in _functions_of(call))


def differs(variant: Variant, dialect: Dialect, operation: str, attributes: Attributes) -> bool:
    """Whether a routine, the constructor or a layer function is computed otherwise in `dialect`."""
    changed = variant.dialect(dialect)
    routines = otherwise(variant, dialect, changed)
    if operation not in LAYER_OPERATIONS:
        return operation in routines or bool(variant.buffers and operation == MAKE)
    plain = stages(operation, dialect, attributes)
    if any(stage.routine in routines for stage in plain):
        return True
    own = plain if changed is dialect else stages(operation, changed, attributes)
    return variant.rewrite(own, attributes) != plain


def otherwise(variant: Variant, dialect: Dialect, changed: Dialect) -> set[str]:
    """Routines with another formula or another constant. changed: what the variant makes of the dialect."""
    return {*variant.formulas, *_rereading(dialect, changed)}


def _rereading(dialect: Dialect, changed: Dialect) -> Iterator[str]:
    """Routines that read another constant."""
    if changed is not dialect:
        for name, routines in _READ_BY.items():
            if getattr(changed, name) != getattr(dialect, name):
                yield from routines


def _functions_of(call: Call) -> Iterator[tuple[str, Attributes]]:
    """What is called, each with its attributes: one, or the layer functions of every mode of a training run."""
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
