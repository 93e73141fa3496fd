"""What one run of the benchmark measures, and the problems it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from darkparity.cases import Case
from darkparity.cases.make import LAYER
from darkparity.dialects import DEFAULT, Dialect, named
from darkparity.implementations.protocol import Description
from darkparity.problems.problem import Generated, Problem, live_expectation
from darkparity.spec import BACKWARD, FORWARD, Call

from .errors import BenchError
from .geometries import SHAPES, Shape, written

#: mode -> operation and whether the layer trains.
MODES: Mapping[str, tuple[str, bool]] = {
    "training": (FORWARD, True),
    "inference": (FORWARD, False),
    "backward": (BACKWARD, True),
}
#: How a call is made: through the contract with its checks and private copies, or the function alone.
THROUGH_CONTRACT, BARE = "run", "bare"
WAYS = (THROUGH_CONTRACT, BARE)
#: What is asked for -> full-size arrays that are left out.
OUTPUTS: Mapping[str, tuple[str, ...]] = {"output": ("x", "x_norm"), "all": ()}


@dataclass(frozen=True)
class Plan:
    """baseline: "" is numpy where it takes part, else the first. rounds: None is as many as fit into `seconds`.

    dialect: of those that offer it; all others, and all for "", run in DarkNet's or else their own first one.
    seconds: for each implementation, way, mode and geometry.
    """

    shapes: tuple[Shape, ...] = SHAPES
    modes: tuple[str, ...] = tuple(MODES)
    ways: tuple[str, ...] = WAYS
    outputs: str = "output"
    baseline: str = ""
    dialect: str = ""
    threads: int = 1
    rounds: int | None = None
    seconds: float = 0.5

    def __post_init__(self) -> None:
        _known("--mode", self.modes, MODES)
        _known("--outputs", (self.outputs,), OUTPUTS)
        named(self.dialect or DEFAULT)
        for option, value, least in (("--threads", self.threads, 1), ("--rounds", self.rounds or 2, 2)):
            if value < least:
                raise BenchError(f"{option} {value}: needs at least {least}")

    def dialect_of(self, told: Description) -> str:
        """Which of the dialects that an implementation offers it runs in; none offered: it takes what it is given."""
        wished = [name for name in (self.dialect, DEFAULT) if name and (told.offers(name) or not told.dialects)]
        return [*wished, *told.dialects][0]

    @property
    def jobs(self) -> list[tuple[str, Shape]]:
        return [(mode, shape) for mode in self.modes for shape in self.shapes]


def _known(option: str, given: tuple[str, ...], known: Mapping[str, Any]) -> None:
    for name in given:
        if name not in known:
            raise BenchError(f"{option} {name!r}: known are {', '.join(known)}")


def wanted(problem: Problem, outputs: str) -> tuple[str, ...]:
    """The outputs asked for."""
    return tuple(name for name in problem.call.outputs if name not in OUTPUTS[outputs])


def problem(mode: str, shape: Shape, dialect: str) -> Problem:
    """One call of a convolutional layer on ordinary data; backward follows a training forward of its x."""
    operation, train = MODES[mode]
    row = named(dialect)
    name = f"bench_{mode}_{written(shape)}"
    case = Case(name, operation, "speed", LAYER, shape, {"type": "CONVOLUTIONAL", "train": train})
    given = partial(case.arrays, row)
    make = given if operation == FORWARD else lambda: _after_forward(given(), row)
    call = Call(operation, row, Generated(make), case.full_attributes)
    return Problem(f"{row.slug}-{name}", call, "speed", "live", live_expectation(call))


def _after_forward(arrays: dict[str, np.ndarray], dialect: Dialect) -> dict[str, np.ndarray]:
    """With mean, variance and x_norm as a forward of x leaves them: frameworks differentiate through those."""
    x, epsilon = arrays["x"], dialect.normalize
    mean = x.mean(axis=(0, 2), dtype=np.float64)
    centred = x - mean[:, np.newaxis]
    count = max(x.shape[0] * x.shape[2] - dialect.variance_ddof, 1)
    variance = np.square(centred).sum(axis=(0, 2)) / count
    root = np.sqrt(variance + epsilon.value) if epsilon.inside else np.sqrt(variance) + epsilon.value
    saved = 1.0 / root if dialect.saved_statistic == "inverse_std" else variance
    found = {"mean": mean, "variance": saved, "x_norm": centred / root[:, np.newaxis]}
    return arrays | {k: v.astype(np.float32) for k, v in found.items() if k in arrays}
