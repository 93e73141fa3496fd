"""Random rows hidden in a batch norm written apart, identified from its answers and compared field by field."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from darkparity.dialects import Dialect, Epsilon, Rolling
from darkparity.implementations import adapt
from darkparity.judging.identifying import Identity, Known, identify
from darkparity.judging.identifying.fields import FIELDS
from darkparity.judging.identifying.identity import value_of
from darkparity.judging.runner import Participant

from . import rows

#: Every third hands out no more than a layer of a framework.
_SPARSE = 3


@dataclass(frozen=True)
class Trial:
    """One hidden row. wrong: fields whose value, alternatives or interval do not hold the truth; decided, seen: counts
    of fields with one value, and of fields that showed at all."""

    number: int
    row: Dialect
    everything: bool
    identity: Identity
    wrong: tuple[str, ...]
    seconds: float

    @property
    def right(self) -> bool:
        return self.identity.identified and not self.wrong

    @property
    def decided(self) -> int:
        return sum(known.decided for known in self.identity.fields)

    @property
    def seen(self) -> int:
        return sum(not known.needs for known in self.identity.fields)


def trials(count: int, seed: int) -> Iterator[Trial]:
    """`count` rows; the same seed and number give the same row."""
    for number in range(count):
        draw = random.Random(f"{seed}-{number}")
        yield _one(number, rows.row(draw), number % _SPARSE != 0)


def _one(number: int, row: Dialect, everything: bool) -> Trial:
    participant = Participant.of(adapt(rows.written(row, everything)))
    started = time.perf_counter()
    found = identify(participant)
    seconds = time.perf_counter() - started
    used = {f.name for f in FIELDS if f.used(row)} | {"refuses_m_1"}
    wrong = tuple(k.name for k in found.fields if k.name in used and not k.needs and not _holds(k, row))
    return Trial(number, row, everything, found, wrong, seconds)


def _holds(known: Known, row: Dialect) -> bool:
    """Whether what is said of a field holds what the row has."""
    truth = value_of(row, known.name)
    if known.name == "rolling_connected":
        truth = truth or row.rolling
    if isinstance(truth, Rolling):
        ends = tuple((known.intervals or {}).values())
        return truth.decay in ends[0] and truth.gain in ends[1]
    if isinstance(truth, Epsilon):
        return _epsilon_holds(known, truth)
    return truth == known.value or truth in known.others


def _epsilon_holds(known: Known, truth: Epsilon) -> bool:
    """In the interval at the place that was found, or equal to what is said of the other place."""
    assert isinstance(known.value, Epsilon)
    (interval,) = (known.intervals or {}).values()
    if truth.place is known.value.place:
        return truth.value in interval
    return any(isinstance(o, Epsilon) and o.place is truth.place for o in known.others)
