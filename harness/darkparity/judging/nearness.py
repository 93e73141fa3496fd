"""How near a changed specification comes to what was observed, by its plain float64 answer: cheap, and no proof.

Working out a variant's own bound takes ten times as long. Most of the catalogue is ruled out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np

from darkparity.oracle.bounds import Expected
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.deviations.answers import affects
from darkparity.oracle.deviations.deviation import Deviation
from darkparity.oracle.deviations.power import SEPARATES
from darkparity.oracle.deviations.replay import Replay
from darkparity.spec import AXES

from .evidence import Evidence

#: Bounds (of the unchanged specification, grown with the answer) that an honest float32 evaluation of a variant
#: may be away from its plain answer: its own bound is worked out behind this, so it only must not be too small.
_CLOSE = 16.0
#: What number formats and naive formulas may be away: they round otherwise than float64 does, and where little is left
#: of a difference this is seen in the first digits. Half of the elements have to keep to it.
_ROUGH, _ROUGH_SHARE, _ROUGH_HALF = 64.0, 0.02, 0.5
_TINY = 2.0**-22
#: Bounds by which a variant has to move an answer to be one of the causes that it lies outside.
_ALTERS = 0.5

#: What a pair whose edits do not fit together raises.
MISFIT = (KeyError, AttributeError, ValueError, TypeError, IndexError, ZeroDivisionError, AssertionError)


class Nearness(IntEnum):
    """How an answer lies to what was observed."""

    FAR = 0
    ROUGH = 1
    CLOSE = 2
    WITHIN = 3


@dataclass(frozen=True)
class Look:
    """alters: the variant's answer lies apart from the unchanged one."""

    alters: bool
    nearness: Nearness


@dataclass
class Cell:
    """One returned array of one piece of evidence."""

    got: np.ndarray
    right: Expected
    #: Size of the right values around each element: of its channel.
    size: np.ndarray
    wrong: np.ndarray

    @classmethod
    def of(cls, name: str, got: np.ndarray, right: Expected) -> Cell:
        magnitude = np.abs(np.where(np.isfinite(right.value), right.value, 0).astype(np.float64))
        over = (-3, -1) if AXES[name] == "A" else ()
        size = magnitude.max(axis=over, keepdims=True) if over else magnitude
        return cls(got, right, size, ratios(got, right) > 1)

    @cached_property
    def clearly_wrong(self) -> bool:
        """So far off that whatever did it alters this array."""
        return bool((ratios(self.got, self.right) > SEPARATES).any())

    @property
    def untouched(self) -> Look:
        """Of a variant that computes nothing differently here."""
        return Look(False, Nearness.FAR if self.wrong.any() else Nearness.WITHIN)

    def look(self, value: np.ndarray) -> Look:
        """How `value` lies to what was observed and to what is right."""
        if value.shape != self.got.shape or not self._roughly(value):
            return Look(True, Nearness.FAR)
        by = ratios(value, self.right)
        alters, told = bool((by > _ALTERS).any()), ((by > SEPARATES) | self.wrong) & ~self.right.vacuous
        if not told.any():
            return Look(alters, Nearness.WITHIN)
        off, bound, size = self._off(value, told)
        for least, bounds in ((Nearness.WITHIN, 1.0), (Nearness.CLOSE, _CLOSE)):
            if (off <= bounds * bound).all():
                return Look(alters, least)
        return Look(alters, Nearness.ROUGH if _rough(off, bound, size) else Nearness.FAR)

    def _roughly(self, value: np.ndarray) -> bool:
        """Whether it comes near what is wrong: what it moves beside that can only make it worse."""
        told = self._wrong_and_told
        return not told.any() or _rough(*self._off(value, told))

    @cached_property
    def _wrong_and_told(self) -> np.ndarray:
        return np.asarray(self.wrong & ~self.right.vacuous)

    def _off(self, value: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distance from what was observed, bound grown with the answer, size; of some elements."""
        answer = value[at].astype(np.float64)
        large, size = np.where(np.isfinite(answer), np.abs(answer), 0.0), self._sizes[at]
        grown = self._bound[at] * np.maximum(1.0, large / np.maximum(size, 1e-300))
        return _apart(self._got[at], answer), grown + _TINY * large, np.maximum(size, large)

    @cached_property
    def _got(self) -> np.ndarray:
        return self.got.astype(np.float64)

    @cached_property
    def _sizes(self) -> np.ndarray:
        return np.broadcast_to(self.size, self.got.shape)

    @cached_property
    def _bound(self) -> np.ndarray:
        return np.where(np.isfinite(self.right.bound), self.right.bound, 0.0)


def _rough(off: np.ndarray, bound: np.ndarray, size: np.ndarray) -> bool:
    return bool((off <= _ROUGH * bound + _ROUGH_SHARE * size).mean() >= _ROUGH_HALF)


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distance; 0 between values that are not finite alike, infinite between others."""
    with np.errstate(all="ignore"):
        distance = np.abs(one - other)
    finite = np.isfinite(one) & np.isfinite(other)
    return np.where(finite, distance, np.where(np.isfinite(one) == np.isfinite(other), 0.0, np.inf))


@dataclass
class Exhibit:
    """One piece of evidence, and how the rows that were tried lie to it."""

    piece: Evidence
    _looks: dict[str, Mapping[str, Look]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expected = self.piece.problem.expected(self.piece.profile)
        self.cells = {n: Cell.of(n, a, expected[n]) for n, a in self.piece.got.items()}
        self.untouched = {n: cell.untouched for n, cell in self.cells.items()}
        self.unexplained = {n: Look(True, Nearness.FAR) for n in self.cells}

    def looks(self, row: Deviation) -> Mapping[str, Look]:
        """Each array as the row would answer it."""
        if row.name not in self._looks:
            self._looks[row.name] = self._look(row)
        return self._looks[row.name]

    def _look(self, row: Deviation) -> Mapping[str, Look]:
        call = self.piece.problem.call
        try:
            if not affects(row, call):
                return self.untouched
            answer = self._replay.values(row)
        except MISFIT:
            return self.unexplained
        return {n: cell.look(answer[n]) if n in answer else self.untouched[n] for n, cell in self.cells.items()}

    @cached_property
    def _replay(self) -> Replay:
        return Replay(self.piece.problem.call)


def survivors(rows: Sequence[Deviation], observed: Sequence[Exhibit]) -> tuple[list[Deviation], list[Deviation]]:
    """Rows that come close to every array, and those that come only roughly so somewhere."""
    close, rough = list[Deviation](), list[Deviation]()
    for row in rows:
        worst = min(_nearnesses(row, observed), default=Nearness.FAR)
        if worst != Nearness.FAR:
            (close if worst >= Nearness.CLOSE else rough).append(row)
    return close, rough


def _nearnesses(row: Deviation, observed: Sequence[Exhibit]) -> Iterator[Nearness]:
    """Of each array, up to the first that is far off."""
    for one in observed:
        for look in one.looks(row).values():
            yield look.nearness
            if look.nearness == Nearness.FAR:
                return
