"""What fails, where and why: the first cases of each operation, each with the command that shows it again."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from darkparity.cli.show.screen import FAILED

from .reasons import bound_reason, direction, number, place
from .runfile import Record, Run
from .summary import failures_of, labels_of

#: Cases shown per implementation and operation.
SHOWN = 3


def show_failures(console: Console, run: Run, output: str) -> None:
    """Print the failures of a run, operation by operation."""
    for (implementation, dialect, operation), results in failures_of(run).items():
        verdicts = ", ".join(dict.fromkeys(r["verdict"] for r in results))
        title = f"{implementation} {operation} {verdicts} ({len(results)} cases, dialect {dialect})"
        console.print(title, style=FAILED)
        for result in results[:SHOWN]:
            _show(console, result, labels_of(run, implementation))
        if len(results) > SHOWN:
            console.print(
                f"  and {len(results) - SHOWN} more cases of {operation}, in {output}\n", soft_wrap=True
            )


def explained(result: Record, labels: Sequence[str]) -> str:
    """One failure as plain text: what `check` prints of it."""
    rows = [*_rows(result, labels), ("reproduce", result["reproduce"])]
    lines = [f"{name:9}  {text}" for name, text in rows]
    return "\n".join([f"{result['implementation']} {result['question']} {result['verdict']}", *lines])


def _show(console: Console, result: Record, labels: Sequence[str]) -> None:
    console.print(f"  {result['question']}", style="bold", soft_wrap=True)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in _rows(result, labels):
        grid.add_row(f"    {name:9}", text)
    console.print(grid)
    # Not wrapped: a command is there to be copied.
    console.print(f"    reproduce  {result['reproduce']}\n", soft_wrap=True)


def _rows(result: Record, labels: Sequence[str]) -> list[tuple[str, str]]:
    rows = [("exposes", result["fault"])] if result["fault"] else []
    rows += [("mode", direction(result))] if direction(result) else []
    if result["verdict"] != "deviates":
        return rows + _failure_rows(result)
    outside = [c for c in result["comparisons"] if c["deviating"]]
    rows += _deviation_rows(result, outside[0], labels)
    if outside[1:]:
        rows.append(
            ("also", ", ".join(f"{c['array']} ({c['deviating']} of {c['elements']})" for c in outside[1:]))
        )
    rows.append(("stage", result["detail"]["stage"]))
    broken = result["detail"]["broken_claim"]
    if broken:
        rows.append(("claim", f"conforms without the declared {broken}: the claim is wrong"))
    return rows


def _failure_rows(result: Record) -> list[tuple[str, str]]:
    detail = result["detail"]
    kind = f"{detail['kind']}: " if "kind" in detail else ""
    said = detail.get("message") or f"no answer within {detail.get('seconds')} s"
    return [(result["verdict"], f"{kind}{said}")]


def _deviation_rows(result: Record, c: Record, labels: Sequence[str]) -> list[tuple[str, str]]:
    ratio = float(c["worst_ratio"])
    distance = "another class" if c["class_conflict"] else f"{c['worst_ulp']} ULP at most"
    return [
        ("array", f"{c['array']}: {c['deviating']} of {c['elements']} elements outside; worst at {place(c)}"),
        ("got", f"{number(c['got'])}, expected {number(c['expected'])}"),
        ("bound", bound_reason(result, c, labels)),
        ("distance", f"{distance}, error/bound {ratio:.3g}"),
    ]
