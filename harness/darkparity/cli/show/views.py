"""A run as text or as one JSON object, made from its records alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from darkparity.dialects import DEFAULT
from darkparity.formats.records import to_json
from darkparity.judging.result import Result
from darkparity.judging.verdict import comparisons_of
from darkparity.report.overview import headline, judged
from darkparity.report.records import Distance
from darkparity.report.run import Run
from darkparity.report.runfile import as_json as record_json
from darkparity.report.summary import Cell, Summary, failures_of, known_of
from darkparity.report.unseen import Unseen

from .diagnoses import show_diagnoses
from .failures import show_failures
from .network import show_network
from .screen import FAILED, show_table, style_of, table

NO_EVIDENCE_SHOWN = 10
REFUSALS_SHOWN = 3
UNSEEN_SHOWN = 8
MISSING_SHOWN = 5


def as_json(run: Run, output: str) -> dict[str, Any]:
    """Everything `check --json` prints."""
    summary = run.summary
    failing = [r for group in failures_of(run).values() for r in group]
    plain = to_json(summary)
    no_evidence = [
        {"implementation": r.implementation, "case": r.case, "reason": _reason(r)} for r in summary.no_evidence
    ]
    return {
        "header": record_json(run.header),
        **plain,
        "no_evidence": no_evidence,
        "failures": [record_json(r) for r in failing],
        "known": [record_json(r) for r in known_of(run)],
        "diagnoses": [record_json(d) for d in run.diagnoses],
        "pairs": [record_json(p) for p in run.pairs],
        "footer": run.footer and record_json(run.footer),
        "run_file": output,
    }


def show_head(console: Console, run: Run, cases: int) -> None:
    """Which implementations are asked what, from where."""
    head = run.header
    versions = ", ".join(f"{name} {version}" for name, version in head.versions.items())
    console.print(f"darkparity {head.suite_version} on {versions}; {head.cpu}")
    source = head.store.path if head.store else head.options.get("cfg") or head.options["input"]
    console.print(f"{'golden store' if head.store else 'input'}  {source}  ({cases} cases)", soft_wrap=True)
    rows = table("implementation", "version", "labels", "details", fold="details")
    for d in head.implementations:
        rows.add_row(d.name, d.version, ", ".join(d.labels) or "none", d.details)
    for name, reason in head.absent.items():
        rows.add_row(name, "not installed", "", reason, style="yellow")
    show_table(console, rows)
    for note in head.notes:
        console.print(note, style="yellow", soft_wrap=True)
    if head.input and head.input.ignored:
        console.print(f"ignored names in the file: {', '.join(head.input.ignored)}", style="yellow")
    if head.input and head.input.drawn:
        drawn = ", ".join(head.input.drawn)
        console.print(f"not in the file, generated from seed {head.seed}: {drawn}", style="yellow")
    console.print()


def show_result(console: Console, run: Run, output: str) -> None:
    """Tables, distances, failures, and one closing line."""
    summary = run.summary
    several = {c.dialect for c in summary.cells} != {DEFAULT}  # in which one it conforms must be seen
    for key in dict.fromkeys((c.implementation, c.dialect) for c in summary.cells):
        title = f"{key[0]}, dialect {key[1]}" if several else key[0]
        _show_cells(console, title, [c for c in summary.cells if (c.implementation, c.dialect) == key])
    _show_pairs(console, run.pairs, several)
    _show_no_evidence(console, summary)
    _show_blind_spots(console, summary)
    _show_vacuous(console, run)
    _show_known(console, run)
    show_failures(console, run, output)
    show_diagnoses(console, run.diagnoses)
    show_network(console, run.header.network)
    _show_end(console, run, summary, output)


def _show_cells(console: Console, title: str, cells: Sequence[Cell]) -> None:
    console.print(title, style="bold")
    shown = [c for c in cells if c.verdict != "unsupported"]
    rows = table(
        "operation",
        "verdict",
        "worst ULP",
        "error/bound",
        "cases",
        "vacuous",
        right=("worst ULP", "error/bound", "cases", "vacuous"),
        fold="operation",
    )
    for c in shown:
        rows.add_row(
            c.operation,
            c.verdict,
            str(c.worst_ulp),
            f"{c.worst_ratio:.3g}",
            _cases(c),
            str(c.vacuous),
            style=style_of(c.verdict) if c.verdict != "conforms" else "",
        )
    if shown:
        show_table(console, rows, spare=("vacuous", "worst ULP"))
    absent = [c.operation for c in cells if c.verdict == "unsupported"]
    if absent:
        console.print(f"unsupported: {', '.join(absent)}", style="yellow")
    for c in shown:
        _show_unseen(console, c)
    console.print()


def _cases(cell: Cell) -> str:
    return f"{cell.failures} of {judged(cell)}" if cell.failures else judged(cell)


def _show_unseen(console: Console, cell: Cell) -> None:
    if cell.unobserved:
        console.print(f"{cell.operation}: not observed: {', '.join(cell.unobserved)}", style="yellow")
    if cell.uneven:
        text = f"{cell.operation}: came back in some cases only, of the same mode: {', '.join(cell.uneven)}"
        console.print(text, style=FAILED)
    for reason in cell.refusals[:REFUSALS_SHOWN]:
        console.print(f"{cell.operation}: unsupported in some cases: {reason}", style="yellow", soft_wrap=True)
    if cell.varying:
        text = f"{cell.operation}: {cell.varying} cases: the same inputs got other bits, inside the bounds"
        console.print(text, style="yellow")
    if cell.blind:
        console.print(f"{cell.operation}: no element could have deviated: {', '.join(cell.blind)}", style="yellow")


def _show_pairs(console: Console, pairs: Sequence[Distance], several: bool) -> None:
    if not pairs:
        return
    console.print("pairwise distances (decide nothing where both conform)", style="bold")
    numbers = ("max ULP", "% bit-equal", "|a-b|/bounds", "elements")
    rows = table("pair", *numbers, right=numbers, fold="pair")
    for p in pairs:
        name = f"{p.left} - {p.right}" + (f" ({p.dialect})" if several else "")
        rows.add_row(
            name,
            str(p.max_ulp),
            f"{p.percent_equal:.2f}",
            f"{p.ratio:.3g}",
            str(p.elements),
        )
    show_table(console, rows)
    console.print("ULPs are shown, not judged: next to zero they grow without limit.\n", style="dim")


def _show_blind_spots(console: Console, summary: Summary) -> None:
    """What the run would not have noticed, alike for implementations that share it."""
    grouped: dict[str, list[str]] = {}
    for row in summary.unseen:
        grouped.setdefault(_unseen(row), []).append(f"{row.implementation} ({row.dialect})")
    for text, names in grouped.items():
        console.print(f"{', '.join(names)}: {text}", style="yellow")


def _unseen(row: Unseen) -> str:
    if not row.known:
        return (
            "which deviations this run could not have seen was not worked out: "
            "its cases are of real layer size or drawn anew"
        )
    shown = ", ".join(row.names[:UNSEEN_SHOWN]) + (", ..." if len(row.names) > UNSEEN_SHOWN else "")
    return f"this run could not have seen {len(row.names)} of {row.catalogued} catalogued deviations: {shown}"


def _show_no_evidence(console: Console, summary: Summary) -> None:
    grouped: dict[tuple[str, str], list[str]] = {}
    for r in summary.no_evidence:
        grouped.setdefault((r.case, _reason(r)), []).append(r.implementation)
    if not grouped:
        return
    console.print("no evidence (single cases that nothing could have failed)", style="bold yellow")
    for (problem, reason), names in list(grouped.items())[:NO_EVIDENCE_SHOWN]:
        console.print(f"  {problem}: {reason} ({', '.join(names)})")
    if len(grouped) > NO_EVIDENCE_SHOWN:
        console.print(f"  and {len(grouped) - NO_EVIDENCE_SHOWN} more, in the run file")
    console.print()


def _show_vacuous(console: Console, run: Run) -> None:
    """Of the user's own tensors: which elements could not have failed."""
    if run.header.input is None:
        return
    found = {
        f"{r.case}: {c.array}: {c.vacuous} of {c.elements}"
        for r in run.results
        for c in comparisons_of(r.verdict)
        if c.vacuous
    }
    if found:
        console.print("vacuous elements (no evidence: their bound is infinite)", style="bold yellow")
        for line in sorted(found):
            console.print(f"  {line}", soft_wrap=True)
        console.print()


