"""The label `affine`: output folded to a x + b, judged by the larger of the bounds of both algebraic forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from darkparity.oracle import Environment, Variant
from darkparity.spec import Attributes, Stage

from .bounded import Bounded
from .ranges import Ranged

_FOLDED = "_folded"


def _fold(plain: tuple[Stage, ...], attributes: Attributes) -> tuple[Stage, ...]:
    """Stages of a forward pass with the folded output computed beside the plain one."""
    at = next((i for i, stage in enumerate(plain) if stage.routine == "normalize_cpu"), None)
    if at is None:
        return plain
    reads = plain[at].reads
    held = tuple(Stage("copy_cpu", {"X": array, "Y": f"_{name}"}, f"_{name}") for name, array in reads.items())
    folding = {name: f"_{name}" for name in reads} | {"scales": "scales", "biases": "biases"}
    return (*plain[:at], *held, *plain[at:], Stage("affine_output", folding, _FOLDED))


def folded(variant: Variant) -> Variant:
    """The same specification with the folded output computed beside the plain one."""
    return replace(variant, rewrite=lambda plain, attributes: _fold(variant.rewrite(plain, attributes), attributes))


def widen(environment: Environment) -> None:
    """Raise the bound of `output` to that of a x + b (looser where |mean| >> |x - mean|: a x and b cancel)."""
    plain, folded = environment["output"], environment.get(_FOLDED)
    if isinstance(folded, Ranged):
        environment["output"] = plain.either(folded)
    elif folded is not None:
        error = np.maximum(plain.e, folded.e)
        environment["output"] = Bounded(plain.v, error, plain.tainted, plain.profile)
