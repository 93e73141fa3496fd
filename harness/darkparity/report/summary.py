"""What a run says as a whole: one cell per implementation, dialect and operation, and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from darkparity.dialects import DEFAULT
from darkparity.errors import CONFORMS, DEVIATES, FAULT
from darkparity.spec import OPERATIONS

from .runfile import Record, Run
from .unseen import Unseen, separated_by, unseen

#: The worst verdict of its cases is the cell's; conforms and inconclusive are told apart by evidence.
_FAILURES = ("harnessfault", "crashed", "timedout", "deviates")
#: What a known difference excuses: the implementation's failures, not the harness's.
_EXCUSABLE = _FAILURES[1:]
KNOWN = "known"
_EXIT_CODES = {"harnessfault": FAULT, **dict.fromkeys((*_FAILURES[1:], "inconclusive"), DEVIATES)}


@dataclass(frozen=True)
class Cell:
    """One implementation on one operation in one dialect.

    cases: asked; unsupported: not offered; failures: deviating, crashed, timed out or faulty.
    vacuous: elements that are no evidence.
    blind: outputs that came back but no element of which could have deviated, over all cases.
    unobserved: outputs that did not come back, in at least one case.
    separated: catalogued deviations that its conforming cases would have shown.
    """

    implementation: str
    dialect: str
    operation: str
    verdict: str
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


@dataclass(frozen=True)
class Summary:
    """Everything a view shows besides single results.

    stale: known differences that are none. unseen: deviations that this run could not have noticed.
    """

    cells: tuple[Cell, ...]
    no_evidence: tuple[Record, ...]
    unjudged: tuple[str, ...]
    counts: Mapping[str, int]
    exit_code: int
    stale: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()

    def as_record(self) -> Record:
        """For `--json`."""
        return {**asdict(self), "cells": [asdict(c) for c in self.cells], "counts": dict(self.counts)}


def summarize(run: Run) -> Summary:
    """Cells and exit code from the records of a run (finished or not)."""
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for result in run.results:
        groups.setdefault((result["implementation"], result["dialect"], result["operation"]), []).append(
            result
        )
    order = {name: index for index, name in enumerate(OPERATIONS)}
    names = list(dict.fromkeys(key[0] for key in groups))
    ranked = sorted(groups, key=lambda key: (names.index(key[0]), key[1], order.get(key[2], len(order))))
    cells = tuple(_cell(key, groups[key]) for key in ranked)
    unjudged = tuple(
        n for n in names if all(c.verdict == "unsupported" for c in cells if c.implementation == n)
    )
    stale = tuple(_stale(run))
    missed = tuple(row for row in unseen(run) if row.names)
    strict = bool(run.header.get("options", {}).get("strict"))
    return Summary(
        cells,
        tuple(r for r in run.results if r["verdict"] == "inconclusive"),
        unjudged,
        Counter(verdict_of(r) for r in run.results),
        max(_exit_code(cells, unjudged, strict), DEVIATES if stale or (strict and missed) else CONFORMS),
        stale,
        missed,
    )


def verdict_of(result: Record) -> str:
    """The verdict of one result; a failure that is a known difference is `known`."""
    excused = result.get("known") and result["verdict"] in _EXCUSABLE
    return KNOWN if excused else str(result["verdict"])


def known_of(run: Run) -> list[Record]:
    """Failures that are known differences."""
    return [r for r in run.results if verdict_of(r) == KNOWN]


def _stale(run: Run) -> Iterator[str]:
    """Known differences that match nothing or what does not fail."""
    for e in run.header.get("known", ()):
        for pattern in e["unmatched"]:
            what = f"implementation {e['implementation']!r}, case {pattern!r}"
            yield f"{e['where']}: {what}: matches nothing in this run"
    for r in run.results:
        if r.get("known") and verdict_of(r) not in (KNOWN, *_FAILURES):
            what = f"{r['implementation']} {r['case']} {r['verdict']}"
            yield f"{r['known']['where']}: {what}: remove it or narrow the pattern"


def _cell(key: tuple[str, str, str], results: Sequence[Record]) -> Cell:
    comparisons = [c for r in results for c in r["comparisons"]]
    evidence: dict[str, bool] = {}
    for c in comparisons:
        evidence[c["array"]] = evidence.get(c["array"], False) or c["elements"] > c["vacuous"]
    blind = tuple(name for name, seen in evidence.items() if not seen)
    unobserved = tuple(dict.fromkeys(name for r in results for name in r["unobserved"]))
    return Cell(
        *key,
        verdict=_verdict([verdict_of(r) for r in results], bool(evidence) and not blind and _telling(results)),
        cases=len(results),
        unsupported=sum(r["verdict"] == "unsupported" for r in results),
        failures=sum(verdict_of(r) in _FAILURES for r in results),
        elements=sum(c["elements"] for c in comparisons),
        vacuous=sum(c["vacuous"] for c in comparisons),
        worst_ulp=max((c["worst_ulp"] for c in comparisons), default=0),
        worst_ratio=max((float(c["worst_ratio"]) for c in comparisons), default=0.0),
        blind=blind,
        unobserved=unobserved,
        separated=len(separated_by(results)),
    )


def _telling(results: Sequence[Record]) -> bool:
    """At least one catalogued deviation would have been seen; outside the default dialect, and where no power was
    worked out (real layer sizes), the catalogue does not say."""
    known = [r["separates"] for r in results if r.get("separates") is not None and r["dialect"] == DEFAULT]
    return not known or any(known)


def _verdict(verdicts: Sequence[str], evident: bool) -> str:
    for failure in (*_FAILURES, KNOWN):
        if failure in verdicts:
            return failure
    if all(v == "unsupported" for v in verdicts):
        return "unsupported"
    return "conforms" if evident else "inconclusive"


def _exit_code(cells: Sequence[Cell], unjudged: Sequence[str], strict: bool) -> int:
    """The highest wins. An implementation of which nothing was judged does not conform."""
    codes = [_EXIT_CODES.get(c.verdict, CONFORMS) for c in cells]
    if not cells or unjudged:
        codes.append(DEVIATES)
    if strict and any(c.unsupported or c.unobserved for c in cells):
        codes.append(DEVIATES)
    return max(codes, default=DEVIATES)


def failures_of(run: Run) -> dict[tuple[str, str, str], list[Record]]:
    """Results that fail, by implementation, dialect and operation, in the order they came."""
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for result in run.results:
        if verdict_of(result) in _FAILURES:
            groups.setdefault((result["implementation"], result["dialect"], result["operation"]), []).append(
                result
            )
    return groups


def labels_of(run: Run, implementation: str) -> tuple[str, ...]:
    """Labels an implementation declared; a recording declares none."""
    return tuple(_described(run, implementation).get("labels", ()))


def asked_as(run: Run, implementation: str) -> str:
    """What the user types to get the implementation; empty for a recording."""
    return str(_described(run, implementation).get("asked", ""))


def _described(run: Run, implementation: str) -> Mapping[str, Any]:
    return next((d for d in run.header["implementations"] if d["name"] == implementation), {})
