"""A user's own network as problems: every batch-normalized layer of a cfg with the parameters of its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from darkparity.dialects import DEFAULT, DIALECTS
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, NoCases, check_names
from darkparity.spec import LAYER_OPERATIONS

from .asking import OwnNetwork, open_network, problems_of
from .delta_differences import delta_differences
from .differences import differences


def own_network(
    cfg: Path | None, weights: Path | None, image: Path | None, filters: Filters, seed: int
) -> tuple[list[Problem], dict[str, Any]]:
    """Problems for every layer, and what the header says of the network. Raises InputError, NoCases."""
    if cfg is None or weights is None:
        raise NoCases("--cfg and --weights go together")
    check_names("dialect", filters.dialects, DIALECTS)
    check_names("operation", filters.operations, LAYER_OPERATIONS)
    own = open_network(cfg, weights, image, seed)
    asked = problems_of(own, [DIALECTS[name] for name in filters.dialects])
    chosen = [q for q in asked if filters.matches(q.operation, q.id, q.id)]
    if not chosen:
        raise NoCases(f"no layer matches; there are {', '.join(q.id for q in asked[:4])}, ...")
    return chosen, {"network": _noted(own, asked)}


def _noted(own: OwnNetwork, asked: list[Problem]) -> dict[str, Any]:
    ours = [q for q in asked if q.dialect.name == DEFAULT] or problems_of(own, [DIALECTS[DEFAULT]])
    return {
        "cfg": str(own.network.path),
        "weights": str(own.weights.path),
        "version": ".".join(map(str, own.weights.version)),
        "seen": own.weights.seen,
        "layers": len(own.asked),
        "notes": list(own.notes),
        "differences": differences(own, ours),
        "delta_differences": delta_differences(own),
    }
