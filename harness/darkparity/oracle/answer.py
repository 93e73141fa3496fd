"""The exact oracle: float32 arrays nearest to the exact result of an operation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darkparity.spec import Call

from .evaluate import evaluate, stacked
from .exact import Exact
from .rounding import round_tensor


@dataclass(frozen=True)
class Answer:
    """One output array as it must be.

    expected: float32, nearest to the exact value (NaN where the class alone counts).
    residual: float64, not below |exact - expected|.
    """

    expected: np.ndarray
    residual: np.ndarray


def answer(call: Call) -> dict[str, Answer]:
    """Evaluate `call` in rationals and roots and round every output.

    Cost: about 20 microseconds per element and output.
    Raises Undecided (a fault of the harness) if an element cannot be rounded.
    """
    steps = list(evaluate(call, Exact.lift))
    return {name: _rounded(call.operation, name, [step[name] for step in steps]) for name in call.outputs}


def _rounded(operation: str, name: str, steps: list[Exact]) -> Answer:
    expected, residual = zip(*(round_tensor(tensor) for tensor in steps), strict=True)
    return Answer(stacked(operation, name, list(expected)), stacked(operation, name, list(residual)))
