"""Several unknown constants at once: each is confined as if the others could lie anywhere in their own intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from darkparity.dialects import Dialect

from .confine import confine
from .constant import WEIGHTS, Constant, Interval
from .observed import Flat, Observed, Target

Confined = Mapping[str, Interval]
#: Each pass lets an interval shrink by what the others lost; three constants of a backward are settled after three.
_PASSES = 4
#: Elements that a pair of weights is solved from: the tightest of each of 16 directions of (old, batch).
_SECTORS, _EACH = 16, 3


def solve_for(
    observed: Observed, targets: Sequence[Target], constants: Sequence[Constant], row: Dialect, room: Flat
) -> tuple[Dialect, Confined] | None:
    """The row with the middle of every interval, and the intervals; None where some constant has none.

    room: what is added to every bound, for constants that are not solved for.
    """
    if not targets:
        return row, {c.name: Interval(c.low, c.high) for c in constants}
    if not any(c.log for c in constants):
        return _weights(observed, targets, constants, row, room)
    found = {c.name: Interval(c.low, c.high) for c in constants}
    for _ in range(_PASSES if len(constants) > 1 else 1):
        before = dict(found)
        for constant in constants:
            others = [c for c in constants if c is not constant]
            slack = sum((spread(observed, targets, c, found[c.name], row) for c in others), start=room)
            interval = confine(observed, targets, constant, row, slack)
            if interval is None:
                return None
            found[constant.name] = interval
            row = constant.put(row, interval.middle(constant))
        if not any(_narrower(c, found[c.name], before[c.name]) for c in constants):
            break
    return row, found


def _narrower(constant: Constant, new: Interval, old: Interval) -> bool:
    """By a tenth at least: less is not worth another pass."""
    wide = [constant.coordinate(i.high) - constant.coordinate(i.low) for i in (new, old)]
    return wide[0] < 0.9 * wide[1]


def spread(observed: Observed, targets: Sequence[Target], constant: Constant, within: Interval, row: Dialect) -> Flat:
    """How far the answers move while `constant` moves through its interval; infinite where that is not a number."""
    ends = [observed.values(constant.put(row, value), targets) for value in (within.low, within.high)]
    with np.errstate(invalid="ignore"):
        moved = np.abs(ends[1] - ends[0])
    return np.where(np.isfinite(moved), moved, np.inf)


def _weights(
    observed: Observed, targets: Sequence[Target], pair: Sequence[Constant], row: Dialect, room: Flat
) -> tuple[Dialect, Confined] | None:
    """Decay and gain: the answers are linear in both, so that every element allows a strip of the plane."""
    plain, old, batch = _directions(observed, targets, pair, row)
    strips = _strips(observed.got(targets) - plain, observed.bounds(row, targets) + room, old, batch)
    corners = _corners(*strips)
    if not len(corners):
        return None
    found = {c.name: Interval(*map(float, (ends.min(), ends.max())))
             for c, ends in zip(pair, corners.T, strict=True)}  # fmt: skip
    for constant in pair:
        row = constant.put(row, found[constant.name].middle(constant))
    return row, found


def _directions(
    observed: Observed, targets: Sequence[Target], pair: Sequence[Constant], row: Dialect
) -> tuple[Flat, Flat, Flat]:
    """What the answers are without weights, and what one of decay and one of gain adds."""
    points = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    plain, old, batch = (observed.values(pair[1].put(pair[0].put(row, d), g), targets) for d, g in points)
    return plain, old - plain, batch - plain


def _strips(wanted: Flat, bound: Flat, old: Flat, batch: Flat) -> tuple[Flat, Flat, Flat]:
    """|old decay + batch gain - wanted| <= bound: rows of unit length, levels and bounds; the tightest ones."""
    size = np.hypot(old, batch)
    told = np.isfinite(wanted) & np.isfinite(bound) & (size > 0) & np.isfinite(size)
    rows = np.stack([old, batch], axis=1)[told] / size[told, np.newaxis]
    level, width = wanted[told] / size[told], bound[told] / size[told]
    sector = (np.arctan2(rows[:, 1], rows[:, 0]) % np.pi / np.pi * _SECTORS).astype(int)
    kept = [i for s in range(_SECTORS) for i in _tightest(np.flatnonzero(sector == s), width)]
    box = np.array([[1.0, 0.0], [0.0, 1.0]])
    return (np.concatenate([rows[kept], box]), np.concatenate([level[kept], [0.0, 0.0]]),
            np.concatenate([width[kept], [WEIGHTS, WEIGHTS]]))  # fmt: skip


def _tightest(indices: Flat, width: Flat) -> list[int]:
    return [int(i) for i in indices[np.argsort(width[indices])][:_EACH]]


def _corners(rows: Flat, level: Flat, width: Flat) -> Flat:
    """Corners of what all strips have in common."""
    edges = [(rows[i], level[i] + side * width[i]) for i in range(len(rows)) for side in (-1, 1)]
    found = []
    for (a, p), (b, q) in combinations(edges, 2):
        determinant = a[0] * b[1] - a[1] * b[0]
        if abs(determinant) > _PARALLEL:
            found.append(((p * b[1] - q * a[1]) / determinant, (a[0] * q - b[0] * p) / determinant))
    points = np.array(found).reshape(-1, 2)
    inside = np.abs(points @ rows.T - level) <= width * (1 + 2.0**-20) + 2.0**-40
    return np.asarray(points[inside.all(axis=1)])


#: Sine of the smallest angle at which two edges are taken to meet.
_PARALLEL = 2.0**-40
