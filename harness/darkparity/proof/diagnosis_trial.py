"""How often the diagnosis names the right deviation, on inputs that are not the golden ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from darkparity.cases import cases_of
from darkparity.dialects import DEFAULT, DIALECTS
from darkparity.judging.diagnose import Diagnosis, Witness, diagnose
from darkparity.judging.evidence import SMALL
from darkparity.judging.explain import combined
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Deviates
from darkparity.oracle.bounds import ANY, Expected
from darkparity.oracle.deviations import DEVIATIONS, DIALECT_DEVIATIONS, Deviation
from darkparity.oracle.deviations.answers import affects, values
from darkparity.oracle.deviations.power import SEPARATES, margin
from darkparity.problems.problem import Problem
from darkparity.problems.select import live

from .deviating import DeviatingImplementation


@dataclass(frozen=True)
class Trial:
    """One deviation (or pair) put to the diagnosis. rank: place of the right name, 0 first, None not named."""

    name: str
    rank: int | None
    named: tuple[str, ...]


def fresh_questions(seed: int) -> list[Problem]:
    """The cases of the default dialect on other numbers: the name is the key of the bit stream."""
    row = DIALECTS[DEFAULT]
    cases = (replace(case, name=f"{case.name}_seed_{seed}") for case in cases_of(row) if case.name != "hundred_steps")
    return [q for q in (live(case, row) for case in cases) if q.elements <= SMALL]


def singles() -> list[Deviation]:
    """Every row that is no equivalent, and every other dialect that differs."""
    rows = [*DEVIATIONS.values(), *DIALECT_DEVIATIONS.values()]
    return [row for row in rows if not row.equivalent and row.name != f"dialect:{DEFAULT}"]


def pairs(count: int, seed: int) -> list[Deviation]:
    """Seeded random pairs of rows that touch different things."""
    draw = random.Random(seed)
    rows = [row for row in DEVIATIONS.values() if not row.equivalent]
    found: list[Deviation] = []
    while len(found) < count:
        first, second = draw.sample(rows, 2)
        if first.touched != second.touched and _both_show(first, second):
            found.append(combined(first, second))
    return found


@cache
def _probes() -> list[Problem]:
    seen: dict[str, int] = {}
    found = []
    for q in fresh_questions(0):
        seen[q.operation] = seen.get(q.operation, 0) + 1
        found += [q] if seen[q.operation] % 5 == 1 else []
    return found


def _both_show(first: Deviation, second: Deviation) -> bool:
    """Whether the edits fit together (one may drop what the other reads) and neither hides the other."""
    try:
        return all(any(_differ(combined(first, second), one, q) for q in _probes()) for one in (first, second))
    except (KeyError, AttributeError, ValueError, TypeError):
        return False


def _differ(row: Deviation, other: Deviation, q: Problem) -> bool:
    one, two = values(row, q.call), values(other, q.call)
    around = {n: Expected(one[n], e.bound, e.allowed) for n, e in q.expected(ANY).items() if n in one}
    return margin(around, two) >= SEPARATES


def trials(rows: Sequence[Deviation], problems: Sequence[Problem]) -> Iterator[Trial]:
    """Judge each as an implementation and ask for the diagnosis."""
    for row in rows:
        found = _diagnosed(row, problems)
        named = tuple(e.name for e in found.explanations) if found else ()
        yield Trial(row.name, _rank(row.name, named), named)


def _rank(name: str, named: Sequence[str]) -> int | None:
    """Pairs count in either order."""
    wanted = sorted(name.split(" + "))
    return next((i for i, other in enumerate(named) if sorted(other.split(" + ")) == wanted), None)


def _diagnosed(row: Deviation, problems: Sequence[Problem]) -> Diagnosis | None:
    participant = Participant.of(DeviatingImplementation(row))
    failing: list[Problem] = []
    conforming: list[Problem] = []
    for q in problems:
        wrong = affects(row, q.call) and isinstance(ask(participant, q)[0].verdict, Deviates)
        (failing if wrong else conforming).append(q)
    return diagnose(Witness.of(participant), failing, conforming)
