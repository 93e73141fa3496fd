"""Would the cases catch deviations nobody had in mind? Chosen for half of the catalogue, tried on the rest."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .caught import Caught

#: Every deviation of the first half is to be caught by so many cases, where so many catch it.
COVER = 3


@dataclass(frozen=True)
class Holdout:
    """Share of the other half that is caught, over all splits; cases: how many were chosen on average."""

    splits: int
    mean: float
    least: float
    cases: float
    deviations: int


def holdout(rows: Sequence[Caught], splits: int, seed: int) -> Holdout:
    """`splits` seeded random halves of the rows that are caught."""
    caught = [row for row in rows if row.caught]
    names = sorted({case for row in caught for case in row.cases})
    by_row = [set(row.cases) for row in caught]
    catches = np.array([[case in cases for cases in by_row] for case in names])
    draw = random.Random(seed)
    shares, sizes = [], []
    for _ in range(splits):
        order = list(range(len(caught)))
        draw.shuffle(order)
        one, other = order[: len(order) // 2], order[len(order) // 2 :]
        chosen = cover(catches[:, one])
        shares.append(float(catches[np.ix_(chosen, other)].any(axis=0).mean()))
        sizes.append(len(chosen))
    return Holdout(splits, float(np.mean(shares)), min(shares), float(np.mean(sizes)), len(caught))


def cover(catches: np.ndarray) -> list[int]:
    """Cases (rows) chosen greedily until every deviation (column) is caught COVER times or by all that can."""
    need = np.minimum(catches.sum(axis=0), COVER)
    left, chosen = catches.astype(np.int64), []
    while need.any():
        best = int((left @ (need > 0)).argmax())
        chosen.append(best)
        need = np.maximum(need - left[best], 0)
        left[best] = 0
    return chosen
