"""A case: what is asked of every implementation, named after the fault it exposes."""

from __future__ import annotations

from collections.abc import Mapping
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
    Geometry,
    inputs_of,
    operation,
    steps_of,
)

from .recipe import Fill, fill


@dataclass(frozen=True)
class Case:
    """One problem: an operation on one geometry with filled inputs.

    name: snake_case, after the fault. fault: one sentence, what the case looks for, as a port would get it wrong; shown
    as a purpose, not as a finding.
    shape: (batch, channels, out_h, out_w); () for BLAS routines, whose sizes are in `attributes`.
    attributes: the operation's own scalars except out_h, out_w, which come from `shape`.
    fills: array -> recipe, for every input array of the call.
    dialects: names the case is meant for; () means every dialect that has the operation.
    tail: elements of X and Y behind the last one that a BLAS routine may touch.
    stream: which random numbers its fills draw; "" draws those of the golden fixtures.
    """

    name: str
    operation: str
    fault: str
    fills: Mapping[str, Fill]
    shape: tuple[int, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    dialects: tuple[str, ...] = ()
    tail: int = 0
    stream: str = ""

    @property
    def full_attributes(self) -> dict[str, Any]:
        """Every attribute of the operation, in the specification's order."""
        sizes = dict(zip(("out_h", "out_w"), self.shape[2:], strict=False))
        merged = {**sizes, **self.attributes}
        return {key: merged[key] for key in operation(self.operation).attributes}

    @property
    def row(self) -> str:
        """Its name among those of one dialect: `mean_cpu/one_element`."""
        return f"{self.operation}/{self.name}"

    def arrays(self, dialect: Dialect | None = None) -> dict[str, np.ndarray]:
        """The inputs, float32, by name: the same bits on every machine. dialect: as in `inputs_of`."""
        wanted = inputs_of(self.operation, self.full_attributes, dialect)
        return {name: fill(self.fills[name], self._shape_of(name), self._key(name)) for name in wanted}

    def defined_in(self, dialect: Dialect) -> bool:
        """Whether the problem makes sense in `dialect`."""
        if self.dialects and dialect.base not in self.dialects:
            return False
        if dialect.inference_only:
            return self.operation == FORWARD and not self.attributes["train"]
        return dialect.routines or self.operation in (*LAYER_OPERATIONS, MAKE, TRAINING_RUN)

    def _key(self, array: str) -> str:
        return f"{self.stream}{self.operation}/{self.name}/{array}"

    def _shape_of(self, array: str) -> tuple[int, ...]:
        if AXES[array] == "v":
            return (1 + (self.attributes["N"] - 1) * self.attributes[f"INC{array}"] + self.tail,)
        shape = Geometry.of_layer(*self.shape).shape_of(array)
        if self.operation == TRAINING_RUN and array in ("input", "delta"):
            return (len(steps_of(self.attributes)), *shape)
        return shape


def identifier(case: Case, dialect: Dialect) -> str:
    """`darknet-normalize_cpu-tiny_variance`: used in test ids, reports and reproducing commands."""
    return f"{dialect.slug}-{case.operation}-{case.name}"
