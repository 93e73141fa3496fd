"""Timings as tables, fastest first; who does not conform is shown and not ranked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from darkparity.bench import Report, Timing, written
from darkparity.bench.history import Change, Older, changes
from darkparity.bench.report import Spread

from .screen import FAILED, STYLES, show_table, table

Changes = Mapping[Any, Change]


def show(console: Console, report: Report, record: Mapping[str, Any], older: Older | None = None) -> None:
    """Print the report."""
    for line in _heading(report, record):
        console.print(line, soft_wrap=True)
    for name, reason in record["absent"].items():
        console.print(f"{name}: not installed: {reason}", style="yellow", soft_wrap=True)
    found = changes(report, older) if older else {}
    for mode in report.plan.modes:
        console.print(f"\n{mode}", style="bold")
        rows = _table(report, mode, found, older is not None)
        # A table is never folded to the terminal: numbers would be cut in two.
        wide = console.options.update(width=200)
        console.width = max(console.width, console.measure(rows, options=wide).maximum)
        show_table(console, rows)
        _show_notes(console, report, mode)
    if older:
        _show_older(console, record["compared"])


def _heading(report: Report, record: Mapping[str, Any]) -> list[str]:
    plan = report.plan
    return [
        f"{plan.threads} thread{'s' * (plan.threads > 1)}, {record['cpu']}; outputs asked for: "
        + ("all but x and x_norm" if plan.outputs == "output" else "all"),
        "run: through the harness's contract, its checks and copies included; bare: the function alone",
        f"x {report.baseline}: how many times as fast, paired by round, called the same way; [quartiles]",
        f"GB/s, % floor: of the arrays that must be read and written; floor: {report.floor_method}, same run",
        "busy: processor time of all threads / time; below the threads in use, others had the processor",
    ]


def _table(report: Report, mode: str, found: Changes, compared: bool) -> Table:
    numbers = ("ms", "+-%", f"x {report.baseline}", "GB/s", "% floor", "busy")
    extra = ("x old", "relative") if compared else ()
    rows = table("", "", "", *numbers, *extra, right=(*numbers, *extra))
    for shape in report.plan.shapes:
        rows.add_row(written(shape), style="bold")
        group = (t for t in report.timings if (t.mode, t.shape) == (mode, shape))
        for t in sorted(group, key=_rank):
            changed = _changed(found.get(t.key)) if compared else ()
            rows.add_row(*_cells(t, changed), style=_style(t))
    return rows


def _rank(t: Timing) -> tuple[str, float]:
    """Bare before run: one ranking each; unmeasured last."""
    return (t.way, t.seconds.median) if t.seconds else ("~", math.inf)


def _style(t: Timing) -> str:
    return "" if t.seconds else STYLES.get(t.verdict, FAILED)


def _cells(t: Timing, changed: tuple[str, ...]) -> tuple[str, ...]:
    if t.seconds is None:
        return f" {t.implementation}", t.dialect, t.way, "-", "-", f"{t.verdict}, not ranked"
    s = t.seconds
    return (
        f" {t.implementation}",
        t.dialect,
        t.way,
        f"{s.median * 1e3:.3g}",
        f"{50 * (s.high - s.low) / s.median:.0f}",
        _ratio(t.ratio),
        f"{t.gigabytes:.1f}",
        f"{100 * (t.floor or 0):.0f}",
        "" if t.busy is None else f"{t.busy:.1f}",
        *changed,
    )


def _show_notes(console: Console, report: Report, mode: str) -> None:
    """Once each: what is read and written, what is missing, why somebody is not ranked; then the means."""
    needs: dict[str, list[str]] = {}
    for t in (t for t in report.timings if t.mode == mode):
        parts = (str(t.traffic), t.note) if t.seconds else (f"{t.verdict}, not ranked", t.note)
        needs.setdefault("; ".join(filter(None, parts)), []).append(f"{t.implementation} {t.way}")
    for note, names in needs.items():
        console.print(f"{note}: {', '.join(dict.fromkeys(names))}", style="dim", soft_wrap=True)
    means = {(way, name): mean for (which, way, name), mean in report.means().items() if which == mode}
    for (way, name), mean in means.items():
        if len(report.plan.shapes) > 1 and name != report.baseline:
            console.print(f"geometric mean of {name} {way}: {mean:.2f} x {report.baseline}")


def _ratio(ratio: Spread | None) -> str:
    return f"{ratio.median:.2f} [{ratio.low:.2f} - {ratio.high:.2f}]" if ratio else "-"


def _changed(change: Change | None) -> tuple[str, str]:
    values = (change.seconds, change.relative) if change else (None, None)
    first, second = (f"{v:.2f}" if v else "-" for v in values)
    return first, second


def _show_older(console: Console, compared: Mapping[str, Any]) -> None:
    console.print(f"\nx old: median of {compared['file']} / median now; relative: the same of the ratios to the "
                  "baseline, in which the machine's mood cancels", soft_wrap=True)  # fmt: skip
    for line in compared["machine"]:
        console.print(f"other machine: {line}", style="yellow", soft_wrap=True)
    if compared["machine"]:
        console.print("another machine or build: compare the relative column only", style="yellow")
