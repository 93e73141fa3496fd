"""Which changes of a row explain answers: array by array in the order in which a layer computes them.

What an earlier array has told is carried on to the next, so that few constants are unknown at a time; an array that
fits already asks for no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby

import numpy as np

from darkparity.dialects import Dialect

from .change import Change
from .constant import Interval
from .observed import Flat, Observed, Target
from .together import solve_for, spread

#: Changes tried at once where one array needs them: divisor, place and value of an epsilon show together in `output`.
_AT_ONCE = 3
#: Explanations carried on from array to array: the three epsilons of a backward have two places each, and an inference
#: backward alone may tell which; with four the right ones were cut off before it.
_KEPT = 8


@dataclass(frozen=True)
class Explained:
    """A row that answers as observed. changes: what was changed to get it; confined: its solved constants, by name."""

    row: Dialect
    changes: tuple[Change, ...] = ()
    confined: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def fields(self) -> set[str]:
        return {name for change in self.changes for name in change.fields}


@dataclass(frozen=True)
class Outcome:
    """explained: rows that match everything up to `stuck`, best first. stuck: what none of them matches; or nothing."""

    explained: tuple[Explained, ...]
    stuck: tuple[Target, ...] = ()


def search(observed: Observed, starts: Sequence[Explained], changes: Sequence[Change]) -> Outcome:
    """Rows that match every target, with the fewest changes of those that are started from."""
    explained, known = tuple(starts), list[Target]()
    for _, group in groupby(observed.targets, key=observed.stage):
        targets = list(group)
        found = [e for one in explained for e in _extended(observed, one, targets, known, changes)]
        if not found:
            return Outcome(explained, tuple(targets))
        explained = tuple(sorted(found, key=lambda e: len(e.changes))[:_KEPT])
        known += targets
    return Outcome(explained)


def _extended(
    observed: Observed, one: Explained, targets: list[Target], known: list[Target], changes: Sequence[Change]
) -> list[Explained]:
    """`one` if it matches the targets, else with as few more changes as it needs to."""
    if observed.ratio(one.row, targets) <= 1:
        return [one]
    everything, wrong = [*known, *targets], observed.wrong(one.row, targets)
    reached = {c.name: moved(observed, one.row, c, targets) for c in changes if not one.fields & set(c.fields)}
    free = [c for c in changes if c.name in reached and (reached[c.name] & wrong).any()]
    for count in range(min(_AT_ONCE, len(free)) + 1):
        sets = [s for s in combinations(free, count) if _disjoint(s) and _cover(s, reached, wrong)]
        found = [e for s in sets for e in _tried(observed, one, s, everything)]
        if found:
            return found
    return []


def _disjoint(changes: Sequence[Change]) -> bool:
    return len({f for c in changes for f in c.fields}) == sum(len(c.fields) for c in changes)


def _cover(changes: Sequence[Change], reached: Mapping[str, np.ndarray], wrong: np.ndarray) -> bool:
    """Every wrong element is one that some of the changes moves; no change at all only lets constants settle."""
    return not changes or bool(np.any([reached[c.name] for c in changes], axis=0)[wrong].all())


def moved(observed: Observed, row: Dialect, change: Change, targets: Sequence[Target]) -> np.ndarray:
    """The elements of `targets` that some row of the change answers otherwise, by more than float64's noise."""
    own = observed.values(row, targets)
    found = np.zeros(own.shape, bool)
    for other in change.visible(row):
        values = observed.values(other, targets)
        with np.errstate(invalid="ignore"):
            close = np.isfinite(own) & (np.abs(values - own) <= _NOISE * np.abs(own))
        same = close | (values == own) | (np.isnan(values) & np.isnan(own))
        found |= ~same
    return found


#: Two float64 evaluations of one formula differ by less.
_NOISE = 2.0**-40


def _tried(observed: Observed, one: Explained, more: Sequence[Change], known: list[Target]) -> Iterator[Explained]:
    """Every combination of words of `more`, its constants solved for, that matches everything known so far."""
    settled = not any(c.constants for c in more) and all(map(_sharp, one.confined.values()))
    for row in _rows(one.row, more):
        if settled and observed.far_off(row, known, one.row):
            continue
        found = solved(observed, Explained(row, one.changes, one.confined), more, known)
        if found is not None:
            yield found


def _sharp(interval: Interval) -> bool:
    """To a percent: then what does not fit will not fit with another number of the interval."""
    return interval.high - interval.low <= 0.01 * abs(interval.high)


def _rows(row: Dialect, changes: Sequence[Change]) -> Iterator[Dialect]:
    """The row with one word of each change."""
    if not changes:
        yield row
        return
    for other in changes[0].rows(row):
        yield from _rows(other, changes[1:])


def solved(observed: Observed, one: Explained, more: Sequence[Change], targets: Sequence[Target]) -> Explained | None:
    """With the constants of `more` confined by `targets`, and those known before where these ask for it; None where it
    does not match them all."""
    found = _confined(observed, Explained(one.row, (*one.changes, *more), one.confined), more, targets)
    wrong = observed.misfit(found.row, targets) if found is not None else None
    if found is None or wrong is None:
        return found
    if not observed.matches(found.row, [wrong], room(observed, found, one.changes, [wrong])):
        return None
    found = _confined(observed, found, found.changes, targets)
    return found if found is not None and observed.misfit(found.row, targets) is None else None


def room(observed: Observed, one: Explained, settled: Sequence[Change], targets: Sequence[Target]) -> Flat:
    """How far answers may move within what is known of constants that are held fixed."""
    constants = [c for change in settled for c in change.constants if c.name in one.confined]
    moves = (spread(observed, targets, c, one.confined[c.name], one.row) for c in constants)
    return sum(moves, start=np.zeros(len(observed.got(targets))))


def _confined(
    observed: Observed, one: Explained, unknown: Sequence[Change], targets: Sequence[Target]
) -> Explained | None:
    """With the constants of `unknown` confined by those of `targets` that they move."""
    row, confined = one.row, dict(one.confined)
    for changes in _apart(unknown):
        telling = [t for t in targets if any(moved(observed, row, c, [t]).any() for c in changes)]
        settled = [c for c in one.changes if c not in changes]
        free = room(observed, Explained(row, (), confined), settled, telling)
        found = solve_for(observed, telling, [c for change in changes for c in change.constants], row, free)
        if found is None:
            return None
        row = found[0]
        confined.update(found[1])
    return Explained(row, one.changes, confined)


def _apart(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Changes whose constants are solved for together: weights on their own, every epsilon beside the others."""
    weights = [c for c in changes if any(not constant.log for constant in c.constants)]
    yield from ([change] for change in weights)
    epsilons = [c for c in changes if c.constants and c not in weights]
    if epsilons:
        yield epsilons
