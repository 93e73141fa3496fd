"""What a run says as a whole: one cell per implementation, dialect and operation, and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from darkparity.errors import CONFORMS, DEVIATES
from darkparity.judging.result import Result
from darkparity.judging.verdict import (
    VERDICTS,
    Conforms,
    Inconclusive,
    Unsupported,
    Verdict,
    comparisons_of,
    unobserved_of,
)
from darkparity.spec import OPERATIONS

from .records import Records
from .unseen import Unseen, separated_by, unseen

#: Verdict words of failures, worst first; the first that one of its cases has is a cell's.
_WORST_FIRST = (*(w for w in reversed(VERDICTS) if w not in ("conforms", "unsupported", "inconclusive")), "known")


@dataclass(frozen=True)
class Cell:
    """One implementation on one operation in one dialect.

    cases: asked; unsupported: not offered; failures: deviating, crashed, timed out or faulty.
    vacuous: elements that are no evidence.
    blind: outputs that came back but no element of which could have deviated, over all cases.
    unobserved: outputs that did not come back, in at least one case.
    separated: catalogued deviations that its conforming cases would have shown.
    varying: conforming cases whose answer changed, inside its bounds, when the same was asked again.
    refusals: why single cases are unsupported, each reason once; empty where all are.
    uneven: outputs that came back in some cases and not in others of the same mode.
    """

    implementation: str
    dialect: str
    operation: str
    verdict: str
    exit_code: int
    cases: int
    unsupported: int
    failures: int
    elements: int
    vacuous: int
    worst_ulp: int
    worst_ratio: float
    blind: tuple[str, ...] = ()
    unobserved: tuple[str, ...] = ()
    separated: int = 0
    varying: int = 0
    refusals: tuple[str, ...] = ()
    uneven: tuple[str, ...] = ()

    @property
    def judged(self) -> int:
        """Cases that ended in a verdict on the implementation."""
        return self.cases - self.unsupported


@dataclass(frozen=True)
class Summary:
    """Everything a view shows besides single results.

    unjudged: implementations of which nothing was judged. missing: answers that were asked for and never came.
    refused: operations that were asked for by name and that an implementation does not offer.
    stale: known differences that are none. unseen: deviations that this run could not have noticed.
    """

    cells: tuple[Cell, ...]
    no_evidence: tuple[Result, ...]
    unjudged: tuple[str, ...]
    counts: Mapping[str, int]
    exit_code: int
    missing: Mapping[str, int]
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()


def summarize(run: Records) -> Summary:
    """Cells and exit code from the records of a run (finished or not)."""
    cells = _cells(run)
    names = dict.fromkeys(c.implementation for c in cells)
    unjudged = tuple(n for n in names if not any(c.judged for c in cells if c.implementation == n))
    stale = tuple(_stale(run))
    missing = _missing(run)
    missed = tuple(row for row in unseen(run) if row.names)
    refused = _refused(run, cells)
    strict = run.header.options.get("strict") and _strict(cells, missed)
    uneven = any(c.uneven for c in cells)
    silent = missing or run.header.unjudged or refused
    failed = not cells or unjudged or silent or stale or uneven or strict
    return Summary(
        cells=cells,
        no_evidence=tuple(r for r in run.results if isinstance(r.verdict, Inconclusive)),
        unjudged=unjudged,
        counts=Counter(r.word for r in run.results),
        exit_code=max([DEVIATES if failed else CONFORMS, *(c.exit_code for c in cells)]),
        missing=missing,
        refused=refused,
        stale=stale,
        unseen=missed,
    )


def _strict(cells: Sequence[Cell], missed: Sequence[Unseen]) -> bool:
    return bool(missed) or any(c.unsupported or c.unobserved or c.varying for c in cells)


def _refused(run: Records, cells: Sequence[Cell]) -> dict[str, tuple[str, ...]]:
    """Implementation -> operations asked for by name of which nothing was judged, in no dialect."""
    named = tuple(run.header.options.get("operations") or ())
    judged = {(c.implementation, c.operation) for c in cells if c.judged}
    names = dict.fromkeys(c.implementation for c in cells if c.operation in named)
    found = {n: tuple(o for o in named if (n, o) not in judged) for n in names}
    return {name: operations for name, operations in found.items() if operations}


def _missing(run: Records) -> dict[str, int]:
    """Implementation -> cases asked of which no result was recorded."""
    if run.header.cases is None:
        return {}
    answered = Counter(r.implementation for r in run.results)
    named = [d.name for d in run.header.implementations if d.asked]
    return {name: run.header.cases - answered[name] for name in named if answered[name] < run.header.cases}


def _stale(run: Records) -> Iterator[str]:
    """Known differences that match nothing or what does not fail."""
    for entry in run.header.known:
        for pattern in entry.unmatched:
            what = f"implementation {entry.implementation!r}, case {pattern!r}"
            yield f"{entry.where}: {what}: matches nothing in this run"
    for r in run.results:
        if r.known and not r.failed and not r.fails:
            yield f"{r.known.where}: {r.implementation} {r.case} {r.word}: remove it or narrow the pattern"


def _cells(run: Records) -> tuple[Cell, ...]:
    """In the order of implementations in the run, then dialect, then the table of operations."""
    implementations = list(dict.fromkeys(r.implementation for r in run.results))
    operations = list(OPERATIONS)  # a newer version's run may have more

    def rank(r: Result) -> tuple[int, str, int, str]:
        place = operations.index(r.operation) if r.operation in operations else len(operations)
        return implementations.index(r.implementation), r.dialect, place, r.operation

    return tuple(_cell(list(group)) for _, group in groupby(sorted(run.results, key=rank), rank))


def _cell(results: Sequence[Result]) -> Cell:
    comparisons = [c for r in results for c in comparisons_of(r.verdict)]
    evidence: dict[str, bool] = {}
    for c in comparisons:
        evidence[c.array] = evidence.get(c.array, False) or c.evidence
    blind = tuple(name for name, seen in evidence.items() if not seen)
    rightly = any(getattr(r.verdict, "refused", "") for r in results)  # to refuse where the reference does is evidence
    word = _word(results, (bool(evidence) or rightly) and not blind and _telling(results))
    first, refusals = results[0], _refusals(results)
    return Cell(
        implementation=first.implementation,
        dialect=first.dialect,
        operation=first.operation,
        verdict=word,
        exit_code=_exit_code(results, word),
        cases=len(results),
        unsupported=refusals.total(),
        failures=sum(r.fails for r in results),
        elements=sum(c.elements for c in comparisons),
        vacuous=sum(c.vacuous for c in comparisons),
        worst_ulp=max((c.worst_ulp for c in comparisons), default=0),
        worst_ratio=max((c.worst_ratio for c in comparisons), default=0.0),
        blind=blind,
        unobserved=tuple(dict.fromkeys(name for r in results for name in unobserved_of(r.verdict))),
        separated=len(separated_by(results)),
        varying=sum(bool(getattr(r.verdict, "varies", "")) for r in results),
        refusals=tuple(refusals) if refusals.total() < len(results) else (),
        uneven=tuple(sorted(_uneven(results))),
    )


def _refusals(results: Sequence[Result]) -> Counter[str]:
    return Counter(r.verdict.reason for r in results if isinstance(r.verdict, Unsupported))


def _uneven(results: Sequence[Result]) -> set[str]:
    came, missing = (
        {(_mode(r), name) for r in results for name in names(r.verdict)} for names in (_observed, _held_back)
    )
    return {name for _, name in came & missing}


def _mode(result: Result) -> tuple[object, ...]:
    return tuple(str(result.attributes.get(name)) for name in ("type", "train", "modes"))


def _observed(verdict: Verdict) -> Iterator[str]:
    return (c.array for c in comparisons_of(verdict))


def _held_back(verdict: Verdict) -> set[str]:
    return set(unobserved_of(verdict)) - set(getattr(verdict, "unmoved", ()))


def _telling(results: Sequence[Result]) -> bool:
    """At least one catalogued deviation would have been seen; where no power was worked out (real layer sizes), the
    catalogue does not say."""
    known = [r.separates for r in results if r.separates is not None]
    return not known or any(known)


def _word(results: Sequence[Result], evident: bool) -> str:
    words = {r.word for r in results}
    for word in _WORST_FIRST:
        if word in words:
            return word
    if words == {Unsupported.word}:
        return Unsupported.word
    return Conforms.word if evident else Inconclusive.word


def _exit_code(results: Sequence[Result], word: str) -> int:
    failed = [r.verdict.exit_code for r in results if r.fails]
    return max([*failed, DEVIATES if word == Inconclusive.word else CONFORMS])


def failures_of(run: Records) -> dict[tuple[str, str, str], list[Result]]:
    """Results that fail, by implementation, dialect and operation, in the order they came."""
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for r in run.failures:
        groups.setdefault((r.implementation, r.dialect, r.operation), []).append(r)
    return groups


def known_of(run: Records) -> list[Result]:
    """Failures that are known differences."""
    return [r for r in run.results if r.known and r.failed and not r.fails]
