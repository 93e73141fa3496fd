"""A report as a picture: how many times the streaming floor every call takes, one panel per mode."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkparity.formats.whole_file import write_whole

from .errors import BenchError
from .geometries import written
from .plan import BARE
from .report import Report, Timing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg")
#: Okabe and Ito's colours, told apart by every eye, and a marker each.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C00")
_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")


def check_path(path: Path) -> None:
    """Before anything is measured. Raises BenchError, ModuleNotFoundError."""

    if path.suffix.lower() not in FORMATS:
        raise BenchError(f"--plot {path}: ends in neither of {', '.join(FORMATS)}")


def plot(report: Report, path: Path) -> None:
    """Write the picture. Raises OSError, and BenchError where nothing was measured."""
    from matplotlib.figure import Figure

    modes = [m for m in report.plan.modes if any(t.mode == m and t.floor for t in report.timings)]
    if not modes:
        raise BenchError(f"{path} not written: nothing was measured")
    names = list(dict.fromkeys(t.implementation for t in report.timings if t.floor))
    height = 1.2 + 0.55 * len(report.plan.shapes) * max(1.0, len(names) / 6)
    figure = Figure(figsize=(3.6 * len(modes) + 2.0, max(height, 3.0)), layout="constrained")
    panels = figure.subplots(1, len(modes), sharey=True, squeeze=False)[0]
    for panel, mode in zip(panels, modes, strict=True):
        _panel(panel, report, mode, names)
    panels[0].set_yticks(range(len(report.plan.shapes)), [written(s) for s in report.plan.shapes])
    panels[0].invert_yaxis()
    handles = [_handle(names, name, True) for name in names] + [_handle([], "through the contract", False)]
    figure.legend(handles=handles, loc="outside right upper", frameon=False, fontsize=8)
    threads = report.plan.threads
    figure.suptitle(f"Time as a multiple of the streaming floor, {threads} thread{'s' * (threads > 1)}, "
                    f"outputs: {report.plan.outputs}", fontsize=10)  # fmt: skip
    format, content = path.suffix.lower()[1:], io.BytesIO()
    figure.savefig(content, format=format, dpi=130, metadata={"Date": None} if format == "svg" else {})
    write_whole(path, content.getvalue())


def _panel(panel: Axes, report: Report, mode: str, names: Sequence[str]) -> None:
    panel.axvline(1.0, color="0.4", linewidth=1)
    for row in range(len(report.plan.shapes)):
        if row % 2:
            panel.axhspan(row - 0.5, row + 0.5, color="0.95", zorder=0)
    for t in (t for t in report.timings if t.mode == mode and t.floor and t.seconds):
        _point(panel, report, t, names)
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter("{x:g}")
    panel.set_title(mode, fontsize=9)
    panel.set_xlabel("time / floor", fontsize=8)
    panel.tick_params(labelsize=8)
    panel.grid(axis="x", which="major", linewidth=0.4)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)


def _point(panel: Axes, report: Report, t: Timing, names: Sequence[str]) -> None:
    assert t.floor
    assert t.seconds
    place = names.index(t.implementation)
    row = report.plan.shapes.index(t.shape) + 0.8 * ((place + 0.5) / len(names) - 0.5)
    at = 1.0 / t.floor
    low, high = (abs(at * (edge / t.seconds.median - 1)) for edge in (t.seconds.low, t.seconds.high))
    panel.errorbar(
        at, row, xerr=[[low], [high]], markersize=5, elinewidth=0.8, **_style(names, t.implementation, t.way == BARE)
    )


def _style(names: Sequence[str], name: str, filled: bool) -> dict[str, Any]:
    place = names.index(name) if name in names else 0
    colour = _COLOURS[place % len(_COLOURS)] if name in names else "0.4"
    return {
        "color": colour,
        "marker": _MARKERS[place % len(_MARKERS)],
        "markerfacecolor": colour if filled else "white",
    }


def _handle(names: Sequence[str], name: str, filled: bool) -> Any:
    from matplotlib.lines import Line2D

    label = name if filled else f"hollow: {name}"
    return Line2D([], [], linestyle="none", label=label, **_style(names, name, filled))
