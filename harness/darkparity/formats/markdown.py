"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Head, rule and rows, a line each; every line ends with a newline. Cells are shown by `str`."""
    titles = list(head)
    lines: list[Iterable[object]] = [titles, ["---"] * len(titles), *rows]
    return "".join(map(_line, lines))


def _line(cells: Iterable[object]) -> str:
    """A bar inside a cell would start another column, a newline another row."""
    texts = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(texts)} |\n"
