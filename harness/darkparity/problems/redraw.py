"""Cases asked once more with other random numbers: nobody can have their answers ready."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby, islice

import numpy as np

from darkparity.cases import Case
from darkparity.dialects import Dialect

from .problem import EXACT_ELEMENTS

#: Ends the name of a redrawn case.
SUFFIX = "-redrawn"
#: Redrawn cases per operation. One shows a table of all answers; three, because a port may keep the answers of hard
#: cases alone, and the seed decides which three.
_EACH = 3


def fresh_seed() -> int:
    """A seed that nobody can know: 1 to 2^32."""
    return 1 + secrets.randbelow(2**32)


def redrawn(case: Case, seed: int) -> Case:
    """The same row of the table with inputs drawn anew from `seed`."""
    return replace(case, name=case.name + SUFFIX, fault=f"{case.fault} (Inputs drawn anew.)", stream=f"{seed}/")


def draw(cases: Iterable[Case], dialect: Dialect, seed: int) -> list[Case]:
    """A few cases of every operation, redrawn; the seed decides which. `cases`: in the order of operations.

    Which are taken does not depend on the others but by their number, so a selection of fewer takes them again.
    """
    return [
        new
        for _, group in groupby(cases, lambda case: case.operation)
        for new in islice(_changed(sorted(group, key=lambda case: _lot(case, seed)), dialect, seed), _EACH)
    ]


def _changed(cases: Iterable[Case], dialect: Dialect, seed: int) -> Iterator[Case]:
    """The small ones that the seed changes; ramps, constants and photographs are never drawn."""
    for case in cases:
        new, before = redrawn(case, seed), case.arrays(dialect)
        if max((a.size for a in before.values()), default=0) > EXACT_ELEMENTS:
            continue
        after = new.arrays(dialect)
        if any(not np.array_equal(before[name], after[name], equal_nan=True) for name in before):
            yield new


def _lot(case: Case, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}/{case.operation}/{case.name}".encode()).digest()
