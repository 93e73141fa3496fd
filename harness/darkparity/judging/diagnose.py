"""Why an implementation deviates: asks it again on small failing cases and looks the answers up in the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from darkparity.oracle.bounds import ANY, Expected, Profile
from darkparity.oracle.bounds.compare import compare
from darkparity.oracle.deviations import Deviation
from darkparity.oracle.deviations.answers import values
from darkparity.oracle.deviations.power import SEPARATES, catalogue, margin
from darkparity.problems.problem import Problem

from .evidence import Evidence
from .explain import Explanation, combined, explain
from .result import RECORDED
from .runner import Participant, ask

#: Elements per array of the problems that are looked at: a variant's own bound is worked out for each.
MAX_ELEMENTS = 512
#: Failing and conforming problems looked at, per operation.
_FAILING, _CONFORMING = 4, 2


@dataclass(frozen=True)
class Cause:
    """A catalogued deviation, or a pair, that explains the outputs. ratio: worst error in its own bounds."""

    name: str
    sentence: str
    ratio: float


@dataclass(frozen=True)
class Diagnosis:
    """What explains the failures of one implementation in one dialect.

    sentence: for a porter to act on. explanations: equally good ones (each other's answers cannot be told apart on
    the evidence), best first. telling: a catalogued case that tells the first two apart, if there is one.
    examined: ids of the failing cases that were looked at.
    """

    implementation: str
    dialect: str
    sentence: str
    explanations: tuple[Cause, ...] = ()
    telling: str = ""
    examined: tuple[str, ...] = ()


def _sentence(found: Sequence[Explanation]) -> str:
    if not found:
        return "no catalogued deviation, single or pair, explains these outputs"
    others = [e.name for e in found[1:4]]
    return found[0].sentence + (f" (on these inputs the same as: {', '.join(others)})" if others else "")


def diagnose(
    participant: Participant | None, failing: Sequence[Problem], conforming: Sequence[Problem]
) -> Diagnosis | None:
    """Explain the failures; None where no failing problem is small enough to look at.

    participant None: the problems' own recordings are what deviates.
    """
    chosen = _smallest(failing, _FAILING)
    if not chosen:
        return None
    others = _smallest(conforming, _CONFORMING)
    evidence = [piece for q in (*chosen, *others) if (piece := _evidence(participant, q)) is not None]
    if not any(piece.deviates for piece in evidence):
        return None
    dialect = chosen[0].dialect
    found = explain(catalogue(dialect).values(), evidence)
    name = participant.name if participant else RECORDED
    causes = tuple(Cause(e.name, e.sentence, e.ratio) for e in found)
    telling = _telling(found, (*failing, *conforming))
    return Diagnosis(name, dialect.name, _sentence(found), causes, telling, tuple(q.id for q in chosen))


def _smallest(problems: Sequence[Problem], each: int) -> list[Problem]:
    chosen: list[Problem] = []
    for operation in dict.fromkeys(q.operation for q in problems):
        small = [q for q in problems if q.operation == operation and q.elements <= MAX_ELEMENTS]
        chosen += sorted(small, key=lambda q: -len(q.separates or ()))[:each]
    return chosen


def _evidence(participant: Participant | None, problem: Problem) -> Evidence | None:
    got = problem.recorded if participant is None else ask(participant, problem)[1]
    if got is None:
        return None
    profile = Profile(affine=participant.profile.affine) if participant else ANY
    expected = problem.expected(profile)
    observed = {n: a for n, a in got.items() if n in expected}
    if any(a.shape != expected[n].value.shape for n, a in observed.items()):
        return None
    deviates = any(not compare(n, a, expected[n]).conforms for n, a in observed.items())
    return Evidence(problem, observed, deviates, profile)


def _telling(found: Sequence[Explanation], problems: Sequence[Problem]) -> str:
    """The problem on which the first two explanations lie furthest apart, where they do by 4 bounds."""
    if len(found) < 2:
        return ""
    first, second = (e.deviations[0] if len(e.deviations) == 1 else combined(*e.deviations) for e in found[:2])
    best = max(((_apart(first, second, q), q.id) for q in problems), default=(0.0, ""))
    return best[1] if best[0] >= SEPARATES else ""


def _apart(first: Deviation, second: Deviation, q: Problem) -> float:
    try:
        one, other = values(first, q.call), values(second, q.call)
    except (KeyError, AttributeError, ValueError):
        return 0.0
    around = {n: Expected(one[n], e.bound, e.allowed) for n, e in q.expected(ANY).items() if n in one}
    return margin(around, other)
