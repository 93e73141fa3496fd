"""Evaluate an operation in an arithmetic: one formula, the stages of a layer function, or a run of many steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import (
    AXES,
    LAYER_OPERATIONS,
    MAKE,
    TRAINING_RUN,
    Attributes,
    Call,
    Stage,
    operations_of,
    stages,
    step_attributes,
    steps_of,
)

from .formulas import FORMULAS, Formula, Tensor

Environment = dict[str, Tensor]
Lift = Callable[[np.ndarray], Tensor]
Stages = tuple[Stage, ...]


def _same_stages(unchanged: Stages, attributes: Attributes) -> Stages:
    return unchanged


@dataclass(frozen=True)
class Variant:
    """A changed specification: how a deviation (or a label) differs from DarkNet.

    dialect: changes the row. formulas: routines computed otherwise, and routines of its own. rewrite: changes the
    stages of a layer function, given (stages, attributes). buffers: initial values of `make_batchnorm_layer`.
    """

    dialect: Callable[[Dialect], Dialect] = lambda row: row
    formulas: Mapping[str, Formula] = field(default_factory=dict)
    rewrite: Callable[[Stages, Attributes], Stages] = _same_stages
    buffers: Mapping[str, float] = field(default_factory=dict)


UNCHANGED = Variant()


def as_tensor(name: str, array: np.ndarray) -> np.ndarray:
    """Per-channel arrays get the shape (1, channels, 1), so that formulas broadcast."""
    return array.reshape(1, -1, 1) if AXES[name] == "c" else array


def as_array(name: str, tensor: np.ndarray) -> np.ndarray:
    """Inverse of `as_tensor`."""
    return tensor.reshape(-1) if AXES[name] == "c" else tensor


def evaluate(call: Call, lift: Lift, variant: Variant = UNCHANGED) -> Iterator[Environment]:
    """Yield every array the operation leaves behind, as tensors of the arithmetic of `lift`; a run yields
    one environment a step, anything else just one.

    Free-running: unrounded values pass from stage to stage and step to step. variant: a changed specification.
    """
    dialect = variant.dialect(call.dialect)
    if call.operation == TRAINING_RUN:
        yield from _run(call, dialect, lift, variant)
        return
    arrays = fresh(call, dialect, variant) if call.operation == MAKE else call.arrays
    environment = {name: lift(as_tensor(name, array)) for name, array in arrays.items()}
    _given_weight(dialect, environment)
    if call.operation in LAYER_OPERATIONS:
        _run_stages(call.operation, dialect, environment, call.attributes, variant)
    elif call.operation != MAKE:
        result = _formula(call.operation, variant)(dialect, call.attributes, **environment)
        environment[call.outputs[0]] = result
    yield environment


def _formula(routine: str, variant: Variant) -> Formula:
    return variant.formulas[routine] if routine in variant.formulas else FORMULAS[routine]


def stacked(operation: str, name: str, steps: list[np.ndarray]) -> np.ndarray:
    """One output array from the tensors of each step: stacked over the steps of a run."""
    arrays = [as_array(name, step) for step in steps]
    return np.stack(arrays) if operation == TRAINING_RUN else arrays[0]


def _run_stages(
    operation: str, dialect: Dialect, environment: Environment, attributes: Attributes, variant: Variant
) -> None:
    """Evaluate the stages of a layer function in order, in place."""
    for stage in variant.rewrite(stages(operation, dialect, attributes), attributes):
        environment[stage.writes] = run_stage(stage, dialect, environment, attributes, variant)


def run_stage(
    stage: Stage, dialect: Dialect, environment: Environment, attributes: Attributes, variant: Variant = UNCHANGED
) -> Tensor:
    """Evaluate one stage of a layer function on the tensors at hand; its formula sees both kinds of attributes."""
    reads = {parameter: environment.get(array) for parameter, array in stage.reads.items()}
    return _formula(stage.routine, variant)(dialect, {**attributes, **stage.attributes}, **reads)


def _run(call: Call, dialect: Dialect, lift: Lift, variant: Variant) -> Iterator[Environment]:
    """Steps of `training_run`: the state is carried, input and delta are new in every step."""
    given = {name: call.arrays[name] for name in ("input", "delta")}
    environment = {name: lift(as_tensor(name, a)) for name, a in call.arrays.items() if name not in given}
    zero = lift(np.zeros_like(as_tensor("mean", call.arrays["mean"])))
    environment |= {"mean_delta": zero, "variance_delta": zero}
    _given_weight(dialect, environment)
    for step, mode in enumerate(steps_of(call.attributes)):
        environment |= {name: lift(stack[step]) for name, stack in given.items()}
        environment["output"] = environment["input"]
        attributes = step_attributes(call.attributes, mode)
        for operation in operations_of(mode):
            _run_stages(operation, dialect, environment, attributes, variant)
        yield dict(environment)


def _given_weight(dialect: Dialect, environment: Environment) -> None:
    """Rolling statistics without a weight (another dialect's, seen as this one's) are averages: weight 1."""
    if dialect.rolling_weight and "rolling_weight" not in environment and "rolling_mean" in environment:
        environment["rolling_weight"] = environment["rolling_mean"].constant(1, exact=True)


def fresh(call: Call, dialect: Dialect, variant: Variant) -> dict[str, np.ndarray]:
    """Buffers of `make_batchnorm_layer`. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c:5-41."""
    values = {"scales": 1.0, "rolling_variance": dialect.initial_rolling_variance, **variant.buffers}
    names = replace(call, dialect=dialect).outputs
    return {name: np.full(call.geometry.shape_of(name), values.get(name, 0.0), np.float32) for name in names}
