"""Several deviations at once: one for each operation, or pairs that could account for every array between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

import numpy as np

from darkparity.oracle import UNCHANGED
from darkparity.oracle.deviations.deviation import Deviation

from .explain import Explanation, combined, explain, fitting
from .nearness import Exhibit, Nearness, survivors

#: Failing problems of each operation on which rows are sorted out before they are paired.
_SCORED = 2
#: Explanations of each operation that are put together, and deviations put together at most.
_OF_EACH, _AT_ONCE = 3, 5
#: Pairs whose answers are worked out, most promising first, and those of them whose bounds are: some seconds.
_PAIRS, _BOUNDED = 1500, 60


def by_operation(
    choices: Sequence[Deviation], rows: Sequence[Deviation], observed: Sequence[Exhibit]
) -> dict[str, list[Explanation]]:
    """What explains each operation that deviates, looked at alone, another row before a deviation; [] where nothing
    does."""
    found: dict[str, list[Explanation]] = {}
    for operation in dict.fromkeys(o.piece.problem.operation for o in observed if o.piece.deviates):
        mine = [o for o in observed if o.piece.problem.operation == operation]
        found[operation] = explain(choices, mine) or explain(rows, mine)
    return found


def joined(found: dict[str, list[Explanation]], observed: Sequence[Exhibit]) -> list[Explanation]:
    """One deviation for each operation that has one, all at once, where that matches all of the evidence."""
    choices = product(*([e.deviations[0] for e in each[:_OF_EACH]] for each in found.values() if each))
    sets = {tuple(d.name for d in choice): choice for choice in map(_each_once, islice(choices, 3**_AT_ONCE))}
    several = sorted((s for s in sets.values() if 1 < len(s) <= _AT_ONCE), key=len)
    return fitting(several[:_BOUNDED], [o.piece for o in observed])


def _each_once(choice: Sequence[Deviation]) -> tuple[Deviation, ...]:
    return tuple({d.name: d for d in choice}.values())


def pairs(rows: Sequence[Deviation], observed: Sequence[Exhibit]) -> list[Explanation]:
    """Pairs that match all of the evidence, best first."""
    for least in (Nearness.CLOSE, Nearness.ROUGH):
        near = list[tuple[Deviation, ...]]()
        for first, second in islice(_possible(rows, _scored(observed), least), _PAIRS):
            near += [order for order in _orders(first, second) if _near(order, observed, least)]
            if len(near) >= _BOUNDED:
                break
        if found := fitting(near, [o.piece for o in observed]):
            return found
    return []


def _near(order: tuple[Deviation, ...], observed: Sequence[Exhibit], least: Nearness) -> bool:
    close, rough = survivors([combined(*order)], observed)
    return bool(close or (rough and least == Nearness.ROUGH))


def partly_near(rows: Sequence[Deviation], observed: Sequence[Exhibit]) -> list[Deviation]:
    """Rows that meet some array that deviates."""
    scored = _scored(observed)
    return [row for row in rows if any(_meets(row, exhibit) for exhibit in scored)]


def _meets(row: Deviation, exhibit: Exhibit) -> bool:
    looks = exhibit.looks(row)
    return any(
        looks[n].alters and looks[n].nearness >= Nearness.CLOSE for n, c in exhibit.cells.items() if c.wrong.any()
    )


def _scored(observed: Sequence[Exhibit]) -> list[Exhibit]:
    failing = [o for o in observed if o.piece.deviates]
    operations = dict.fromkeys(o.piece.problem.operation for o in failing)
    return [o for name in operations for o in [f for f in failing if f.piece.problem.operation == name][:_SCORED]]


def _possible(
    rows: Sequence[Deviation], observed: Sequence[Exhibit], least: Nearness
) -> Iterator[tuple[Deviation, Deviation]]:
    """Pairs that no array refutes: what only one of the two alters, that one matches; most matched arrays first."""
    rows = sorted(rows, key=lambda row: row.name.startswith("dialect:"))  # of equals, what accuses of less
    looks = [[look for o in observed for look in o.looks(row).values()] for row in rows]
    alters = np.array([[look.alters for look in row] for row in looks], bool)
    near = np.array([[look.nearness >= least for look in row] for row in looks], bool)
    wrong = np.array([cell.clearly_wrong for o in observed for cell in o.cells.values()])
    refuted = _any(~alters[:, wrong], ~alters[:, wrong])
    alone = _any(alters & ~near, ~alters)
    matched = (alters & near)[:, wrong].astype(np.int64)
    score = np.where(refuted | alone | alone.T, -1, _either(matched))
    upper = np.triu(score + 1, k=1) - 1
    best = np.argsort(-upper, axis=None, kind="stable")
    for at in best:
        first, second = divmod(int(at), len(rows))
        if upper[first, second] < 0:
            return
        yield rows[first], rows[second]


def _any(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """For every two rows: whether both are true somewhere."""
    return np.asarray(first.astype(np.float32) @ second.astype(np.float32).T > 0)


def _either(matched: np.ndarray) -> np.ndarray:
    """For every two rows: arrays that one of them matches."""
    both = matched @ matched.T
    each = matched.sum(axis=1)
    return np.asarray(each[:, None] + each[None, :] - both)


def _orders(first: Deviation, second: Deviation) -> list[tuple[Deviation, ...]]:
    """Both orders where both edit stages, else one."""
    edits = all(d.variant.rewrite is not UNCHANGED.rewrite for d in (first, second))
    return [(first, second), (second, first)] if edits else [(first, second)]
