"""Timing in turns: every entrant once per round, in an order that changes from round to round.

pytest-benchmark times one function after the other, minutes apart on large layers: on a shared machine the drift
between them is larger than what is to be seen. Hence this loop.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

#: A timed stretch is at least so many times what the clock can tell apart.
RESOLUTIONS = 1000
LEAST_ROUNDS, MOST_ROUNDS = 7, 101


def _nothing() -> None:
    pass


@dataclass
class Entrant:
    """call: what is timed. restore: puts back what it overwrote; not timed. iterations: calls per round.

    reported: seconds of the last call by whoever answered it, where another process did.
    seconds: per call, one number per round. busy: processor time of all our threads / time passed, over all rounds.
    """

    call: Callable[[], Any]
    restore: Callable[[], None] = _nothing
    reported: Callable[[], float] | None = None
    iterations: int = 1
    seconds: list[float] = field(default_factory=list)
    _used: float = 0.0
    _passed: float = 0.0

    def calibrate(self, least: float) -> float:
        """Warm up; choose the iterations; return the estimated seconds of a round."""
        self.restore()
        self.call()
        once = self._stretch()
        self.iterations = max(1, math.ceil(least / max(once, 1e-9)))
        if self.iterations > 1:
            once = self._stretch() / self.iterations
            self.iterations = max(1, math.ceil(least / max(once, 1e-9)))
        return once * self.iterations

    def round(self) -> None:
        """One more number."""
        self.seconds.append(self._stretch() / self.iterations)

    def _stretch(self) -> float:
        self.restore()
        if self.reported is not None:
            return self._reported_total(self.reported)
        call, turns = self.call, range(self.iterations)
        used, started = time.process_time(), time.perf_counter_ns()
        for _ in turns:
            call()
        passed = (time.perf_counter_ns() - started) * 1e-9
        self._used += time.process_time() - used
        self._passed += passed
        return passed

    def _reported_total(self, reported: Callable[[], float]) -> float:
        total = 0.0
        for _ in range(self.iterations):
            self.call()
            total += reported()
        return total

    @property
    def busy(self) -> float | None:
        """None where it is another process's, or too short to tell."""
        return self._used / self._passed if self._passed > 0.01 else None


def resolution() -> float:
    """The smallest step of the clock, seconds, as seen."""
    readings = [time.perf_counter_ns() for _ in range(2000)]
    steps = [b - a for a, b in pairwise(readings) if b > a]
    return min(steps) * 1e-9


def take_turns(entrants: Sequence[Entrant], seconds: float, rounds: int | None) -> None:
    """Fill every entrant's `seconds`. rounds: None is what fits into `seconds` for each."""
    least = RESOLUTIONS * resolution()
    with _undisturbed():
        total = sum(entrant.calibrate(least) for entrant in entrants)
        fitting = int(seconds * len(entrants) / max(total, 1e-9))
        for number in range(rounds or min(max(fitting, LEAST_ROUNDS), MOST_ROUNDS)):
            for entrant in _order(entrants, number):
                entrant.round()


def _order(entrants: Sequence[Entrant], number: int) -> list[Entrant]:
    """Rotated by one each round, and backwards every other: nobody always follows the same one."""
    start = number % len(entrants)
    turned = [*entrants[start:], *entrants[:start]]
    return turned[::-1] if number % 2 else turned


@contextmanager
def _undisturbed() -> Iterator[None]:
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