def _show_known(console: Console, run: Run) -> None:
    found = [(r, r.known) for r in known_of(run) if r.known]
    if not found:
        return
    console.print("known differences", style="bold yellow")
    for r, excuse in found:
        what = f"{r.implementation} {r.case} {r.verdict.word}"
        console.print(f"  {what}: {excuse.reason}", soft_wrap=True)
    console.print()


def _show_end(console: Console, run: Run, summary: Summary, output: str) -> None:
    style = "bold green" if run.footer and not summary.exit_code else FAILED
    for name, number in summary.missing.items():
        some = run.header.export.missing[:MISSING_SHOWN] if run.header.export else ()
        named = f": {', '.join(some)}{', ...' if number > len(some) else ''}" if some else ""
        text = f"{name}: {number} of {run.header.cases} answers are missing{named}"
        console.print(text, style=FAILED, soft_wrap=True)
    for name, operations in summary.refused.items():
        if name not in summary.unjudged:
            console.print(f"{name}: asked for by name, not offered: {', '.join(operations)}", style=FAILED)
    for name in summary.unjudged:
        console.print(f"{name}: nothing was judged, so nothing conforms", style=FAILED)
    for what, why in run.header.unjudged.items():
        console.print(f"not judged: {what}: {why}", style=FAILED, soft_wrap=True)
    for line in summary.stale:
        console.print(f"stale known difference: {line}", style=FAILED, soft_wrap=True)
    console.print(f"run file  {output}", soft_wrap=True)
    console.print(headline(run, summary), style=style, soft_wrap=True)


def _reason(result: Result) -> str:
    return getattr(result.verdict, "reason", "")
