"""What is printed where: plain tables on stdout, progress on stderr, colour on terminals only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Column, Table

#: Characters between two columns of a table.
_BETWEEN = 3
#: Verdict -> style; the word itself is always printed.
STYLES = {"conforms": "green", "known": "yellow", "inconclusive": "yellow", "unsupported": "dim"}
FAILED = "bold red"


def screen() -> Console:
    """stdout; text is printed as it is, indices in brackets included."""
    return Console(markup=False, highlight=False, emoji=False)


def style_of(verdict: str) -> str:
    """The style of a verdict's word."""
    return STYLES.get(verdict, FAILED)


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    json.dump(value, sys.stdout, indent=1, allow_nan=False)
    sys.stdout.write("\n")


def table(*columns: str, right: Sequence[str] = (), fold: str = "") -> Table:
    """An empty table; `right` columns hold numbers, `fold` is the one that may wrap."""
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        result.add_column(name, justify="right" if name in right else "left", no_wrap=name != fold, overflow="fold")
    return result


def show_table(console: Console, rows: Table, spare: Sequence[str] = ()) -> None:
    """Print a table whole: too wide for the console it loses its `spare` columns, in this order; what is left may be
    wider still, but no word or digit of it is cut."""
    for name in spare:
        if _width(rows) > console.width:
            rows = _without(rows, name)
    for column in rows.columns:
        column.min_width = _least_width(column)
    console.print(rows, width=max(console.width, _width(rows)), crop=False)


def _without(rows: Table, name: str) -> Table:
    """The table without one column."""
    kept = [column for column in rows.columns if column.header != name]
    less = Table(box=rows.box, pad_edge=rows.pad_edge, show_edge=rows.show_edge)
    for c in kept:
        less.add_column(c.header, justify=c.justify, no_wrap=c.no_wrap, overflow=c.overflow)
    for row, cells in zip(rows.rows, zip(*(column.cells for column in kept), strict=True), strict=True):
        less.add_row(*cells, style=row.style)
    return less


def _least_width(column: Column) -> int:
    """Characters without which a word would be cut, or a line of a column that does not wrap."""
    lines = [line for cell in (column.header, *column.cells) for line in str(cell).splitlines()]
    parts = lines if column.no_wrap else [word for line in lines for word in line.split()]
    return max(map(len, parts), default=1)


def _width(rows: Table) -> int:
    return sum(map(_least_width, rows.columns)) + _BETWEEN * (len(rows.columns) - 1)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A function (what, done, total) that moves a bar on a terminal and does nothing elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda what, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def move(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield move
