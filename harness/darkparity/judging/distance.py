"""How far implementations lie from each other: shows distance, decides nothing where both conform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from darkparity.oracle.bounds import Profile, class_of
from darkparity.oracle.bounds.compare import ulp_distance
from darkparity.problems.problem import Problem


@dataclass
class Pair:
    """Distance of two implementations over everything both returned.

    ratio: max |a - b| / (bound of a + bound of b); sums of conforming answers stay at or below 1.
    """

    max_ulp: int = 0
    equal: int = 0
    elements: int = 0
    ratio: float = 0.0

    @property
    def percent_equal(self) -> float:
        """Share of elements equal bit for bit (-0.0 equals 0.0, one NaN another)."""
        return 100.0 * self.equal / self.elements if self.elements else 0.0


@dataclass
class Matrix:
    """Pairs by (dialect, implementation, implementation)."""

    pairs: dict[tuple[str, str, str], Pair] = field(default_factory=dict)

    def add(self, problem: Problem, answers: Mapping[str, tuple[Mapping[str, np.ndarray], Profile]]) -> None:
        """Take in what each implementation returned for one problem."""
        for (left, (a, left_profile)), (right, (b, right_profile)) in combinations(answers.items(), 2):
            pair = self.pairs.setdefault((problem.dialect.name, left, right), Pair())
            bounds = [problem.expected(p) for p in (left_profile, right_profile)]
            for name in bounds[0].keys() & a.keys() & b.keys():
                if a[name].shape == b[name].shape == bounds[0][name].value.shape:
                    total = bounds[0][name].bound + bounds[1][name].bound
                    _measure(pair, a[name], b[name], total, bounds[0][name].vacuous)


def _measure(pair: Pair, a: np.ndarray, b: np.ndarray, bound: np.ndarray, vacuous: np.ndarray) -> None:
    same_class = class_of(a) == class_of(b)
    ulps = ulp_distance(a, b)
    pair.elements += a.size
    pair.equal += int((same_class & (ulps == 0)).sum())
    judged = same_class & np.isfinite(a) & ~vacuous
    if judged.any():
        pair.max_ulp = max(pair.max_ulp, int(ulps[judged].max()))
        with np.errstate(all="ignore"):
            difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
            ratio = np.where(difference == 0, 0.0, difference / bound)
        pair.ratio = max(pair.ratio, float(ratio[judged].max()))
