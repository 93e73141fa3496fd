"""docs/evidence.md: what the cases catch and let pass, beside what ad hoc tolerances make of the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite

import numpy as np

from darkparity import __version__
from darkparity.judging.runner import Participant, ask
from darkparity.oracle.bounds import ANY
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.oracle.deviations.answers import touches, values
from darkparity.problems.problem import Problem
from darkparity.spec import RUN, steps_of

from .fuzz_drill import SEED, Drill
from .honest import relabelled
from .selftest import Outcome
from .selftest.caught import VISIBLE, Progress
from .tolerances import TOLERANCES

DERIVED = "derived bounds (label `any`)"
_RULES = (DERIVED, *(t.name for t in TOLERANCES))
#: Larger cases and longer runs say nothing more about a rule, and cost most.
_ELEMENTS, _STEPS = 40_000, 20
Worst = dict[str, float]


@dataclass
class Rule:
    """What one rule made of all answers: worst ratio by deviation, and by (member, case)."""

    deviations: Worst = field(default_factory=dict)
    honest: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def caught(self) -> float:
        return _share(r > 1 for r in self.deviations.values())

    @property
    def alarms(self) -> float:
        return _share(r > 1 for r in self.honest.values())

    @property
    def members(self) -> int:
        """Members with one false alarm at least."""
        return len({m for (m, _), r in self.honest.items() if r > 1})

    @property
    def caught_without_alarm(self) -> float:
        """Caught once the rule is widened by the smallest factor that leaves no finite false alarm."""
        factor = max((r for r in self.honest.values() if isfinite(r)), default=1.0)
        return _share(r > max(factor, 1.0) for r in self.deviations.values())


def measure(problems: Sequence[Problem], participants: Sequence[Participant], progress: Progress) -> dict[str, Rule]:
    """Every rule on every small case: the catalogue's answers, then the honest variants'."""
    rules = {name: Rule(dict.fromkeys(VISIBLE, 0.0)) for name in _RULES}
    asked = [q for q in problems if q.elements <= _ELEMENTS and _brief(q)]
    for done, q in enumerate(asked):
        progress("tolerances", done, len(asked))
        call = (q.operation, q.dialect, q.arrays, q.attributes)
        for name in VISIBLE:
            if touches(DEVIATIONS[name], q.operation, q.dialect, q.attributes):
                for rule, ratio in _worst(q, values(DEVIATIONS[name], *call)).items():
                    rules[rule].deviations[name] = max(rules[rule].deviations[name], ratio)
        for participant in (c for c in participants if "affine" not in c.description.labels):
            got = ask(relabelled(participant, ()), q)[1]
            for rule, ratio in _worst(q, got or {}).items():
                rules[rule].honest[participant.name, q.id] = ratio
    return rules


def _brief(problem: Problem) -> bool:
    return problem.operation != RUN or len(steps_of(problem.attributes)) <= _STEPS


def _worst(problem: Problem, got: Mapping[str, np.ndarray]) -> Worst:
    """By rule, over all arrays that came back."""
    right = {n: e for n, e in problem.expected(ANY).items() if n in got and got[n].shape == e.value.shape}
    worst = {DERIVED: _largest(ratios(got[n], e) for n, e in right.items())}
    return worst | {t.name: _largest(t.ratio(got[n], e.value) for n, e in right.items()) for t in TOLERANCES}


def _largest(parts: Iterable[np.ndarray]) -> float:
    return max((float(p.max(initial=0.0)) for p in parts), default=0.0)


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0


def page(outcome: Outcome, rules: Mapping[str, Rule], drills: Sequence[Drill], date: str) -> str:
    """The text of docs/evidence.md."""
    parts = (_head(outcome, date), _tolerances(outcome, rules), _weakest(outcome), _holdout(outcome), _large(outcome),
             _drilled(drills), _zoo(outcome), _catalogue(outcome))  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _head(outcome: Outcome, date: str) -> str:
    from .selftest.caught import different

    wrong, rows = (*outcome.alarms, *outcome.equivalent_alarms), outcome.rows
    return f"""# Evidence

Written by `darkparity selftest --write docs/evidence.md` on {date}, suite version {__version__}, seed \
{outcome.scope.seed}; every number on this page is from that run.

