"""Which elements of a returned array lie outside, kept small: the arrays of a real layer are let go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darkparity.judging.evidence import Evidence
from darkparity.oracle.bounds.compare import ratios
from darkparity.spec import AXES


@dataclass(frozen=True)
class Marks:
    """One returned array. wrong: elements outside their bounds; told: elements that could have been; both of shape
    (..., batch, channels, spatial), 1 where the array has no such axis. width: columns of a row. full: whether it has
    all three axes.
    """

    case: str
    operation: str
    array: str
    wrong: np.ndarray
    told: np.ndarray
    width: int
    full: bool

    @property
    def fails(self) -> bool:
        """Some element lies outside."""
        return bool(self.wrong.any())


def marks_of(piece: Evidence) -> list[Marks]:
    """Of every returned array."""
    expected, problem = piece.problem.expected(piece.profile), piece.problem
    found = []
    for name, got in piece.got.items():
        wrong, told = ratios(got, expected[name]) > 1, ~expected[name].vacuous
        shape = _shape(name, got.shape)
        width = int(problem.attributes.get("out_w", shape[-1]))
        full = AXES[name] == "A"
        found.append(Marks(problem.id, problem.operation, name, wrong.reshape(shape), told.reshape(shape), width, full))
    return found


def _shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """As of a full array; a BLAS vector is one channel."""
    if AXES[name] == "A":
        return shape
    return (*shape[:-1], 1, shape[-1], 1) if AXES[name] == "c" else (1, 1, *shape)
