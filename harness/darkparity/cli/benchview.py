"""Timings as a table, fastest first; who does not conform is shown and not ranked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from darkparity.bench import Report, Timing
from darkparity.runfile import Record, environment

from .screen import FAILED, table


def as_json(report: Report) -> Record:
    """Everything measured, with the machine it was measured on."""
    return {
        **environment(),
        "threads": report.threads,
        "baseline": report.baseline,
        "timings": [asdict(t) for t in report.timings],
        "geometric_means": {f"{o} {i}": mean for (o, i), mean in means(report).items()},
        "exit_code": report.exit_code,
    }


def means(report: Report) -> dict[tuple[str, str], float]:
    """Geometric mean of the ratios by operation and implementation, of those measured on every geometry."""
    groups: dict[tuple[str, str], list[float | None]] = {}
    for t in report.timings:
        groups.setdefault((t.operation, t.implementation), []).append(t.ratio)
    complete = {key: [r for r in ratios if r] for key, ratios in groups.items() if all(ratios)}
    return {key: math.exp(sum(map(math.log, ratios)) / len(ratios)) for key, ratios in complete.items()}


def show(console: Console, report: Report, absent: Mapping[str, str]) -> None:
    """Print the report."""
    around = environment()
    console.print(
        f"{report.threads} thread, {around['cpu']}; medians of one run through the harness's contract "
        "(its checks and copies included)"
    )
    for name, reason in absent.items():
        console.print(f"{name}: not installed: {reason}", style="yellow")
    for operation in dict.fromkeys(t.operation for t in report.timings):
        console.print(f"\n{operation}, training", style="bold")
        _show_operation(console, [t for t in report.timings if t.operation == operation], report.baseline)
        for (which, name), mean in means(report).items():
            if which == operation:
                console.print(f"geometric mean of {name}: {mean:.2f} x {report.baseline}")


def _show_operation(console: Console, timings: Sequence[Timing], baseline: str) -> None:
    rows = table(
        "geometry",
        "implementation",
        "median ms",
        f"x {baseline}",
        "",
        right=("median ms", f"x {baseline}"),
        fold="",
    )
    for shape in dict.fromkeys(t.shape for t in timings):
        group = [t for t in timings if t.shape == shape]
        for t in sorted(group, key=lambda t: t.median or math.inf):
            _add(rows, "x".join(map(str, shape)), t)
    console.print(rows)


def _add(rows: Table, geometry: str, timing: Timing) -> None:
    if timing.median is None:
        rows.add_row(
            geometry,
            timing.implementation,
            "-",
            "-",
            f"{timing.verdict}, not ranked: {timing.note}",
            style=FAILED,
        )
        return
    ratio = f"{timing.ratio:.2f}" if timing.ratio else "-"
    rows.add_row(geometry, timing.implementation, f"{timing.median * 1e3:.2f}", ratio, "")
