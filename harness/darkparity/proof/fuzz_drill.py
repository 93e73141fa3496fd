"""Does fuzzing find what is wrong? Ten deviations drawn from the catalogue by a published seed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from darkparity.dialects import DIALECTS
from darkparity.fuzz.search import Limits, search
from darkparity.judging.runner import Participant
from darkparity.oracle.deviations import DEVIATIONS

from .deviating import DeviatingImplementation

SEED, DRAWN = 5, 10
#: Enough for every search; the time limit is what ends one.
_EXAMPLES = 20000


@dataclass(frozen=True)
class Drill:
    """One deviation: whether it was found, after how many cases, and the size of the smallest failing case."""

    deviation: str
    found: bool
    asked: int
    seconds: float
    operation: str = ""
    elements: int = 0
    shape: tuple[int, ...] = ()


def drawn() -> list[str]:
    """The deviations of the published seed."""
    return random.Random(SEED).sample(sorted(n for n, row in DEVIATIONS.items() if not row.equivalent), DRAWN)


def drill(names: list[str], seconds: float = 60.0, seed: int = SEED) -> Iterator[Drill]:
    """Search for each in turn."""
    for name in names:
        started = time.monotonic()
        limits = Limits(_EXAMPLES, seconds, seed)
        found, asked = search(Participant.of(DeviatingImplementation(DEVIATIONS[name])), DIALECTS["darknet"], limits)
        took = round(time.monotonic() - started, 1)
        if found is None:
            yield Drill(name, False, asked, took)
        else:
            yield Drill(name, True, asked, took, found.case.operation, found.elements, found.case.shape)
