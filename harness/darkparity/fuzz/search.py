"""The search: hypothesis draws the choices of a case and shrinks a failing one; the ordinary runner judges."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from darkparity.cases import Case
from darkparity.dialects import Dialect
from darkparity.judging.result import Result
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, HarnessFault, Inconclusive, Unsupported
from darkparity.problems.problem import Problem
from darkparity.problems.select import live
from darkparity.spec import LAYER_OPERATIONS, TRAINING_RUN

from .drawing import OPERATION_CHOICES, drawn_case

#: Verdicts that are not a failure of the implementation.
_FINE = (Conforms, Inconclusive, Unsupported)


class FuzzFault(RuntimeError):
    """The harness itself failed on a drawn case; the message names it."""


class _TimeIsUp(BaseException):
    """Ends hypothesis. An Exception would count as a failing case and be shrunk."""


@dataclass(frozen=True)
class Limits:
    """When to stop. examples: cases to draw. seconds: includes shrinking. seed: of the drawing."""

    examples: int = 2000
    seconds: float = 60.0
    seed: int = 0


@dataclass(frozen=True)
class Finding:
    """The smallest failing case found.

    got: the returned arrays by name; None after a crash.
    """

    case: Case
    problem: Problem
    result: Result
    got: dict[str, np.ndarray] | None

    @property
    def elements(self) -> int:
        """Elements of the largest input array."""
        return self.problem.elements


@dataclass
class Search:
    """The state of one search: every case tried, with its finding if it failed. `asked` counts different cases."""

    participant: Participant
    dialect: Dialect
    deadline: float
    answers: dict[str, Finding | None] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        return len(self.answers)

    def fails(self, case: Case) -> bool:
        """Whether the implementation fails on the case. Raises _TimeIsUp."""
        if time.monotonic() > self.deadline:
            raise _TimeIsUp
        key = repr(case)
        if key not in self.answers:
            self.answers[key] = self._ask(case)
        return self.answers[key] is not None

    def _ask(self, case: Case) -> Finding | None:
        problem = replace(live(case, self.dialect), separates={})
        result, arrays = ask(self.participant, problem)
        if isinstance(result.verdict, HarnessFault):
            raise FuzzFault(f"{case}: {result.verdict.message}")
        if isinstance(result.verdict, _FINE):
            problem.release()
            return None
        return Finding(case, problem, result, dict(arrays) if arrays is not None else None)


def search(
    participant: Participant, dialect: Dialect, limits: Limits, operations: Sequence[str] = ()
) -> tuple[Finding | None, int]:
    """The smallest failing case or None, and the number of different cases tried.

    operations: names to draw from; empty stands for all. A seed always gives the same result unless time runs out.
    Raises FuzzFault.
    """
    from hypothesis import find
    from hypothesis.errors import NoSuchExample

    state = Search(participant, dialect, time.monotonic() + limits.seconds)
    try:
        with _no_litter():
            smallest = find(
                _strategy(dialect, _offered(participant, operations)), state.fails,
                settings=_settings(limits), random=random.Random(limits.seed),
            )  # fmt: skip
    except NoSuchExample:
        return None, state.asked
    except _TimeIsUp:
        return _best(state), state.asked
    return state.answers[repr(smallest)], state.asked


@contextmanager
def _no_litter() -> Iterator[None]:
    """Hypothesis caches constants even without a database; keep the cache out of the user's directory."""
    from hypothesis import configuration

    before = getattr(configuration, "__hypothesis_home_directory", None)
    with tempfile.TemporaryDirectory(prefix="darkparity-") as directory:
        configuration.set_hypothesis_home_dir(directory)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


def _offered(participant: Participant, wanted: Sequence[str]) -> Sequence[str]:
    """The operations that the implementation offers, with the default weights; training runs are composed."""
    has = set(participant.description.operations)
    has |= {TRAINING_RUN} if has.issuperset(LAYER_OPERATIONS) else set()
    return [n for n in OPERATION_CHOICES if n in has and (not wanted or n in wanted)]


def _settings(limits: Limits) -> Any:
    from hypothesis import HealthCheck, Phase, settings

    return settings(
        database=None, deadline=None, derandomize=False, max_examples=limits.examples,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip


def _strategy(dialect: Dialect, operations: Sequence[str]) -> Any:
    from hypothesis import strategies

    def build(draw: Callable[[Any], int]) -> Case:
        return drawn_case(lambda below: draw(strategies.integers(0, below - 1)), dialect, operations)

    return strategies.composite(build)()


def _best(state: Search) -> Finding | None:
    """The smallest of all failing cases tried."""
    met = [f for f in state.answers.values() if f is not None]
    return min(met, key=lambda f: (f.elements, len(repr(f.case))), default=None)
