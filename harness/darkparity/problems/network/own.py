"""A user's own network as problems: every batch-normalized layer of a cfg with the parameters of its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkparity.dialects import DEFAULT, DIALECTS, named
from darkparity.problems.own_tensors import conforming, mode_note
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, NoCases, check_names
from darkparity.spec import LAYER_OPERATIONS

from .asking import Asked, OwnNetwork, Source, open_network, problems_of
from .delta_differences import delta_differences
from .differences import differences
from .modules import BatchNorm, paired


@dataclass(frozen=True)
class Module:
    """Somebody's network. batch_norms: in order of definition. pairs: `NAME=LAYER`, see `paired`."""

    batch_norms: Sequence[BatchNorm]
    pairs: Sequence[str] = ()


def own_network(
    cfg: Path | None,
    weights: Path | None,
    image: Path | None,
    filters: Filters,
    seed: int,
    train: bool | None = None,
    module: Module | None = None,
) -> tuple[list[Problem], dict[str, Any]]:
    """Problems for every layer, and what the header says of the network. Raises InputError, NoCases.

    image: or a recording. train: the mode that was recorded; None: what the recording suggests.
    module: somebody's network, whose batch norms are asked for results to be judged.
    """
    if cfg is None or weights is None:
        raise NoCases("--cfg and --weights go together")
    check_names("operation", filters.operations, LAYER_OPERATIONS)
    own = open_network(cfg, weights, Source(image, seed, None if module else train))
    dialects, states = [named(name) for name in filters.dialects], list[Problem]()
    if module is not None:
        found = paired(own, module.batch_norms, module.pairs, bool(train))
        own, states = found.own, list(found.states(dialects[0]))
    asked = [*states, *problems_of(own, dialects)]
    chosen = [q for q in asked if filters.matches(q.operation, q.id, q.id)]
    if not chosen:
        raise NoCases(f"no layer matches; there are {', '.join(q.id for q in asked[:4])}, ...")
    said = _other_mode(own, chosen, image, seed) if train is None and image and module is None else []
    return chosen, {"network": _noted(own, asked), "notes": said, "unjudged": own.unjudged}


def _other_mode(own: OwnNetwork, chosen: list[Problem], image: Path, seed: int) -> list[str]:
    """For each layer whose recording deviates: that it would conform in the other mode."""
    wrong = {a.layer.index: a for a in own.asked if a.recorded and _conforms(chosen, a) is False}
    if not wrong:
        return []
    other = open_network(own.network.path, own.weights.path, Source(image, seed, other=True))
    asked = problems_of(other, list({q.dialect.name: q.dialect for q in chosen}.values()))
    better = [a for a in other.asked if a.layer.index in wrong and _conforms(asked, a)]
    return [f"{a.name}: {mode_note(bool(a.recorded and a.recorded.train))}" for a in better]


def _conforms(problems: list[Problem], asked: Asked) -> bool | None:
    return conforming(q for q in problems if f"-{asked.name}-" in q.id)


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
