"""Makers of cases: what the rows of several tables have in common, so that a row says only what matters in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from darkparity.dialects import DIALECTS
from darkparity.spec import inputs_of

from .case import Case
from .fills import normal, uniform
from .recipe import Fill

#: A layer after some training: no accumulator is 0, nor the sum of delta; the statistics of the last batch are
#: not those of the data, and the rolling ones differ clearly from both, so that taking one for another shows.
LAYER: Mapping[str, Fill] = {
    "input": normal(0.5, 2.0),
    "output": normal(0.5, 2.0),
    "x": normal(0.5, 2.0),
    "x_norm": normal(),
    "delta": normal(0.25, 1.0),
    "scales": uniform(-1.5, 1.5),
    "biases": normal(0.0, 0.5),
    "mean": normal(0.5, 0.25),
    "variance": uniform(3.0, 5.0),
    "rolling_mean": normal(-1.0, 0.5),
    "rolling_variance": uniform(0.25, 1.0),
    "rolling_weight": uniform(0.5, 2.0),
    "bias_updates": normal(0.0, 2.0),
    "scale_updates": normal(0.0, 2.0),
}


def layer_fills(operation: str, kind: str, differing: Mapping[str, Fill]) -> dict[str, Fill]:
    """A fill for every array that a layer function, or a run of them, reads: as in `LAYER` where not `differing`.

    kind: the layer's type.
    """
    every = inputs_of(operation, {"type": kind}, DIALECTS["caffe"])  # the dialect that reads rolling_weight too
    return {**{name: LAYER[name] for name in every}, **differing}


class Row(Protocol):
    """Makes one case of a fixed operation: name, fault, shape, then the fills that matter here."""

    def __call__(self, name: str, fault: str, shape: tuple[int, ...], **fills: Fill) -> Case: ...


def rows_of(operation: str, ordinary: Mapping[str, Fill]) -> Row:
    """Return the maker of cases of the routine `operation`; arrays that a case does not name get `ordinary` fills."""

    def row(name: str, fault: str, shape: tuple[int, ...], **fills: Fill) -> Case:
        return Case(name, operation, fault, {**ordinary, **fills}, shape)

    return row
