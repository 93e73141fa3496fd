"""One call of one operation: what an implementation is asked, and what the oracle answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from darkparity.dialects import Dialect

from .geometry import Geometry
from .layers import Stage, stages
from .operations import AXES, MAKE, TRAINING_RUN, inputs_of, outputs_of, steps_of

if TYPE_CHECKING:  # the specification is data: reading it needs no NumPy
    import numpy as np

#: float32, C-contiguous, by the specification's names; axes: AXES.
Arrays = Mapping[str, "np.ndarray"]
#: An operation's scalars by name.
Attributes = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Call:
    """An operation with everything it reads; nothing in it is ever written to.

    operation: a name in OPERATIONS. dialect: the row that holds every constant. arrays: its inputs.
    attributes: its scalars. `check_call` says whether they fit together.
    """

    operation: str
    dialect: Dialect
    arrays: Arrays = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the arrays it reads, in specification order."""
        return inputs_of(self.operation, self.attributes, self.dialect)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Names of the arrays it answers with, in specification order."""
        return outputs_of(self.operation, self.attributes, self.dialect)

    @cached_property
    def geometry(self) -> Geometry:
        """Sizes of the layer. BLAS routines have none."""
        if self.operation == MAKE:
            return Geometry.of_layer(*(self.attributes[name] for name in ("batch", "c", "h", "w")))
        full = next(array for name, array in self.arrays.items() if AXES[name] == "A")
        return Geometry(*full.shape[-3:])

    def shape_of(self, output: str) -> tuple[int, ...]:
        """Shape of an output; those of a training run are stacked over its steps."""
        if AXES[output] == "v":
            return self.arrays[output].shape
        steps = (len(steps_of(self.attributes)),) if self.operation == TRAINING_RUN else ()
        return (*steps, *self.geometry.shape_of(output))

    @property
    def refusable(self) -> bool:
        """Whether the dialect's reference gives no answer: to training with a single value per channel."""
        attributes = self.attributes
        trains = attributes.get("train") or any(step.startswith("T") for step in steps_of(attributes))
        if not (self.dialect.refuses_m_1 and trains):
            return False
        return self.geometry.batch * self.geometry.spatial == 1

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Routine calls of a layer function; empty for a plain routine."""
        return stages(self.operation, self.dialect, self.attributes)
