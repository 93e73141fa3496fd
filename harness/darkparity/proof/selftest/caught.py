"""Which case catches which catalogued deviation, and by what margin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Deviates
from darkparity.oracle.bounds import ANY
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.oracle.deviations.power import SEPARATES, margins
from darkparity.problems.problem import Problem
from darkparity.proof.deviating import DeviatingImplementation

Progress = Callable[[str, int, int], None]

#: The rows that a contract can see.
VISIBLE = tuple(name for name, row in DEVIATIONS.items() if not row.equivalent)
EQUIVALENT = tuple(name for name, row in DEVIATIONS.items() if row.equivalent)


@dataclass(frozen=True)
class Caught:
    """One deviation: its largest margin, and the cases that catch it, best first."""

    name: str
    touched: str
    margin: float
    cases: tuple[str, ...]

    @property
    def caught(self) -> bool:
        return self.margin >= SEPARATES


def survey(problems: Sequence[Problem], progress: Progress) -> dict[str, Caught]:
    """Every visible deviation against every problem, each output judged by label `any`."""
    found: dict[str, dict[str, float]] = {name: {} for name in VISIBLE}
    for done, q in enumerate(problems):
        progress("deviations", done, len(problems))
        for name, value in margins(q.call, q.expected(ANY), VISIBLE).items():
            found[name][q.id] = value
    return {name: _caught(name, values) for name, values in found.items()}


def _caught(name: str, values: Mapping[str, float]) -> Caught:
    cases = sorted((q for q, v in values.items() if v >= SEPARATES), key=lambda q: -values[q])
    return Caught(name, DEVIATIONS[name].touched, max(values.values(), default=0.0), tuple(cases))


def different(rows: Iterable[Caught]) -> list[Caught]:
    """Caught rows; those that touch the same thing and are caught by the same cases count once."""
    return list({(row.touched, frozenset(row.cases)): row for row in rows if row.caught}.values())


def unconfirmed(rows: Iterable[Caught], problems: Sequence[Problem]) -> list[str]:
    """Deviations that, run as implementations, the ordinary runner lets pass on the case that catches them best."""
    by_id = {q.id: q for q in problems}
    return [
        row.name for row in rows
        if row.caught and not isinstance(_asked(row.name, by_id[row.cases[0]]), Deviates)
    ]  # fmt: skip


def _asked(name: str, problem: Problem) -> object:
    return ask(Participant.of(DeviatingImplementation(DEVIATIONS[name])), problem)[0].verdict
