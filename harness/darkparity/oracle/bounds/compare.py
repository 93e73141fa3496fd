"""One returned array against what is right: pure functions, no opinion about who returned it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import Expected, class_of

_SIGN = np.int64(1) << 31


def ordered(array: np.ndarray) -> np.ndarray:
    """float32 -> integers in numeric order, neighbours one apart, -0.0 and 0.0 both 0 (ULP distance)."""
    bits = np.ascontiguousarray(array, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & (_SIGN - 1)), bits)


def ulp_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Units in the last place between two float32 arrays; 0 between equal classes that are not finite."""
    both = np.isfinite(a) & np.isfinite(b)
    return np.where(both, np.abs(ordered(a) - ordered(b)), 0)


@dataclass(frozen=True)
class Comparison:
    """What one array showed.

    elements: how many; vacuous: how many of them are no evidence; deviating: how many lie outside.
    worst_ratio: max |got - expected| / bound (inf for a class conflict or a zero bound); worst_ulp likewise.
    index, got, expected, bound: the worst element (by ratio, then by distance) of an array of `shape`.
    """

    array: str
    elements: int
    vacuous: int
    deviating: int
    worst_ratio: float
    worst_ulp: int
    index: tuple[int, ...]
    got: float
    expected: float
    bound: float
    class_conflict: bool = False
    first: tuple[int, ...] | None = None
    shape: tuple[int, ...] = ()

    @property
    def conforms(self) -> bool:
        return self.deviating == 0

    @property
    def evidence(self) -> bool:
        """At least one element could have deviated."""
        return self.elements > self.vacuous


def ratios(got: np.ndarray, expected: Expected) -> np.ndarray:
    """|got - expected| / bound per element, differences in float64; inf for a class conflict."""
    with np.errstate(all="ignore"):
        difference = np.abs(got.astype(np.float64) - expected.value.astype(np.float64))
        ratio = np.where(difference == 0, 0.0, difference / expected.bound)
    conflict = (class_of(got) & expected.allowed) == 0
    finite = np.isfinite(got) & np.isfinite(expected.value) & np.isfinite(expected.bound)
    return np.where(conflict, np.inf, np.where(finite, ratio, 0.0))


def compare(array: str, got: np.ndarray, expected: Expected) -> Comparison:
    """Judge `got` (float32, the shape of expected.value) element by element."""
    ratio = ratios(got, expected)
    ulps = np.where(expected.vacuous, 0, ulp_distance(got, expected.value))
    at = np.unravel_index(_worst(ratio.ravel(), ulps.ravel()), ratio.shape)
    return Comparison(
        array=array,
        elements=ratio.size,
        vacuous=int(expected.vacuous.sum()),
        deviating=int((ratio > 1).sum()),
        worst_ratio=float(ratio[at]),
        worst_ulp=int(ulps.max(initial=0)),
        index=tuple(int(i) for i in at),
        got=float(got[at]),
        expected=float(expected.value[at]),
        bound=float(expected.bound[at]),
        first=_first(ratio > 1),
        class_conflict=bool((class_of(got[at]) & expected.allowed[at]) == 0),
        shape=tuple(ratio.shape),
    )


def _worst(ratio: np.ndarray, ulps: np.ndarray) -> int:
    """By ratio, then by distance; the last of equals. Neither holds a NaN."""
    if ratio.size <= 1:
        return 0
    candidates = np.flatnonzero(ratio == ratio.max())
    furthest = ulps[candidates]
    return int(candidates[np.flatnonzero(furthest == furthest.max())[-1]])


def _first(deviates: np.ndarray) -> tuple[int, ...] | None:
    if not deviates.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(deviates.argmax()), deviates.shape))
