"""One failure as text: what `check`, pytest and reports say of it."""

from __future__ import annotations

from collections.abc import Sequence

from darkparity.judging.result import Result
from darkparity.judging.verdict import Crashed, Deviates, HarnessFault, NotDeterministic, TimedOut
from darkparity.oracle.bounds.compare import Comparison

from .overview import headline
from .reasons import bound_reason, direction, number, place
from .run import Run

#: Failures told in full by an assertion.
_TOLD = 3


def explained(result: Result, labels: Sequence[str]) -> str:
    """One failure as plain text: what `check` prints of it."""
    rows = [*failure_rows(result, labels), ("reproduce", result.reproduce)]
    lines = [f"{name:9}  {text}" for name, text in rows]
    return "\n".join([f"{result.implementation} {result.case} {result.word}", *lines])


def complaint(run: Run) -> str:
    """Why a run does not conform, as an assertion says it: the closing line, the first failures, the diagnoses."""
    lines = [headline(run, run.summary)]
    lines += [f"{name}: {n} answers are missing" for name, n in run.summary.missing.items()]
    lines += [f"{name}: not offered: {', '.join(operations)}" for name, operations in run.summary.refused.items()]
    lines += [f"{name}: nothing was judged" for name in run.summary.unjudged]
    uneven = [c for c in run.summary.cells if c.uneven]
    lines += [f"{c.implementation}: {c.operation}: in some cases only: {', '.join(c.uneven)}" for c in uneven]
    lines += [explained(r, run.labels_of(r.implementation)) for r in run.failures[:_TOLD]]
    lines += [f"and {len(run.failures) - _TOLD} more cases"] if len(run.failures) > _TOLD else []
    lines += [f"{r.implementation} {r.case}: {r.word}" for r in run.summary.no_evidence[:_TOLD]]
    lines += [f"diagnosis of {d.implementation}: {d.sentence}" for d in run.diagnoses]
    return "\n\n".join(lines)


def failure_rows(result: Result, labels: Sequence[str]) -> list[tuple[str, str]]:
    """Name and text of each line."""
    rows = [("looks for", result.fault)] if result.fault else []
    rows += [("mode", direction(result))] if direction(result) else []
    match result.verdict:
        case Deviates() as verdict:
            return rows + _deviates(result, verdict, labels)
        case NotDeterministic(change):
            return [*rows, (result.verdict.word, change)]
        case Crashed(kind, message):
            return [*rows, (result.verdict.word, f"{kind}: {message}")]
        case TimedOut(seconds):
            return [*rows, (result.verdict.word, f"no answer within {seconds:g} s")]
        case HarnessFault(message):
            return [*rows, (result.verdict.word, message)]
    return rows


def _deviates(result: Result, verdict: Deviates, labels: Sequence[str]) -> list[tuple[str, str]]:
    first, *others = (c for c in verdict.comparisons if not c.conforms)
    rows = _worst(result, first, labels)
    if others:
        rows.append(("also", ", ".join(f"{c.array} ({c.deviating} of {c.elements})" for c in others)))
    rows.append(("stage", verdict.stage))
    if verdict.broken_claim:
        rows.append(("claim", f"conforms without the declared {verdict.broken_claim}: the claim is wrong"))
    return rows


def _worst(result: Result, c: Comparison, labels: Sequence[str]) -> list[tuple[str, str]]:
    distance = "another class" if c.class_conflict else f"{c.worst_ulp} ULP at most"
    return [
        ("array", f"{c.array}: {c.deviating} of {c.elements} elements outside; worst at {place(c)}"),
        ("got", f"{number(c.got)}, expected {number(c.expected)}"),
        ("bound", bound_reason(result, c, labels)),
        ("distance", f"{distance}, error/bound {c.worst_ratio:.3g}"),
    ]
