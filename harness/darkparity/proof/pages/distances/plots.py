"""The measured distances as plots: against variance, and against m."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.dialects import DEFAULT, DIALECTS

from .measured import Values, distance, run

_VARIANCES = np.logspace(-10, 2, 49)
_COUNTS = [2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
_TITLES = {
    "output": "training output",
    "inference": "inference output",
    "rolling_variance": "rolling variance",
    "delta": "delta",
}


def _over_variance(name: str, array: str) -> Values:
    spread = np.sqrt(_VARIANCES)
    return distance(run(DIALECTS[DEFAULT], spread), run(DIALECTS[name], spread), array)


def _over_count(name: str, array: str) -> Values:
    ones = np.ones(4)
    found = [distance(run(DIALECTS[DEFAULT], ones, 1, m), run(DIALECTS[name], ones, 1, m), array).max()
             for m in _COUNTS]  # fmt: skip
    return np.array(found)


#: File -> (axis, its values, arrays drawn, how a line is measured).
_PLOTS: Mapping[str, tuple[str, Any, tuple[str, ...], Callable[[str, str], Values]]] = {
    "distance-over-variance.svg": (
        "variance of the channel",
        _VARIANCES,
        ("inference", "delta"),
        _over_variance,
    ),
    "distance-over-m.svg": (
        "m = batch * height * width",
        _COUNTS,
        ("output", "rolling_variance"),
        _over_count,
    ),
}


def draw(directory: Path) -> list[str]:
    """Write every plot; dialects with the same line share it."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "darkparity", "svg.fonttype": "none", "font.size": 9})
    for name, plot in _PLOTS.items():
        _figure(directory / name, *plot)
    return [f"docs/{name}" for name in _PLOTS]


def _figure(path: Path, axis: str, places: Any, arrays: tuple[str, ...], measure: Callable[[str, str], Values]) -> None:
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(arrays), figsize=(11, 5.4), layout="constrained")
    for panel, array in zip(panels, arrays, strict=True):
        styles = cycle((style, marker) for marker in "osv^Dx" for style in ("-", "--"))
        for names, line in _groups(array, measure):
            style, marker = next(styles)
            shown = np.where(line > 0, line, np.nan)
            panel.loglog(places, shown, style, marker=marker, markersize=3, label=textwrap.fill(names, 70), linewidth=1)
        panel.set(xlabel=axis, ylabel="difference from darknet, relative", title=_TITLES[array])
        panel.grid(alpha=0.3)
        panel.legend(fontsize=7, loc="upper left", bbox_to_anchor=(0, -0.14), frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _groups(array: str, measure: Callable[[str, str], Values]) -> list[tuple[str, Values]]:
    """Lines that differ, each with the dialects that share it; the default dialect's own is left out."""
    groups: list[tuple[list[str], Values]] = []
    for name in DIALECTS:
        line = measure(name, array)
        if np.isnan(line).all():  # not computed
            continue
        same = next((names for names, other in groups if np.allclose(other, line, rtol=0.02, atol=0)), None)
        if name == DEFAULT or not line.any():
            continue
        if same is not None:
            same.append(name)
        else:
            groups.append(([name], line))
    return [(", ".join(names), line) for names, line in groups]
