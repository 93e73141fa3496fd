"""How far the dialects lie from each other, by the oracle: `python -m darkparity.proof.pages.distances [DIRECTORY]`.

Writes docs/dialects-measured.md and its plots (matplotlib: extra `report`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from darkparity.cases.fills import normal
from darkparity.cases.recipe import fill
from darkparity.dialects import DIALECTS, Dialect
from darkparity.formats.markdown import table
from darkparity.oracle.bounds import ANY, expect_live
from darkparity.spec import AXES, BACKWARD, FORWARD, Call, Geometry, inputs_of

PAGE = "docs/dialects-measured.md"
#: Below this two correctly rounded float32 answers are the same.
_SAME = 2.5e-7
Values = np.ndarray
#: What is measured: title -> how a distance is read off two runs.
MEASURED = {
    "training output": "output",
    "inference output": "inference",
    "rolling variance after one step": "rolling_variance",
    "delta of a training backward": "delta",
}


def run(dialect: Dialect, spread: Values, batch: int = 4, spatial: int = 32) -> dict[str, Values]:
    """One training step and one inference of a layer whose channel c has standard deviation spread[c]."""
    return dict(_run(dialect.name, tuple(float(s) for s in spread), batch, spatial))


@cache
def _run(name: str, spread: tuple[float, ...], batch: int, spatial: int) -> Mapping[str, Values]:
    dialect, shape = DIALECTS[name], (batch, len(spread), spatial)
    wide = np.array(spread, np.float32)[:, None]
    state = {array: np.zeros(Geometry(*shape).shape_of(array), np.float32) for array in AXES}
    state |= {
        "output": fill(normal(), shape, "distances/x") * wide,
        "delta": fill(normal(mean=0.25), shape, "distances/delta"),
        **dict.fromkeys(("scales", "rolling_weight"), np.ones(len(spread), np.float32)),
        "rolling_variance": wide[:, 0] ** 2,
    }
    inference = _call(FORWARD, dialect, state, False)["output"]
    if dialect.inference_only:
        return {"inference": inference}
    forward = _call(FORWARD, dialect, state | {"rolling_variance": 2 * wide[:, 0] ** 2}, True)  # not yet settled
    saved = {k: v for k, v in forward.items() if k != "output"}
    backward = _call(BACKWARD, dialect, state | saved, True)
    weight = backward.get("rolling_weight", np.float32(1))
    return {
        "output": forward["output"],
        "rolling_variance": backward["rolling_variance"] / weight,
        "delta": backward["delta"],
        "inference": inference,
    }


def _call(operation: str, dialect: Dialect, state: Mapping[str, Values], train: bool) -> dict[str, Values]:
    spatial = state["output"].shape[2]
    how: dict[str, Any] = {"type": "CONVOLUTIONAL", "train": train, "out_h": 1, "out_w": spatial}
    arrays = {name: state[name] for name in inputs_of(operation, how, dialect)}
    return {n: e.value for n, e in expect_live(Call(operation, dialect, arrays, how), ANY).items()}


def distance(left: Mapping[str, Values], right: Mapping[str, Values], array: str) -> Values:
    """Per channel: largest difference over the largest magnitude of `left`; 0 where float32 cannot tell, NaN where
    one of them does not compute the array."""
    if array not in left or array not in right:
        return np.array([np.nan])
    a, b = (run_[array].astype(np.float64) for run_ in (left, right))
    axes = tuple(i for i in range(a.ndim) if i != a.ndim - 2) if a.ndim == 3 else ()
    apart, size = np.abs(a - b).max(axis=axes), np.abs(a).max(axis=axes)
    relative: Values = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0)
    return np.where(relative > _SAME, relative, 0.0)


def matrix(array: str, spread: float) -> list[list[float]]:
    """Largest distance of every dialect (row) from every other (column)."""
    runs = [run(d, np.full(8, spread)) for d in DIALECTS.values()]
    return [[float(distance(left, right, array).max()) for right in runs] for left in runs]


def _cell(value: float) -> str:
    if np.isnan(value):
        return "n/a"
    return f"{value:.1e}" if value else "="


def _matrix(array: str, spread: float) -> str:
    names = list(DIALECTS)
    rows = ([f"`{n}`", *map(_cell, row)] for n, row in zip(names, matrix(array, spread), strict=True))
    return table(("", *(f"`{n}`" for n in names)), rows)


def tables() -> str:
    """Every matrix: an ordinary layer, and one of small variance."""
    parts = []
    for title, array in MEASURED.items():
        parts.append(f"### {title.capitalize()}\n")
        for variance, spread in (("1", 1.0), ("1e-4", 0.01)):
            parts.append(f"Variance {variance}, m = 128:\n\n{_matrix(array, spread)}")
    return "\n".join(parts)


_HEAD, _END = "<!-- measured by darkparity.proof.pages.distances -->\n", "<!-- end -->"


def page(text: str) -> str:
    """The page with its tables made anew; the rest is written by hand."""
    before, _, rest = text.partition(_HEAD)
    _, _, after = rest.partition(_END)
    return f"{before}{_HEAD}\n{tables()}\n{_END}{after}"
