"""Solves for the constants of a row that answers speak for, and says them: value, interval, how to declare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from darkparity.dialects import Dialect
from darkparity.judging.evidence import Evidence

from .change import CHANGES
from .declare import named_after, options
from .observed import Observed
from .refine import refined
from .search import Explained, search
from .wording import Found, found_in


@dataclass(frozen=True)
class Solution:
    """Constants that are not the row's.

    row: the row with them, named after what it changes. found: one by one.
    left: arrays that deviate all the same; empty if everything is explained.
    others: rows that match as well: what float32 cannot tell apart on these answers. ratio: worst error in the solved
    row's own bounds.
    """

    row: Dialect
    found: tuple[Found, ...]
    left: tuple[str, ...]
    others: tuple[str, ...]
    ratio: float

    @property
    def sentence(self) -> str:
        """All of it, for a porter to act on."""
        same = f" (on these inputs the same as: {'; '.join(self.others)})" if self.others else ""
        return "; and ".join(f.says for f in self.found) + same

    @property
    def declaration(self) -> str:
        """Options that declare the solved row."""
        return options(self.row)


def solve(evidence: Sequence[Evidence], row: Dialect) -> Solution | None:
    """Constants by which the answers differ from `row`; None where no change of constants explains any of them.

    Nothing is named that the bounds do not support: a constant whose interval holds the row's own, or is wide.
    """
    observed = Observed(evidence)
    outcome = search(observed, [Explained(row)], CHANGES)
    until = observed.targets.index(outcome.stuck[0]) if outcome.stuck else len(observed.targets)
    matched = observed.targets[:until]
    rows = [r for e in outcome.explained if (r := refined(observed, e, row, matched)) is not None]
    if not rows:
        return None
    best, *others = rows
    left = tuple(dict.fromkeys(t.array for t in outcome.stuck))
    ratio = observed.ratio(best.row, matched)
    return Solution(named_after(best.row, row.base), _found(best, row), left, _said(best, others, row), ratio)


def _found(one: Explained, own: Dialect) -> tuple[Found, ...]:
    return tuple(found for change in one.changes for found in found_in(change, one, own))


def _said(best: Explained, others: Sequence[Explained], own: Dialect) -> tuple[str, ...]:
    """What the other rows say that the best does not."""
    known = {f.says for f in _found(best, own)}
    said = [
        "; ".join(f.says for f in _found(e, own) if f.says not in known)
        for e in others
        if len(e.changes) <= len(best.changes)
    ]
    return tuple(dict.fromkeys(text for text in said if text))
