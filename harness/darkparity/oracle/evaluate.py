"""Evaluate an operation in an arithmetic: one formula, the stages of a layer function, or a run of many steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import AXES, BACKWARD, FORWARD, MAKE, RUN, Stage, outputs_of, stages, step_attributes, steps_of

from .formulas import FORMULAS, Tensor

Environment = dict[str, Tensor]
Lift = Callable[[np.ndarray], Tensor]
Rewrite = Callable[[tuple[Stage, ...]], tuple[Stage, ...]]


def as_tensor(name: str, array: np.ndarray) -> np.ndarray:
    """Per-channel arrays get the shape (1, channels, 1), so that formulas broadcast."""
    return array.reshape(1, -1, 1) if AXES[name] == "c" else array


def as_array(name: str, tensor: np.ndarray) -> np.ndarray:
    """Inverse of `as_tensor`."""
    return tensor.reshape(-1) if AXES[name] == "c" else tensor


def evaluate(
    operation: str, dialect: Dialect, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any], lift: Lift,
    rewrite: Rewrite = tuple,
) -> Iterator[Environment]:
    """Yield every array the operation leaves behind, as tensors of the arithmetic of `lift`; a run yields
    one environment a step, anything else just one.

    arrays: float32 inputs by name. Free-running: unrounded values pass from stage to stage and step to step.
    rewrite: changes the stages of a layer function before they are evaluated.
    """
    if operation == RUN:
        yield from _run(dialect, arrays, attributes, lift, rewrite)
        return
    if operation == MAKE:
        arrays = fresh(dialect, attributes)
    environment = {name: lift(as_tensor(name, value)) for name, value in arrays.items()}
    calls = rewrite(stages(operation, dialect, attributes))
    run_stages(calls, dialect, environment)
    if not calls and operation != MAKE:
        result = FORMULAS[operation](dialect, attributes, **environment)
        environment[outputs_of(operation, attributes, dialect)[0]] = result
    yield environment


def stacked(operation: str, name: str, steps: list[np.ndarray]) -> np.ndarray:
    """One output array from the tensors of each step: stacked over the steps of a run."""
    arrays = [as_array(name, step) for step in steps]
    return np.stack(arrays) if operation == RUN else arrays[0]


def run_stages(calls: tuple[Stage, ...], dialect: Dialect, environment: Environment) -> None:
    """Evaluate the stages of a layer function in order, in place."""
    for call in calls:
        environment[call.writes] = run_stage(call, dialect, environment)


def run_stage(call: Stage, dialect: Dialect, environment: Environment) -> Tensor:
    """Evaluate one stage of a layer function on the tensors at hand."""
    reads = {parameter: environment.get(array) for parameter, array in call.reads.items()}
    return FORMULAS[call.routine](dialect, call.attributes, **reads)


def _run(
    dialect: Dialect, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any], lift: Lift, rewrite: Rewrite
) -> Iterator[Environment]:
    """Steps of `training_run`: the state is carried, input and delta are new in every step."""
    given = {name: arrays[name] for name in ("input", "delta")}
    environment = {name: lift(as_tensor(name, a)) for name, a in arrays.items() if name not in given}
    zero = lift(np.zeros_like(as_tensor("mean", arrays["mean"])))
    environment |= {"mean_delta": zero, "variance_delta": zero}
    for step, mode in enumerate(steps_of(attributes)):
        environment |= {name: lift(stack[step]) for name, stack in given.items()}
        environment["output"] = environment["input"]
        at = step_attributes(attributes, mode)
        run_stages(rewrite(stages(FORWARD, dialect, at)), dialect, environment)
        if mode.endswith("b"):
            run_stages(rewrite(stages(BACKWARD, dialect, at)), dialect, environment)
        yield dict(environment)


def fresh(dialect: Dialect, attributes: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Buffers of `make_batchnorm_layer`. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c:5-41."""
    batch, channels = attributes["batch"], attributes["c"]
    shape = {"A": (batch, channels, attributes["h"] * attributes["w"]), "c": (channels,)}
    values = {"scales": 1.0, "rolling_variance": dialect.initial_rolling_variance}
    names = outputs_of(MAKE, attributes, dialect)
    return {name: np.full(shape[AXES[name]], values.get(name, 0.0), np.float32) for name in names}
