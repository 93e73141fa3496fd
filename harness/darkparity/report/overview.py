"""A run in a few lines: what a notebook or an interpreter shows of it."""

from __future__ import annotations

from html import escape

from .records import Records
from .summary import Cell, Summary

WORDS = {0: "PASS", 1: "FAIL", 2: "ERROR", 3: "HARNESS FAULT"}
#: Failing cases that are named.
_SHOWN = 5


def text(run: Records, summary: Summary) -> str:
    """The closing line of `darkparity check`, then one line per implementation and the first failures."""
    lines = [f"<Run {headline(run, summary)}>"]
    for name, cells in _by_implementation(summary):
        lines.append(f"  {name}: {_counted(cells)}")
    lines += [f"  fails: {r.implementation} {r.case}" for r in run.failures[:_SHOWN]]
    lines += [f"  why: {d.implementation}: {d.sentence}" for d in run.diagnoses]
    return "\n".join(lines)


def html(run: Records, summary: Summary) -> str:
    """The same as a table."""
    rows = "".join(
        f"<tr><td>{escape(c.implementation)}</td><td>{escape(c.operation)}</td><td>{escape(c.dialect)}</td>"
        f"<td>{escape(c.verdict)}</td><td>{judged(c)}</td><td>{c.worst_ratio:.3g}</td></tr>"
        for c in summary.cells
    )
    names = ("implementation", "operation", "dialect", "verdict", "cases", "error/bound")
    head = "".join(f"<th>{name}</th>" for name in names)
    why = "".join(f"<li>{escape(d.implementation)}: {escape(d.sentence)}</li>" for d in run.diagnoses)
    return f"<p><b>{escape(headline(run, summary))}</b></p><table><tr>{head}</tr>{rows}</table><ul>{why}</ul>"


def headline(run: Records, summary: Summary) -> str:
    """`PASS 12 conforms; 0.3 s`; an interrupted run has no verdict."""
    counts = ", ".join(f"{n} {word}" for word, n in summary.counts.items()) or "nothing was judged"
    if run.footer is None:
        return f"INTERRUPTED  {counts}"
    return f"{WORDS[summary.exit_code]}  {counts}; {run.footer.seconds:.1f} s"


def judged(cell: Cell) -> str:
    """`57`, or `14 of 57 (43 unsupported)`."""
    return f"{cell.judged} of {cell.cases} ({cell.unsupported} unsupported)" if cell.unsupported else str(cell.cases)


def _by_implementation(summary: Summary) -> list[tuple[str, list[Cell]]]:
    names = dict.fromkeys(c.implementation for c in summary.cells)
    return [(name, [c for c in summary.cells if c.implementation == name]) for name in names]


def _counted(cells: list[Cell]) -> str:
    counts: dict[str, list[str]] = {}
    for cell in cells:
        counts.setdefault(cell.verdict, []).append(cell.operation)
    return ", ".join(f"{len(found)} operations {word}" for word, found in counts.items())
