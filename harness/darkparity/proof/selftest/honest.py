"""False alarms: honest variants and equivalent deviations on every case, golden and fuzzed, under every label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from darkparity.dialects import DIALECTS, Dialect
from darkparity.fuzz.drawing import random_case
from darkparity.judging.runner import Participant, ask, judge
from darkparity.judging.verdict import Conforms, Deviates, Inconclusive, Unsupported, Verdict
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.problems.problem import Problem
from darkparity.problems.select import live
from darkparity.proof.honest import Stepwise, relabelled

from .caught import EQUIVALENT

_FINE = (Conforms, Inconclusive, Unsupported)
#: Claims in the order in which they are given up; `affine` is none of them: who folds needs its wider bound.
_CLAIMS = ("float64", "pairwise", "ieee", "two_pass")
#: Seeds of fuzzed cases of different runs lie this far apart.
_APART = 10**6


@dataclass(frozen=True)
class Alarm:
    """An honest answer that was called wrong."""

    implementation: str
    labels: tuple[str, ...]
    case: str
    operation: str
    verdict: str
    where: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Tally:
    """What was judged."""

    answers: int = 0
    judged: int = 0
    worst: float = 0.0


def label_sets(labels: Iterable[str]) -> list[frozenset[str]]:
    """All declared, then one claim fewer at a time, down to none."""
    left, sets = set(labels), [frozenset(labels)]
    for claim in (c for c in _CLAIMS if c in left):
        left.discard(claim)
        sets.append(frozenset(left))
    return sets


def alarms(
    participants: Sequence[Participant],
    problems: Iterable[Problem],
    tally: Tally,
    on_question: Callable[[int], None],
    brief: bool = False,
) -> Iterator[Alarm]:
    """Ask every participant every problem once, and judge the answer under each set of labels that it holds.

    brief: under all declared labels and under none only.
    """
    for done, problem in enumerate(problems):
        on_question(done)
        for participant in participants:
            yield from _alarms(participant, problem, tally, brief)
        problem.release()


def _alarms(participant: Participant, problem: Problem, tally: Tally, brief: bool) -> Iterator[Alarm]:
    first, arrays = ask(participant, problem)
    tally.answers += 1
    declared, *weaker = label_sets(participant.description.labels)
    weaker = weaker[-1:] if brief else weaker
    verdicts: list[tuple[frozenset[str], Verdict]] = [(declared, first.verdict)]
    if arrays is not None:
        verdicts += [(labels, judge(problem, arrays, relabelled(participant, labels))) for labels in weaker]
    for labels, verdict in verdicts:
        tally.judged += 1
        worst = [c.worst_ratio for c in getattr(verdict, "comparisons", ())]
        if not isinstance(verdict, _FINE):
            yield Alarm(participant.name, tuple(sorted(labels)), problem.id, problem.operation,
                        type(verdict).__name__, _where(verdict))  # fmt: skip
        else:
            tally.worst = max(tally.worst, *worst, 0.0)


def _where(verdict: Verdict) -> str:
    if not isinstance(verdict, Deviates):
        return str(verdict)
    first = next(c for c in verdict.comparisons if not c.conforms)
    return f"{first.array}{list(first.index)}: got {first.got}, expected {first.expected}, bound {first.bound:.3g}"


def fuzzed(count: int, seed: int, dialect: Dialect | None = None) -> Iterator[Problem]:
    """`count` random problems of a seed; the id holds the number that draws it again."""
    row = dialect or DIALECTS["darknet"]
    for number in range(seed * _APART, seed * _APART + count):
        problem = live(random_case(number, row), row)
        yield replace(problem, id=f"{problem.id}-drawn_{number}", separates={})


def equivalents() -> tuple[Participant, ...]:
    """The equivalent deviations, every step rounded to float32 as a port would."""
    rows = [DEVIATIONS[name] for name in EQUIVALENT]
    return tuple(Participant.of(Stepwise(row.name, row.variant)) for row in rows)
