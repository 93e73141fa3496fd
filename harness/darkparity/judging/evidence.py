"""What an implementation answered to problems: all that solving for constants and diagnosing look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from darkparity.oracle.bounds import ANY, Profile
from darkparity.oracle.bounds.compare import compare
from darkparity.problems.problem import Problem
from darkparity.spec import Arrays

#: What the same implementation answers to a problem; None where nothing comes back.
Answers = Callable[[Problem], Arrays | None]

#: Failing and conforming problems looked at, per operation.
_FAILING, _CONFORMING = 4, 2
#: Those that an explanation is put to before it is told.
_MORE_FAILING, _MORE_CONFORMING = 12, 6
#: Elements up to which its size does not count; of larger ones, where there are no others, so many.
SMALL, _LARGE = 512, 1


@dataclass(frozen=True)
class Evidence:
    """One problem and what the implementation answered.

    deviates: whether an array of `got` lies outside its bounds in the problem's dialect. profile: what a variant's own
    bound must allow: `any`, and `affine` if the implementation declares it.
    """

    problem: Problem
    got: Mapping[str, np.ndarray]
    deviates: bool
    profile: Profile = ANY

    @property
    def wrong(self) -> tuple[str, ...]:
        """Arrays outside their bounds."""
        expected = self.problem.expected(self.profile)
        return tuple(n for n, a in self.got.items() if not compare(n, a, expected[n]).conforms)

    def judged_as(self, problem: Problem, profile: Profile) -> Evidence:
        """The same arrays as the answer to another problem, or with another claim."""
        expected = problem.expected(profile)
        got = {n: a for n, a in self.got.items() if n in expected and a.shape == expected[n].value.shape}
        there = replace(self, problem=problem, got=got, profile=profile)
        return replace(there, deviates=bool(there.wrong))


def gathered(answers: Answers, problems: Iterable[Problem], profile: Profile) -> Iterator[Evidence]:
    """What comes back for each problem; malformed answers are left out."""
    for problem in problems:
        got = answers(problem)
        expected = problem.expected(profile) if got else {}
        observed = {n: a for n, a in (got or {}).items() if n in expected}
        if observed and all(a.shape == expected[n].value.shape for n, a in observed.items()):
            wrong = [n for n, a in observed.items() if not compare(n, a, expected[n]).conforms]
            yield Evidence(problem, observed, bool(wrong), profile)


def telling(failing: Sequence[Problem], conforming: Sequence[Problem]) -> list[Problem]:
    """The problems worth asking again: of each operation few, failing ones first, small and unlike each other."""
    return [*_few(failing, _FAILING), *_few(conforming, _CONFORMING)]


def others(failing: Sequence[Problem], conforming: Sequence[Problem], asked: Sequence[Problem]) -> list[Problem]:
    """More small problems of the run, to refute with what explains those asked."""
    seen = {q.id for q in asked}
    more = ([q for q in problems if q.within(SMALL) and q.id not in seen] for problems in (failing, conforming))
    return [
        q for problems, each in zip(more, (_MORE_FAILING, _MORE_CONFORMING), strict=True) for q in _few(problems, each)
    ]


def _few(problems: Sequence[Problem], each: int) -> list[Problem]:
    chosen: list[Problem] = []
    for operation in dict.fromkeys(q.operation for q in problems):
        mine = [q for q in problems if q.operation == operation]
        small = sorted((q for q in mine if q.within(SMALL)), key=lambda q: -len(q.separates or ()))
        chosen += _unlike(small, each) or sorted(mine, key=lambda q: q.elements)[:_LARGE]
    return chosen


def _unlike(problems: Sequence[Problem], count: int) -> list[Problem]:
    """The first of each mode and geometry, in order, then the rest: what fits two images alone is refuted by three."""
    first = {_kind(q): q for q in reversed(problems)}
    ordered = [q for q in problems if first[_kind(q)] is q]
    return [*ordered, *(q for q in problems if first[_kind(q)] is not q)][:count]


def _kind(problem: Problem) -> tuple[object, ...]:
    full = [a.shape for a in problem.arrays.values() if a.ndim >= 3]
    return problem.attributes.get("train"), full[0][-3] if full else None, full[0][-1] if full else None
