"""One call answered for many values of one constant at once: side by side along the channels, which nothing mixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkparity.dialects import Dialect
from darkparity.dialects.constants import float32
from darkparity.oracle import Variant, evaluate, stacked
from darkparity.oracle.deviations.plain import Plain
from darkparity.spec import AXES, Call

#: Holds the place of the constant in a row: no dialect has this number, which is made of the digits of e.
STAND_IN = float32(0.0271828)


@dataclass(frozen=True)
class _Sweep:
    values: np.ndarray
    channels: int

    def side_by_side(self) -> np.ndarray:
        return np.repeat(self.values, self.channels).reshape(1, -1, 1)


class _Swept(Plain):
    """Every channel once for each value."""

    def __init__(self, v: np.ndarray, sweep: _Sweep) -> None:
        super().__init__(v)
        self.sweep = sweep

    def _like(self, v: np.ndarray) -> _Swept:
        return _Swept(v, self.sweep)

    def constant(self, value: float, exact: bool = False) -> Plain:
        return self._like(self.sweep.side_by_side()) if value == STAND_IN else super().constant(value, exact)


def sweep(call: Call, row: Dialect, values: Sequence[float], arrays: Sequence[str]) -> dict[str, np.ndarray]:
    """What `row` answers with each of `values` for STAND_IN, of those `arrays` that it has: (values, elements)."""
    asked = _Sweep(np.array(values), call.geometry.channels)

    def lift(array: np.ndarray) -> Plain:
        v = array.astype(np.float64)
        return _Swept(np.tile(v, (1, len(values), 1)) if v.shape[1] > 1 or asked.channels == 1 else v, asked)

    with np.errstate(all="ignore"):
        steps = list(evaluate(call, lift, Variant(dialect=lambda _: row)))
    found = {n: stacked(call.operation, n, [step[n].v for step in steps]) for n in arrays if n in steps[0]}
    return {name: _apart(name, array, asked) for name, array in found.items()}


def _apart(name: str, array: np.ndarray, asked: _Sweep) -> np.ndarray:
    """The values along the first axis, all else flat."""
    axis = -2 if AXES[name] == "A" else -1
    at = array.ndim + axis
    split = array.reshape(*array.shape[:at], len(asked.values), asked.channels, *array.shape[at + 1 :])
    return np.moveaxis(split, at, 0).reshape(len(asked.values), -1)
