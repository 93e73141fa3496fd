"""The same inputs again: at other addresses, after other inputs, in a fresh instance. Do the same bits come back?

A kernel with a race, a read outside its arrays, a cache or a counter of its own answers differently from call to
call; one answer inside the bounds says nothing about the next.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from darkparity.formats.text import said
from darkparity.problems.problem import Problem
from darkparity.spec import Arrays

from .verdict import Conforms, DependsOnEarlierCalls, Deviates, NotDeterministic, Verdict, comparisons_of

#: Asks an instance one problem; raises whatever the implementation raises.
Ask = Callable[[Problem], Arrays]

#: Cases per operation that are asked again, and failing ones: a port that is wrong everywhere costs no more.
_CASES, _FAILING = 2, 3
#: Elements up to which a case is asked again unasked-for: the small ones cost a few calls.
_ELEMENTS = 1 << 12
#: Floats between two arrays in moved memory, and the bit pattern of a signalling NaN that fills them.
_GAP, _POISON = 17, 0x7FA0_0BAD
#: Calls of a fresh instance when two answers differ: enough to see a counter or a cache at work.
_REPLAYED = 3


@dataclass(frozen=True)
class Difference:
    """The first element that came back with other bits."""

    array: str
    index: tuple[int, ...]
    first: float
    again: float

    def __str__(self) -> str:
        return f"{self.array}{list(self.index)}: {self.first:.9g}, then {self.again:.9g} for the same inputs"


@dataclass
class Repeats:
    """Decides which cases one implementation is asked again, and what that says.

    ask: the instance that was asked first. judge: the verdict on arrays. renew: makes a fresh instance, None where
    that cannot be had.
    every: ask each case so many times in all; 1: only the few that are asked again unasked-for.
    """

    ask: Ask
    judge: Callable[[Problem, Arrays], Verdict]
    renew: Callable[[], Ask] | None = None
    every: int = 1
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def look(self, problem: Problem, arrays: Arrays | None, verdict: Verdict) -> Verdict:
        """The verdict, unless the answer changes: then that is the verdict, or a note where both conform."""
        if arrays is None or not self._wanted(problem, verdict):
            return verdict
        try:
            for again in self._answers(problem):
                found = differs(arrays, again)
                if found is not None:
                    return self._judged(problem, verdict, again, str(found))
        except Exception as error:
            return NotDeterministic(f"it answered, and asked the same again: {said(error)}", comparisons_of(verdict))
        return verdict

    def _wanted(self, problem: Problem, verdict: Verdict) -> bool:
        if self.every > 1:
            return True
        if problem.elements > _ELEMENTS and not isinstance(verdict, Deviates):
            return False
        key = problem.operation, verdict.word
        self._seen[key] += 1
        return self._seen[key] <= (_FAILING if isinstance(verdict, Deviates) else _CASES)

    def _answers(self, problem: Problem) -> Iterator[Arrays]:
        """Answers to the same inputs at other addresses, other inputs asked in between."""
        for _ in range(max(self.every - 1, 1)):
            with contextlib.suppress(Exception):  # only what it leaves behind counts
                self.ask(problem.on(reversed_(problem.arrays)))
            yield self.ask(problem.on(moved(problem.arrays)))

    def _judged(self, problem: Problem, verdict: Verdict, again: Arrays, change: str) -> Verdict:
        if isinstance(verdict, Conforms) and isinstance(self.judge(problem, again), Conforms):
            return replace(verdict, varies=change)
        kind = DependsOnEarlierCalls if self._repeatable(problem) else NotDeterministic
        return kind(change, comparisons_of(verdict))

    def _repeatable(self, problem: Problem) -> bool:
        """Two fresh instances go through the same calls with the same answers: so the calls before matter."""
        if self.renew is None:
            return False
        one, other = (self._replayed(self.renew(), problem) for _ in range(2))
        return all(differs(a, b) is None for a, b in zip(one, other, strict=True))

    @staticmethod
    def _replayed(ask: Ask, problem: Problem) -> list[Arrays]:
        try:
            return [ask(problem) for _ in range(_REPLAYED)]
        finally:
            close = getattr(ask, "close", None)
            if callable(close):
                close()


def differs(first: Arrays, again: Arrays) -> Difference | None:
    """The first element whose bits differ; NaN payloads and the sign of zero do not count."""
    for name in first.keys() & again.keys():
        a, b = first[name], again[name]
        if a.shape != b.shape:
            return Difference(name, (), float("nan"), float("nan"))
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        if not same.all():
            index = tuple(int(i) for i in np.unravel_index(int(np.argmin(same)), a.shape))
            return Difference(name, index, float(a[index]), float(b[index]))
    missing = first.keys() ^ again.keys()
    return Difference(f"{min(missing)} came back only once", (), 0.0, 0.0) if missing else None


def moved(arrays: Arrays) -> dict[str, np.ndarray]:
    """Copies at other addresses and alignments, with NaN on both sides: a read outside an array shows."""
    return dict(_moved(arrays))


def _moved(arrays: Arrays) -> Iterator[tuple[str, np.ndarray]]:
    for offset, (name, array) in enumerate(arrays.items(), 1):
        room = np.full(array.size + 2 * _GAP + offset, _POISON, np.uint32).view(np.float32)
        place = room[_GAP + offset % _GAP :][: array.size].reshape(array.shape)
        place[...] = array
        yield name, place


def reversed_(arrays: Arrays) -> dict[str, np.ndarray]:
    """Other inputs of the same shapes: each array back to front."""
    return {name: np.ascontiguousarray(array.ravel()[::-1]).reshape(array.shape) for name, array in arrays.items()}
