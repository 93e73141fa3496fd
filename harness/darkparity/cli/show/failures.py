"""What fails, where and why: the first cases of each operation, each with the command that shows it again."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from darkparity.judging.result import Result
from darkparity.report.failures import failure_rows
from darkparity.report.run import Run
from darkparity.report.summary import failures_of

from .screen import FAILED

#: Cases shown per implementation and operation.
SHOWN = 3


def show_failures(console: Console, run: Run, output: str) -> None:
    """Print the failures of a run, operation by operation."""
    for (implementation, dialect, operation), results in failures_of(run).items():
        verdicts = ", ".join(dict.fromkeys(r.word for r in results))
        title = f"{implementation} {operation} {verdicts} ({len(results)} cases, dialect {dialect})"
        console.print(title, style=FAILED)
        for result in results[:SHOWN]:
            _show(console, result, run.labels_of(implementation))
        if len(results) > SHOWN:
            console.print(f"  and {len(results) - SHOWN} more cases of {operation}, in {output}\n", soft_wrap=True)


def _show(console: Console, result: Result, labels: Sequence[str]) -> None:
    console.print(f"  {result.case}", style="bold", soft_wrap=True)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in failure_rows(result, labels):
        grid.add_row(f"    {name:9}", text)
    console.print(grid)
    # Not wrapped: a command is there to be copied.
    console.print(f"    reproduce  {result.reproduce}\n", soft_wrap=True)
