"""Why an element's bound is what it is, in words, from a record."""

from __future__ import annotations

import math
from collections.abc import Sequence

from darkparity.dialects import named
from darkparity.formats.json_arrays import number_text
from darkparity.judging.result import Result
from darkparity.oracle.bounds.compare import Comparison
from darkparity.spec import BACKWARD, LAYER_OPERATIONS, OPERATIONS, TRAINING_RUN, Stage, stages, stages_behind

#: What a backward must leave alone.
_UNCHANGED = ("mean", "variance", "rolling_mean", "rolling_variance")
_SUMS = (
    "mean_cpu",
    "variance_cpu",
    "backward_bias",
    "backward_scale_cpu",
    "mean_delta_cpu",
    "variance_delta_cpu",
)
_COPIES = ("copy_cpu", "make_batchnorm_layer")


def number(value: float) -> str:
    """A float32: the shortest decimal that gives it back."""
    return number_text(value).strip('"')


def bound_reason(result: Result, comparison: Comparison, labels: Sequence[str]) -> str:
    """The rule behind the worst element's bound."""
    bound = comparison.bound
    if comparison.class_conflict:
        return _class_reason(comparison, labels)
    if bound == 0:
        return f"0: {_exact_reason(result, comparison.array)}"
    claims = f"labels {', '.join(labels)}" if labels else "no labels: any order, any float32 arithmetic"
    return f"{bound:.3g} = rounding of every step of {_steps(result, comparison.array)}; {claims}"


def _class_reason(comparison: Comparison, labels: Sequence[str]) -> str:
    expected = comparison.expected
    if math.isfinite(expected):
        return "class: a finite value expected, whatever the order of operations"
    if not math.isfinite(comparison.got) and not labels:
        return f"class: {number(expected)} expected: the exact value is far beyond float32's range"
    if {"ieee", "two_pass"} <= set(labels):
        return f"class: {number(expected)} expected, exactly that under labels ieee and two_pass"
    return f"class: {number(expected)} expected (any of NaN, Infinity, -Infinity is accepted)"


def _exact_reason(result: Result, array: str) -> str:
    operation = result.operation
    if operation == BACKWARD and array in _UNCHANGED:
        return f"{array} must come back unchanged"
    if operation in _COPIES or _only_copied(result, array):
        return "copied or set, no arithmetic is done on it"
    if operation in _SUMS or array.endswith("_updates"):
        return "every partial sum is exact, in any order; no rounding is allowed"
    return "every step is exact here; no rounding is allowed"


def _only_copied(result: Result, array: str) -> bool:
    return result.operation in LAYER_OPERATIONS and all(call.routine == "copy_cpu" for call in steps(result, array))


def _steps(result: Result, array: str) -> str:
    if result.operation == TRAINING_RUN:
        return "forward and backward, carried from step to step"
    if result.operation in LAYER_OPERATIONS:
        names = dict.fromkeys(c.routine for c in steps(result, array) if c.routine != "copy_cpu")
        return " > ".join(names) or result.operation
    return f"`{OPERATIONS[result.operation].formula}`"


def steps(result: Result, array: str) -> tuple[Stage, ...]:
    """The routine calls of a layer function that `array` depends on, in order."""
    return stages_behind(array, stages(result.operation, named(result.dialect), result.attributes))


def place(comparison: Comparison) -> str:
    """`[0, 1, 3] (flat 9)`."""
    flat = 0
    for index, size in zip(comparison.index, comparison.shape, strict=True):
        flat = flat * size + index
    return f"{list(comparison.index)}" + (f" (flat {flat})" if len(comparison.index) > 1 else "")


def direction(result: Result) -> str:
    """`CONVOLUTIONAL, training` for a layer function, modes for a run, nothing for a routine."""
    attributes = result.attributes
    if result.operation == TRAINING_RUN:
        return f"{attributes['type']}, steps {attributes['modes']}"
    if result.operation not in LAYER_OPERATIONS:
        return ""
    return f"{attributes['type']}, {'training' if attributes['train'] else 'inference'}"
