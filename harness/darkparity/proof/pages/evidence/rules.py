"""What the derived bounds and other people's tolerances make of the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from darkparity.judging.runner import Participant, ask
from darkparity.oracle.bounds import ANY
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.oracle.deviations.answers import affects, values
from darkparity.problems.problem import Problem
from darkparity.proof.honest import relabelled
from darkparity.proof.selftest.caught import VISIBLE, Progress
from darkparity.spec import TRAINING_RUN, steps_of

from .tolerances import TOLERANCES

DERIVED = "derived bounds (label `any`)"
_RULES = (DERIVED, *(t.name for t in TOLERANCES))
#: Larger cases and longer runs say nothing more about a rule, and cost most.
ELEMENTS, _STEPS = 40_000, 20
Worst = dict[str, float]


@dataclass
class Rule:
    """What one rule made of all answers: worst ratio by deviation, and by (variant, case)."""

    deviations: Worst = field(default_factory=dict)
    honest: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def caught(self) -> float:
        return _share(r > 1 for r in self.deviations.values())

    @property
    def alarms(self) -> float:
        return _share(r > 1 for r in self.honest.values())

    @property
    def variants_flagged(self) -> int:
        """Honest variants with one false alarm at least."""
        return len({name for (name, _), r in self.honest.items() if r > 1})

    @property
    def caught_without_alarm(self) -> float:
        """Caught once the rule is widened by the smallest factor that leaves no finite false alarm."""
        factor = max((r for r in self.honest.values() if isfinite(r)), default=1.0)
        return _share(r > max(factor, 1.0) for r in self.deviations.values())


def measure(problems: Sequence[Problem], participants: Sequence[Participant], progress: Progress) -> dict[str, Rule]:
    """Every rule on every small case: the catalogue's answers, then the honest variants'."""
    rules = {name: Rule(dict.fromkeys(VISIBLE, 0.0)) for name in _RULES}
    asked = [q for q in problems if q.elements <= ELEMENTS and _brief(q)]
    for done, q in enumerate(asked):
        progress("tolerances", done, len(asked))
        for name in VISIBLE:
            if affects(DEVIATIONS[name], q.call):
                for rule, ratio in _worst(q, values(DEVIATIONS[name], q.call)).items():
                    rules[rule].deviations[name] = max(rules[rule].deviations[name], ratio)
        for participant in (c for c in participants if "affine" not in c.description.labels):
            got = ask(relabelled(participant, ()), q)[1]
            for rule, ratio in _worst(q, got or {}).items():
                rules[rule].honest[participant.name, q.id] = ratio
    return rules


def _brief(problem: Problem) -> bool:
    return problem.operation != TRAINING_RUN or len(steps_of(problem.attributes)) <= _STEPS


def _worst(problem: Problem, got: Mapping[str, np.ndarray]) -> Worst:
    """By rule, over all arrays that came back."""
    expected = {n: e for n, e in problem.expected(ANY).items() if n in got and got[n].shape == e.value.shape}
    worst = {DERIVED: _largest(ratios(got[n], e) for n, e in expected.items())}
    return worst | {t.name: _largest(t.ratio(got[n], e.value) for n, e in expected.items()) for t in TOLERANCES}


def _largest(parts: Iterable[np.ndarray]) -> float:
    return max((float(p.max(initial=0.0)) for p in parts), default=0.0)


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0
