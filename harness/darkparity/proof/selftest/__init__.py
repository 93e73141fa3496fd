"""The self-test: what the cases catch, and what they must let pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from darkparity import __version__
from darkparity.formats.numbers import plain
from darkparity.judging.participants import close
from darkparity.problems.golden.store import Store
from darkparity.problems.problem import Problem
from darkparity.proof.honest import HonestVariants, gather

from .caught import EQUIVALENT, Caught, Progress, Survey, different, survey, surveyed, unconfirmed
from .holdout import Holdout, holdout
from .honest import Alarm, Tally, alarms, equivalents, fuzzed
from .large import Large, measured

_WEAKEST, _SHOWN_CASES = 10, 5
#: Share of its catalogue that the cases of another dialect must catch. Not all: E[x^2] - E[x]^2 lies within the bounds
#: of label `any` where no case has a variance of its own to show.
LEAST_CAUGHT = 0.99


@dataclass(frozen=True)
class Scope:
    """How much is done.

    fuzzed: random cases that honest variants and equivalents must pass. elements: of the largest golden case that
    they are asked. brief: judged under all of their labels and none, not under those between.
    """

    fuzzed: int = 2000
    elements: int = 10**9
    brief: bool = False
    splits: int = 300
    seed: int = 0


QUICK = Scope(fuzzed=50, elements=512, brief=True)


@dataclass(frozen=True)
class Outcome:
    """Everything a self-test found."""

    scope: Scope
    cases: int
    rows: tuple[Caught, ...]
    unconfirmed: tuple[str, ...]
    honest: HonestVariants
    alarms: tuple[Alarm, ...]
    equivalent_alarms: tuple[Alarm, ...]
    tally: Tally
    holdout: Holdout
    holdout_distinct: Holdout
    large: tuple[Large, ...]
    others: tuple[Survey, ...] = ()

    @property
    def missed(self) -> list[str]:
        return [row.name for row in self.rows if not row.caught]

    @property
    def weakest(self) -> list[Caught]:
        return sorted((r for r in self.rows if r.caught), key=lambda r: r.margin)[:_WEAKEST]

    @property
    def good(self) -> bool:
        """Every visible deviation caught, no false alarm, teeth at large m."""
        wrong = (self.missed, self.unconfirmed, self.alarms, self.equivalent_alarms)
        missed = any(len(s.missed) > (1 - LEAST_CAUGHT) * len(s.rows) for s in self.others)
        return not any(wrong) and not missed and all(row.good for row in self.large)

    def as_json(self) -> dict[str, Any]:
        """For `--json`; infinite margins as the string Infinity."""
        catches = {row.name: {"margin": plain(row.margin), "touched": row.touched, "cases": row.cases}
                   for row in self.rows}  # fmt: skip
        return {
            "suite_version": __version__,
            "date": datetime.now(UTC).date().isoformat(),
            "good": self.good,
            "scope": asdict(self.scope),
            "cases": self.cases,
            "deviations": len(self.rows),
            "distinct": len(different(self.rows)),
            "equivalent": len(EQUIVALENT),
            "missed": self.missed,
            "unconfirmed": list(self.unconfirmed),
            "weakest": {row.name: plain(row.margin) for row in self.weakest},
            "honest_variants": [c.name for c in self.honest.participants],
            "absent": dict(self.honest.absent),
            "answers": self.tally.answers,
            "judged": self.tally.judged,
            "worst_honest_ratio": self.tally.worst,
            "false_alarms": [a.as_json() for a in self.alarms],
            "equivalent_alarms": [a.as_json() for a in self.equivalent_alarms],
            "holdout": asdict(self.holdout),
            "holdout_distinct": asdict(self.holdout_distinct),
            "large": [{**asdict(row), "margin": plain(row.margin)} for row in self.large],
            "catches": catches,
            "other_dialects": [
                {"dialect": s.dialect, "cases": s.cases, "deviations": len(s.rows), "missed": s.missed}
                for s in self.others
            ],
        }


def selftest(store: Store, scope: Scope, progress: Progress, others: Sequence[str] = ()) -> Outcome:
    """Run it on the golden cases of the default dialect. others: dialects whose catalogue is looked at as well."""
    problems = [q for q in store.problems() if q.dialect.name == "darknet"]
    rows = survey(problems, progress)
    honest, tally = gather(), Tally()
    try:
        wrong = _alarms(honest, problems, scope, tally, progress)
    finally:
        close(honest.participants)
    return Outcome(
        scope, len(problems), tuple(rows.values()), tuple(unconfirmed(rows.values(), problems)), honest,
        tuple(a for a in wrong if a.implementation not in EQUIVALENT),
        tuple(a for a in wrong if a.implementation in EQUIVALENT),
        tally, holdout(list(rows.values()), scope.splits, scope.seed),
        holdout(different(rows.values()), scope.splits, scope.seed), tuple(measured()),
        tuple(surveyed(store, dialect, progress) for dialect in others),
    )  # fmt: skip


def _alarms(
    honest: HonestVariants, problems: list[Problem], scope: Scope, tally: Tally, progress: Progress
) -> list[Alarm]:
    everyone = (*honest.participants, *equivalents())
    asked = [q for q in problems if q.elements <= scope.elements]
    total, drawn = len(asked) + scope.fuzzed, fuzzed(scope.fuzzed, scope.seed)
    golden = alarms(everyone, asked, tally, lambda n: progress("honest variants", n, total), scope.brief)
    random = alarms(everyone, drawn, tally, lambda n: progress("fuzzed", len(asked) + n, total), scope.brief)
    return [*golden, *random]


__all__ = ["QUICK", "Alarm", "Caught", "Large", "Outcome", "Scope", "Survey", "selftest"]
