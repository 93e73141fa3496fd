"""Rows that say where an answer is lost, not what is left of it: naive formulas, of which every order of sums leaves
other digits. Their own bounds are wide just where the deviation is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkparity.oracle.deviations.deviation import Deviation

from .evidence import Evidence
from .explain import Explanation, own_answers, ratio_of
from .nearness import Exhibit, survivors

#: A row gives an array up where its bound is this many times the right one's for half of the elements.
_GIVEN_UP = 8.0
#: Arrays that it may give up without one that deviates, for each that deviates: what gives up everything says nothing.
_BESIDE = 1.0
#: Arrays that it has to hold to, for each that it gives up.
_HELD = 2.0


def predicting(rows: Sequence[Deviation], exhibits: Sequence[Exhibit]) -> list[Explanation]:
    """Rows that nothing refutes, and that give up every array that deviates and few others; most particular first."""
    close, rough = survivors(rows, exhibits)
    found = [(given_up, e) for row in (*close, *rough) if (told := _predicts(row, exhibits)) for given_up, e in (told,)]
    return [e for _, e in sorted(found, key=lambda pair: (pair[0], pair[1].ratio))]


def _predicts(row: Deviation, exhibits: Sequence[Exhibit]) -> tuple[int, Explanation] | None:
    worst, wrong, beside, held = 0.0, 0, 0, 0
    for exhibit in exhibits:
        for ratio, deviates, given_up in _arrays(row, exhibit.piece):
            if ratio > 1 or (deviates and not given_up):
                return None
            worst, wrong = max(worst, ratio), wrong + deviates
            beside, held = beside + (given_up and not deviates), held + (not given_up)
    if not wrong or beside > _BESIDE * wrong or held < _HELD * (wrong + beside):
        return None
    return beside, Explanation((row,), worst, 0.0, 0)


def _arrays(row: Deviation, piece: Evidence) -> list[tuple[float, bool, bool]]:
    """Of each array: worst ratio in the row's bounds, whether it deviates, whether the row gives it up."""
    right, own = piece.problem.expected(piece.profile), own_answers(row, piece)
    if own is None:
        return [(np.inf, True, False)]
    found = []
    for name in own.keys() & piece.got.keys():
        told = ~right[name].vacuous
        with np.errstate(all="ignore"):
            wide = own[name].vacuous | (own[name].bound > _GIVEN_UP * right[name].bound)
        given_up = bool(told.any() and wide[told].mean() >= 0.5)
        found.append((ratio_of(piece.got[name], own[name]), ratio_of(piece.got[name], right[name]) > 1, given_up))
    return found
