"""What was measured: medians, quartiles, ratios paired by round, bytes per second, percent of the floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkparity.errors import CONFORMS, DEVIATES

from .floor import METHOD
from .geometries import Shape
from .plan import Plan
from .traffic import Traffic


@dataclass(frozen=True)
class Spread:
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        low, median, high = map(float, np.percentile(np.asarray(values), (25, 50, 75)))
        return cls(median, low, high)


@dataclass(frozen=True)
class Timing:
    """One implementation in one mode on one geometry, called in one way; what is None was not measured.

    verdict: only who `conforms` is measured. note: why not, or what it does not deliver. seconds: per call.
    ratio: the baseline's seconds / this one's, round by round: 2 is twice as fast. gigabytes: per second, of the
    arrays read and written. floor: seconds of the streaming floor / this one's. busy: processor time / time.
    """

    implementation: str
    dialect: str
    mode: str
    shape: Shape
    way: str
    verdict: str
    note: str = ""
    seconds: Spread | None = None
    ratio: Spread | None = None
    rounds: int = 0
    iterations: int = 0
    traffic: Traffic | None = None
    gigabytes: float | None = None
    floor: float | None = None
    busy: float | None = None

    @property
    def key(self) -> tuple[str, str, str, Shape]:
        return self.implementation, self.way, self.mode, self.shape

    @property
    def failed(self) -> bool:
        return self.verdict not in ("conforms", "unsupported")


@dataclass(frozen=True)
class Report:
    """All timings of one run."""

    timings: tuple[Timing, ...]
    plan: Plan
    baseline: str
    floor_method: str = METHOD

    @property
    def exit_code(self) -> int:
        """Who was asked to run fast must conform first."""
        measured = any(t.seconds for t in self.timings)
        return DEVIATES if not measured or any(t.failed for t in self.timings) else CONFORMS

    def means(self) -> dict[tuple[str, str, str], float]:
        """Geometric mean of the ratios by mode, way and implementation, of who was measured on every geometry."""
        groups: dict[tuple[str, str, str], list[float | None]] = {}
        for t in self.timings:
            ratio = t.ratio.median if t.ratio else None
            groups.setdefault((t.mode, t.way, t.implementation), []).append(ratio)
        return {key: mean for key, ratios in groups.items() if (mean := _mean(ratios))}


def _mean(ratios: Sequence[float | None]) -> float | None:
    found = [ratio for ratio in ratios if ratio]
    return math.exp(sum(map(math.log, found)) / len(found)) if found and len(found) == len(ratios) else None
