"""What is printed where: plain tables on stdout, progress on stderr, colour on terminals only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

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
