"""From an explanation to numbers: every constant confined by everything known, and the shortest decimal of each."""

from __future__ import annotations

from collections.abc import Sequence

from darkparity.dialects import Dialect

from .change import Change
from .constant import Constant, Interval
from .observed import Observed, Target
from .search import Explained, solved

#: A constant is named if float32 confines it to a factor of two, or if it lies below a quarter of the row's.
_SHARP, _BELOW = 2.0, 4.0


def refined(observed: Observed, one: Explained, own: Dialect, targets: Sequence[Target]) -> Explained | None:
    """With all its constants confined by all `targets`; None if it changes nothing of `own` or says too little."""
    if not one.changes:
        return None
    whole = solved(observed, Explained(one.row), one.changes, targets) or one
    pairs = [(c, whole.confined[c.name]) for change in whole.changes for c in change.constants]
    if not all(_supported(change, whole, own) for change in whole.changes):
        return None
    return Explained(_rounded(observed, whole.row, pairs, targets), whole.changes, whole.confined)


def _supported(change: Change, one: Explained, own: Dialect) -> bool:
    """A word was changed, or the bounds keep the row's own number out and confine the new one."""
    if any(r == one.row for r in change.rows(own)) or not change.constants:
        return True
    return any(_tells(c, one.confined[c.name], c.get(own)) for c in change.constants) or _moved(change, one.row, own)


def _moved(change: Change, row: Dialect, own: Dialect) -> bool:
    """An epsilon whose place is another."""
    return any(
        getattr(getattr(row, f), "place", None) != getattr(getattr(own, f), "place", None) for f in change.fields
    )


def _tells(constant: Constant, found: Interval, own: float) -> bool:
    if own in found:
        return False
    if not constant.log:
        return found.high - found.low <= abs(found.middle(constant) - own)
    return found.high <= _SHARP * found.low or (found.low <= constant.low and found.high * _BELOW <= own)


def _rounded(
    observed: Observed, row: Dialect, pairs: Sequence[tuple[Constant, Interval]], targets: Sequence[Target]
) -> Dialect:
    """Every constant replaced by the shortest decimal of its interval, as long as everything still matches."""
    for constant, interval in pairs:
        short = constant.put(row, interval.shortest(constant))
        if observed.ratio(short, targets) <= 1:
            row = short
    return row
