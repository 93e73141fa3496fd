"""How far other dialects' backward moves each layer's delta: same activations, same delta, own statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from darkparity.dialects import DEFAULT, DIALECTS, Dialect
from darkparity.oracle import evaluate
from darkparity.oracle.deviations.plain import Plain
from darkparity.spec import BACKWARD, Call

from .asking import Asked, OwnNetwork, arrays_of, attributes_of

MODES = {"training": True, "inference": False}
Deltas = dict[str, np.ndarray]


def delta_differences(own: OwnNetwork) -> list[dict[str, Any]]:
    """One row per layer, worst training first: dialects -> mode -> largest change of delta over its contrast.

    Dialects that no field tells apart here share a column; those that give DarkNet's delta have none.
    """
    rows = [_row(asked, others()) for asked in own.asked]
    return sorted(rows, key=lambda row: -max(m["training"] for m in row["others"].values()))


def others() -> dict[str, Dialect]:
    """Names of the dialects with one and the same delta, joined -> one of them; not that of `darknet`."""
    groups: list[list[Dialect]] = []
    for row in (d for d in DIALECTS.values() if not d.inference_only):
        same = next((g for g in groups if _for_delta(g[0]) == _for_delta(row)), None)
        groups.append([row]) if same is None else same.append(row)
    return {", ".join(d.name for d in g): g[0] for g in groups if DIALECTS[DEFAULT] not in g}


def _for_delta(row: Dialect) -> Dialect:
    """The row without the fields that x, mean, variance and delta do not depend on."""
    default = DIALECTS[DEFAULT]
    kept = ("name", "summary", "sources", "rolling", "rolling_connected", "rolling_ddof", "saves_x",
            "initial_rolling_variance", "saves_x_norm", "bias_gradient", "routines", "rolling_updated_in",
            "rolling_weight", "output_form", "variance_form", "refuses_m_1", "momentum_convention")  # fmt: skip
    # DarkNet's three terms take x, mean and variance: what its forward divided by plays no part
    unread = ("normalize",) if row.backward == "three_term" and row.saved_statistic == "variance" else ()
    clamped = ("least_divisor",) if row.variance_ddof == 0 else ()  # m is never below 1
    # 1/std kept or computed again: one gradient; what a fixed statistic in inference mode is, is the file's
    saved = ("saved_statistic",) if row.inference_backward == "fixed" else ()
    return replace(row, **{name: getattr(default, name) for name in (*kept, *unread, *clamped, *saved)})


def _row(asked: Asked, dialects: dict[str, Dialect]) -> dict[str, Any]:
    right = _deltas(asked, DIALECTS[DEFAULT])
    found = {name: _deltas(asked, row) for name, row in dialects.items()}
    return {
        "layer": asked.name,
        "geometry": list(asked.shape),
        "others": {name: {mode: _relative(right[mode], deltas[mode]) for mode in MODES}
                   for name, deltas in found.items()},
    }  # fmt: skip


def _deltas(asked: Asked, dialect: Dialect) -> Deltas:
    """Mode -> delta, A, float64."""
    found = {}
    for mode, train in MODES.items():
        call = Call(BACKWARD, dialect, arrays_of(asked, dialect, BACKWARD, train), attributes_of(asked, train))
        with np.errstate(all="ignore"):
            (after,) = evaluate(call, Plain.lift)
        found[mode] = after["delta"].v
    return found


def _relative(right: np.ndarray, other: np.ndarray) -> float:
    """A channel's largest change over half the range of its delta; infinite where only the other one is NaN."""
    with np.errstate(invalid="ignore"):
        moved = np.abs(other - right).max(axis=(0, 2))
        contrast = np.ptp(right, axis=(0, 2)) / 2
    visible = contrast > 0
    ratios: Sequence[float] = np.nan_to_num(moved[visible] / contrast[visible], nan=np.inf, posinf=np.inf)
    return float(np.max(ratios, initial=0.0))