- **Caught**: {len(rows) - len(outcome.missed)} of {len(rows)} catalogued deviations, each with a margin of 4 bounds \
or more, on {outcome.cases} golden cases of the dialect `darknet`, label `any`. {len(different(rows))} of them differ \
in what they touch or in which cases catch them. Missed: {", ".join(outcome.missed) or "none"}.
- **False alarms**: {len(wrong)} in {outcome.tally.judged:,} judgements: {len(outcome.zoo.participants)} honest \
variants and the equivalent deviations, every golden case and {outcome.scope.fuzzed:,} random ones, under every \
set of labels that each may claim. The worst honest answer lay at {outcome.tally.worst:.3f} of its bound."""


def _tolerances(outcome: Outcome, rules: Mapping[str, Rule]) -> str:
    head = ("rule", "deviations caught", "honest (variant, case) pairs flagged", "variants flagged",
            "caught once widened until no honest answer is flagged")  # fmt: skip
    members = len({m for m, _ in next(iter(rules.values())).honest})
    body = [
        (name, _percent(r.caught), _percent(r.alarms), f"{r.members} of {members}", _percent(r.caught_without_alarm))
        for name, r in rules.items()
    ]
    return f"""## The same answers under other tolerances

Cases of at most {_ELEMENTS:,} elements per array; without the folded variant, which needs its own label. The \
rules are read in their favour: NaN equals NaN and an infinity itself. Widening: by the smallest factor that leaves no \
finite false alarm.

{_table(head, body)}"""


def _weakest(outcome: Outcome) -> str:
    body = [(r.name, DEVIATIONS[r.name].sentence, _number(r.margin), len(r.cases)) for r in outcome.weakest]
    return f"## The weakest ten\n\n{_table(('deviation', 'what is wrong', 'best margin', 'cases'), body)}"


def _holdout(outcome: Outcome) -> str:
    body = [
        (what, h.deviations, h.splits, f"{h.cases:.1f}", _percent(h.mean), _percent(h.least))
        for what, h in (("all rows", outcome.holdout), ("rows that differ", outcome.holdout_distinct))
    ]
    head = ("catalogue", "rows", "random halves", "cases chosen", "caught of the other half", "least")
    return f"""## Deviations that nobody had in mind

Cases are chosen greedily until they catch every deviation of one random half three times (or as often as all cases \
do); then they are tried on the other half.

{_table(head, body)}"""


def _large(outcome: Outcome) -> str:
    body = [
        (f"2^{row.m.bit_length() - 1}", row.data, row.deviation, row.operation, ", ".join(row.labels) or "any",
         _number(row.margin), "4" if row.required else "")
        for row in outcome.large
    ]  # fmt: skip
    head = ("m", "data", "deviation", "operation", "labels", "margin", "must be at least")
    return f"## Large sums\n\n{_table(head, body)}"


def _drilled(drills: Sequence[Drill]) -> str:
    body = [
        (d.deviation, "found" if d.found else "not found", d.asked, d.seconds, d.operation, d.elements) for d in drills
    ]
    head = ("deviation", "", "cases asked", "seconds", "smallest failing case", "elements")
    return f"""## Fuzzing

Ten deviations drawn from the catalogue by seed {SEED}, each searched for by `darkparity fuzz` for 60 s at most.

{_table(head, body)}"""


def _zoo(outcome: Outcome) -> str:
    from .honest import ZOO

    body = [(c.name, ZOO[c.name].what, ", ".join(ZOO[c.name].labels)) for c in outcome.zoo.participants]
    absent = "".join(f"\n- {reason}" for reason in outcome.zoo.absent.values())
    missing = f"\n\nNot in this run:\n{absent}" if absent else ""
    return f"## Honest variants\n\n{_table(('variant', 'how it computes', 'labels it holds'), body)}{missing}"


def _catalogue(outcome: Outcome) -> str:
    body = [(r.name, r.touched, _number(r.margin), len(r.cases), r.cases[0] if r.cases else "") for r in outcome.rows]
    return f"## Every deviation\n\n{_table(('deviation', 'touches', 'best margin', 'cases', 'best case'), body)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _number(value: float) -> str:
    return "infinite" if value == inf else f"{value:.3g}"


def _table(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    lines = [" | ".join(map(str, row)) for row in (head, ["---"] * len(head), *body)]
    return "\n".join(f"| {line} |" for line in lines)
