"""Which case catches which catalogued deviation, and by what margin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from darkparity.cases import cases_of
from darkparity.dialects import DIALECTS
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Deviates
from darkparity.oracle.bounds import ANY, expect_live
from darkparity.oracle.deviations import DEVIATIONS, Deviation, catalogue
from darkparity.oracle.deviations.power import SEPARATES, margins
from darkparity.problems.golden.store import Store
from darkparity.problems.problem import GOLDEN, Problem
from darkparity.problems.select import live
from darkparity.proof.deviating import DeviatingImplementation

Progress = Callable[[str, int, int], None]

#: The rows of the default dialect that a contract can see.
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


@dataclass(frozen=True)
class Survey:
    """What the cases of one dialect catch of its catalogue."""

    dialect: str
    cases: int
    rows: tuple[Caught, ...]

    @property
    def missed(self) -> list[str]:
        return [row.name for row in self.rows if not row.caught]

    @property
    def weakest(self) -> Caught | None:
        """Of those that are caught."""
        return min((row for row in self.rows if row.caught), key=lambda row: row.margin, default=None)


def stated(store: Store, dialect: str) -> list[Problem]:
    """The cases of a dialect of which the store says what they separate, fixtures or not."""
    row = DIALECTS[dialect]
    fixtures = [store.problem(name) for name in store.files if name.startswith(f"{dialect}/")]
    others = [live(case, row) for case in cases_of(row) if store.separates(dialect, case.row) is not None]
    there = {q.id for q in fixtures}
    return [*fixtures, *(q for q in others if q.id not in there)]


def surveyed(store: Store, dialect: str, progress: Progress) -> Survey:
    """The whole catalogue of a dialect, other dialects included, worked out anew."""
    problems = stated(store, dialect)
    rows = survey(problems, progress, catalogue(DIALECTS[dialect]))
    return Survey(dialect, len(problems), tuple(rows.values()))


def survey(
    problems: Sequence[Problem], progress: Progress, rows: Mapping[str, Deviation] = DEVIATIONS
) -> dict[str, Caught]:
    """Every visible deviation of `rows` against every problem, each output judged by label `any`."""
    visible = {name: row for name, row in rows.items() if not row.equivalent}
    found: dict[str, dict[str, float]] = {name: {} for name in visible}
    for done, q in enumerate(problems):
        progress("deviations", done, len(problems))
        expected = q.expected(ANY) if q.origin == GOLDEN else expect_live(q.call, ANY)
        for name, value in margins(q.call, expected, visible).items():
            found[name][q.id] = value
        q.release()
    return {name: _caught(rows[name], values) for name, values in found.items()}


def _caught(row: Deviation, values: Mapping[str, float]) -> Caught:
    cases = sorted((q for q, v in values.items() if v >= SEPARATES), key=lambda q: -values[q])
    return Caught(row.name, row.touched, max(values.values(), default=0.0), tuple(cases))


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
