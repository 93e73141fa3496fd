"""The specification itself in float32, every step rounded; also of a changed specification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from darkparity.implementations.protocol import EVERY, Description
from darkparity.oracle import UNCHANGED, Variant, evaluate, stacked
from darkparity.oracle.bounds import ANY, Profile
from darkparity.oracle.deviations.plain import Plain
from darkparity.spec import OPERATIONS, Call

from .variant import HonestVariant


class Rounded(Plain):
    """IEEE 754 with every result rounded to float32."""

    def __init__(self, v: np.ndarray, e: Any = None, tainted: Any = None, profile: Profile = ANY) -> None:
        super().__init__(v.astype(np.float32).astype(np.float64), profile=profile)


def _in_float32(kind: type[Plain], method: str) -> Any:
    """An operation of the float64 arithmetic, rounded; double rounding to float32 is innocuous (53 >= 2*24 + 2)."""
    original = getattr(kind, method)

    def operation(self: Any, *others: Any, **named: Any) -> Rounded:
        return Rounded(original(self, *others, **named).v)

    return operation


_STEPS = ("__add__", "__sub__", "__mul__", "__truediv__", "sqrt", "plus", "sum", "constant", "gather", "scatter")
for _name in _STEPS:
    setattr(Rounded, _name, _in_float32(Plain, _name))


class Stepwise:
    """An implementation made of the formulas: two_pass, ieee, sums in float64 and then rounded."""

    def __init__(self, name: str = "specification", variant: Variant = UNCHANGED) -> None:
        self.name, self.variant = name, variant

    def describe(self) -> Description:
        labels = frozenset(("two_pass", "ieee"))
        return Description(self.name, "honest", (EVERY,), tuple(OPERATIONS), labels)

    def run(self, call: Call, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Every output by name."""
        with np.errstate(all="ignore"):
            steps = list(evaluate(call, _lift, self.variant))
            names = [n for n in call.outputs if n in steps[0]]
            return {n: stacked(call.operation, n, [s[n].v.astype(np.float32) for s in steps]) for n in names}


def _lift(array: np.ndarray) -> Rounded:
    return Rounded(array.astype(np.float64))


STEPWISE = (
    HonestVariant("specification", "the formulas, every step rounded to float32", ("two_pass", "ieee"), Stepwise),
)
