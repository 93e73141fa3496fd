"""How often the diagnosis names the right deviation, on inputs that are not the golden ones:
`python -m darkparity.proof.diagnosis_trial --dialect pytorch`."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import median

import numpy as np

from darkparity.cases import cases_of
from darkparity.dialects import DEFAULT, DIALECTS
from darkparity.judging.diagnose import Witness, diagnose
from darkparity.judging.diagnosis import Diagnosis
from darkparity.judging.evidence import SMALL, gathered
from darkparity.judging.explain import combined
from darkparity.judging.nearness import MISFIT
from darkparity.judging.runner import Participant
from darkparity.oracle.bounds import ANY, Expected
from darkparity.oracle.deviations import Deviation, catalogue
from darkparity.oracle.deviations.answers import affects, values
from darkparity.oracle.deviations.power import SEPARATES, margin
from darkparity.problems.problem import Problem
from darkparity.problems.select import live

from .deviating import DeviatingImplementation


@dataclass(frozen=True)
class Trial:
    """One deviation (or pair) put to the diagnosis.

    rank: place of the right name, 0 first, None not named. same: whether what is named first answers alike on every
    question. seconds: processor time of the diagnosis.
    """

    name: str
    rank: int | None
    named: tuple[str, ...]
    same: bool = False
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        """Named first, or something that no question tells apart from it."""
        return self.rank == 0 or self.same


def fresh_questions(seed: int, dialect: str = DEFAULT) -> list[Problem]:
    """The cases of a dialect on other numbers: the name is the key of the bit stream."""
    row = DIALECTS[dialect]
    cases = (replace(case, name=f"{case.name}_seed_{seed}") for case in cases_of(row) if case.name != "hundred_steps")
    return [q for q in (live(case, row) for case in cases) if q.elements <= SMALL]


def singles(dialect: str = DEFAULT) -> list[Deviation]:
    """Every row that is no equivalent, and every other dialect."""
    return [row for row in catalogue(DIALECTS[dialect]).values() if not row.equivalent]


def pairs(count: int, seed: int, dialect: str = DEFAULT) -> list[Deviation]:
    """Seeded random pairs of rows that touch different things."""
    draw = random.Random(seed)
    rows = [row for row in singles(dialect) if not row.name.startswith("dialect:")]
    found: list[Deviation] = []
    while len(found) < count:
        first, second = draw.sample(rows, 2)
        if first.touched != second.touched and _both_show(first, second, _probes(dialect)):
            found.append(combined(first, second))
    return found


@cache
def _probes(dialect: str) -> tuple[Problem, ...]:
    seen: dict[str, int] = {}
    found = []
    for q in fresh_questions(0, dialect):
        seen[q.operation] = seen.get(q.operation, 0) + 1
        found += [q] if seen[q.operation] % 5 == 1 else []
    return tuple(found)


def _both_show(first: Deviation, second: Deviation, probes: Sequence[Problem]) -> bool:
    """Whether the edits fit together (one may drop what the other reads) and neither hides the other."""
    try:
        return all(any(_differ(combined(first, second), one, q) for q in probes) for one in (first, second))
    except MISFIT:
        return False


def _differ(row: Deviation, other: Deviation, q: Problem) -> bool:
    one, two = values(row, q.call), values(other, q.call)
    around = {n: Expected(one[n], e.bound, e.allowed) for n, e in q.expected(ANY).items() if n in one}
    return margin(around, two) >= SEPARATES


def trials(rows: Sequence[Deviation], problems: Sequence[Problem]) -> Iterator[Trial]:
    """Judge each as an implementation and ask for the diagnosis; those that no question shows are left out."""
    for row in rows:
        started = time.process_time()
        found = _diagnosed(row, problems)
        if found is None:
            continue
        seconds = time.process_time() - started
        named = tuple(e.name for e in found.explanations)
        rank = _rank(row.name, named)
        same = rank != 0 and bool(named) and _alike(row, named[0], problems)
        yield Trial(row.name, rank, named, same, seconds)


def _rank(name: str, named: Sequence[str]) -> int | None:
    """Pairs count in either order."""
    wanted = sorted(name.split(" + "))
    return next((i for i, other in enumerate(named) if sorted(other.split(" + ")) == wanted), None)


def _alike(row: Deviation, name: str, problems: Sequence[Problem]) -> bool:
    """Whether catalogued rows answer as `row` does; False for what is not in the catalogue."""
    rows = catalogue(problems[0].dialect)
    parts = name.split(" + ")
    if not all(part in rows for part in parts):
        return False
    other = combined(*(rows[part] for part in parts))
    try:
        return not any(_differ(row, other, q) for q in problems if affects(row, q.call) or affects(other, q.call))
    except MISFIT:
        return False


def _diagnosed(row: Deviation, problems: Sequence[Problem]) -> Diagnosis | None:
    witness = Witness.of(Participant.of(DeviatingImplementation(row)))
    with np.errstate(all="ignore"):
        pieces = list(gathered(witness.answers, problems, witness.profile))
    failing, conforming = ([p.problem for p in pieces if p.deviates is wrong] for wrong in (True, False))
    return diagnose(witness, failing, conforming)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is not named first, and the shares."""
    parser = argparse.ArgumentParser(prog="python -m darkparity.proof.diagnosis_trial", description=__doc__)
    parser.add_argument("--dialect", choices=DIALECTS, default=DEFAULT)
    parser.add_argument("--singles", type=int, metavar="N", help="So many, drawn from all (default: all).")
    parser.add_argument("--pairs", type=int, default=40, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args(arguments)
    rows, problems = singles(options.dialect), fresh_questions(options.seed, options.dialect)
    count = len(rows) if options.singles is None else min(options.singles, len(rows))
    chosen = random.Random(options.seed).sample(rows, count)
    for kind, some in (("single", chosen), ("pair", pairs(options.pairs, options.seed, options.dialect))):
        done = list(_told(trials(some, problems)))
        if done:
            right, seconds = sum(t.right for t in done), [t.seconds for t in done]
            share = f"{right} of {len(done)} right first, {100 * right / len(done):.1f} %"
            slow = f"processor seconds: median {median(seconds):.1f}, most {max(seconds):.1f}"
            print(f"{options.dialect} {kind}: {share}; {slow}", flush=True)
    return 0


def _told(done: Iterator[Trial]) -> Iterator[Trial]:
    for trial in done:
        if not trial.right:
            print(f"{trial.name}: named {', '.join(trial.named[:3]) or 'nothing'}", flush=True)
        yield trial


if __name__ == "__main__":
    sys.exit(main())
