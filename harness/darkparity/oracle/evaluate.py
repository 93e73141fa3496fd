"""Evaluate an operation in an arithmetic: one formula, the stages of a layer function, or a run of many steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import (
    AXES,
    FORWARD,
    LAYER_OPERATIONS,
    MAKE,
    TRAINING_RUN,
    Stage,
    outputs_of,
    stages,
    step_attributes,
    steps_of,
)

from .formulas import FORMULAS, Formula, Tensor

Environment = dict[str, Tensor]
Lift = Callable[[np.ndarray], Tensor]
Calls = tuple[Stage, ...]


def _same_calls(calls: Calls, attributes: Mapping[str, Any]) -> Calls:
    return calls


@dataclass(frozen=True)
class Variant:
    """A changed specification: how a deviation (or a label) differs from DarkNet.

    dialect: changes the row. formulas: routines computed otherwise. rewrite: changes the stages of a layer
    function, given (stages, attributes). buffers: initial values of `make_batchnorm_layer`.
    """

    dialect: Callable[[Dialect], Dialect] = lambda row: row
    formulas: Mapping[str, Formula] = field(default_factory=dict)
    rewrite: Callable[[Calls, Mapping[str, Any]], Calls] = _same_calls
    buffers: Mapping[str, float] = field(default_factory=dict)


UNCHANGED = Variant()


def as_tensor(name: str, array: np.ndarray) -> np.ndarray:
    """Per-channel arrays get the shape (1, channels, 1), so that formulas broadcast."""
    return array.reshape(1, -1, 1) if AXES[name] == "c" else array


def as_array(name: str, tensor: np.ndarray) -> np.ndarray:
    """Inverse of `as_tensor`."""
    return tensor.reshape(-1) if AXES[name] == "c" else tensor


def evaluate(
    operation: str, dialect: Dialect, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any], lift: Lift,
    variant: Variant = UNCHANGED,
) -> Iterator[Environment]:
    """Yield every array the operation leaves behind, as tensors of the arithmetic of `lift`; a run yields
    one environment a step, anything else just one.

    arrays: float32 inputs by name. Free-running: unrounded values pass from stage to stage and step to step.
    variant: a changed specification.
    """
    row = variant.dialect(dialect)
    if operation == TRAINING_RUN:
        yield from _run(row, arrays, attributes, lift, variant)
        return
    if operation == MAKE:
        arrays = fresh(row, attributes, variant)
    environment = {name: lift(as_tensor(name, value)) for name, value in arrays.items()}
    _given_weight(row, environment)
    if operation in LAYER_OPERATIONS:
        run_stages(stages(operation, row, attributes), row, environment, attributes, variant)
    elif operation != MAKE:
        result = _formula(operation, variant)(row, attributes, **environment)
        environment[outputs_of(operation, attributes, row)[0]] = result
    yield environment


def _formula(routine: str, variant: Variant) -> Formula:
    return variant.formulas.get(routine, FORMULAS[routine])


def stacked(operation: str, name: str, steps: list[np.ndarray]) -> np.ndarray:
    """One output array from the tensors of each step: stacked over the steps of a run."""
    arrays = [as_array(name, step) for step in steps]
    return np.stack(arrays) if operation == TRAINING_RUN else arrays[0]


def run_stages(
    calls: Calls, row: Dialect, environment: Environment, attributes: Mapping[str, Any], variant: Variant = UNCHANGED
) -> None:
    """Evaluate the stages of a layer function in order, in place."""
    for call in variant.rewrite(calls, attributes):
        environment[call.writes] = run_stage(call, row, environment, attributes, variant)


def run_stage(
    call: Stage, row: Dialect, environment: Environment, attributes: Mapping[str, Any], variant: Variant = UNCHANGED
) -> Tensor:
    """Evaluate one stage of a layer function on the tensors at hand; its formula sees both kinds of attributes."""
    reads = {parameter: environment.get(array) for parameter, array in call.reads.items()}
    return _formula(call.routine, variant)(row, {**attributes, **call.attributes}, **reads)


def _run(
    row: Dialect, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any], lift: Lift, variant: Variant
) -> Iterator[Environment]:
    """Steps of `training_run`: the state is carried, input and delta are new in every step."""
    given = {name: arrays[name] for name in ("input", "delta")}
    environment = {name: lift(as_tensor(name, a)) for name, a in arrays.items() if name not in given}
    zero = lift(np.zeros_like(as_tensor("mean", arrays["mean"])))
    environment |= {"mean_delta": zero, "variance_delta": zero}
    _given_weight(row, environment)
    for step, mode in enumerate(steps_of(attributes)):
        environment |= {name: lift(stack[step]) for name, stack in given.items()}
        environment["output"] = environment["input"]
        at = step_attributes(attributes, mode)
        for operation in LAYER_OPERATIONS if mode.endswith("b") else (FORWARD,):
            run_stages(stages(operation, row, at), row, environment, at, variant)
        yield dict(environment)


def _given_weight(row: Dialect, environment: Environment) -> None:
    """Rolling statistics without a weight (another dialect's, seen as this one's) are averages: weight 1."""
    if row.rolling_weight and "rolling_weight" not in environment and "rolling_mean" in environment:
        environment["rolling_weight"] = environment["rolling_mean"].constant(1, exact=True)


def fresh(row: Dialect, attributes: Mapping[str, Any], variant: Variant = UNCHANGED) -> dict[str, np.ndarray]:
    """Buffers of `make_batchnorm_layer`. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c:5-41."""
    batch, channels = attributes["batch"], attributes["c"]
    shape = {"A": (batch, channels, attributes["h"] * attributes["w"]), "c": (channels,)}
    values = {"scales": 1.0, "rolling_variance": row.initial_rolling_variance, **variant.buffers}
    names = outputs_of(MAKE, attributes, row)
    return {name: np.full(shape[AXES[name]], values.get(name, 0.0), np.float32) for name in names}
