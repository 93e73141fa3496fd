"""The interval to which answers confine one constant.

Every element is a curve over the constant. Where the curve crosses answer - bound and answer + bound, the element's
own interval ends; the intersection over all elements is the answer, and an empty one says that this constant does not
explain. Curves are sampled first over the whole axis, then ever closer around both ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkparity.dialects import Dialect

from .constant import Constant, Interval
from .observed import Flat, Observed, Target

#: Samples over the whole axis: half a decade apart for an epsilon.
_COARSE = 25
#: Samples around each end, and how far they reach, in steps of the coarse grid. Linear interpolation between samples s
#: apart errs by about s^2 / 8, which each next reach exceeds; the last leaves 1e-6, below what float32 resolves.
_AROUND, _REACHES = 7, (1.0, 0.3, 0.03, 0.001)
#: Ends may pass each other by this much, in coordinates: a constant is rounded to float32 on the way.
_ROUNDING = 2.0**-22


def confine(
    observed: Observed, targets: Sequence[Target], constant: Constant, row: Dialect, slack: Flat
) -> Interval | None:
    """The values of `constant`, everything else as in `row`, that all of `targets` allow; None if there are none.

    slack: what other unknown constants add to every bound.
    """
    if not targets:
        return None
    got, (start, end) = observed.got(targets), constant.axis
    step = (end - start) / (_COARSE - 1)
    grid, low, high = np.linspace(start, end, _COARSE), start, end
    at = row
    for reach in (*_REACHES, 0.0):  # after the last there is no next grid
        curves = observed.curves(row, constant, [constant.value(c) for c in grid], targets)
        low, high = _ends(curves, grid, got, observed.bounds(at, targets) + slack)
        if low - high > 2 * max(reach, _REACHES[-1]) * step:
            return None
        at = constant.put(row, constant.value((low + high) / 2))
        grid = _around(low, high, reach * step, start, end)
    if low > high + _ROUNDING * max(1.0, abs(low)):
        return None
    return Interval(*(constant.value(c) for c in sorted((low, high))))


def _around(low: float, high: float, reach: float, start: float, end: float) -> Flat:
    """Samples around both ends."""
    spread = np.linspace(-reach, reach, _AROUND)
    return np.unique(np.clip(np.concatenate([low + spread, high + spread]), start, end))


def _ends(curves: Flat, grid: Flat, got: Flat, bound: Flat) -> tuple[float, float]:
    """The largest lower and the smallest upper end of all elements."""
    rising = _monotone(curves)
    told = np.isfinite(got) & np.isfinite(bound) & (rising != 0)
    curves, rising = curves[:, told] * rising[told], rising[told]
    got, bound = got[told] * rising, bound[told]
    lower = _crossing(curves, grid, got - bound)
    upper = _crossing(curves, grid, got + bound)
    low = lower.max(initial=grid[0])
    return float(low), float(upper.min(initial=grid[-1]))


def _monotone(curves: Flat) -> Flat:
    """1 for elements that rise along the axis, -1 for those that fall, 0 for the others, which say nothing."""
    with np.errstate(invalid="ignore"):
        steps = np.diff(curves, axis=0)
        moved = np.abs(curves[-1] - curves[0]) > _NOISE * np.abs(curves).max(axis=0)
        sign = np.where((steps >= 0).all(axis=0), 1, 0) - np.where((steps <= 0).all(axis=0), 1, 0)
    return np.where(moved & np.isfinite(curves).all(axis=0), sign, 0)


#: float64's own noise in a value that does not depend on the constant.
_NOISE = 2.0**-48


def _crossing(curves: Flat, grid: Flat, level: Flat) -> Flat:
    """Where each rising curve reaches its level; an end of the grid where it lies above or below throughout."""
    below = (curves < level).sum(axis=0)
    right = np.clip(below, 1, len(grid) - 1)
    columns = np.arange(curves.shape[1])
    left_value, right_value = curves[right - 1, columns], curves[right, columns]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((level - left_value) / (right_value - left_value), 0.0, 1.0)
    crossing = grid[right - 1] + share * (grid[right] - grid[right - 1])
    return np.where(below == 0, grid[0], np.where(below == len(grid), grid[-1], crossing))
