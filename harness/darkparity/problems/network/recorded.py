"""Tensors recorded in the network itself: activations and delta of its layers; recorded results are judged too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from darkparity.formats.tensor_files import InputError, load
from darkparity.problems.own_tensors import BACKWARD_RESULTS, FORWARD_RESULTS, Layer, layers_in
from darkparity.spec import BACKWARD, FORWARD, Arrays, Geometry

from .cfg import Network
from .section import Part
from .weights import Weights

Mode = tuple[str, bool]  # operation, train

_INDEX = re.compile(r"\d+$")
_OF_A_LAYER = re.compile(r"\d_")
#: What a backward reads beside activations and parameters.
_BACKWARD_READS = ("delta", "bias_updates", "scale_updates")
_SAVED_BY_FORWARD = ("x_norm", "mean", "variance")


@dataclass(frozen=True)
class Recorded:
    """One layer. activations: (batch, channels, height, width).

    read: delta and accumulators before a backward. state: x_norm, mean, variance that it found.
    results: mode -> what came out, where it was recorded with the parameters of the file.
    """

    activations: np.ndarray
    read: Arrays = field(default_factory=dict)
    state: Arrays = field(default_factory=dict)
    results: Mapping[Mode, Arrays] = field(default_factory=dict)


def read_recorded(path: Path, network: Network, weights: Weights) -> dict[int, Recorded]:
    """Layer index -> recording, from arrays named like `bn022_input`; empty if the file has none such (an image).

    Raises InputError where a recording does not fit its layer.
    """
    found = {name: array for name, array in load(path).items() if _OF_A_LAYER.search(name)}
    indexed = {int(m.group()): layer for layer in layers_in(path, found)[0] if (m := _INDEX.search(layer.prefix))}
    parts = {layer.index: (layer, part) for layer, part in network.normalized if not part.suffix}
    wrong = [layer.prefix for index, layer in indexed.items() if index not in parts]
    if wrong:
        raise InputError(f"{path}: {', '.join(wrong)}: {network.path.name} has no batch-normalized layer of that "
                         f"number; there are {', '.join(map(str, parts))}")  # fmt: skip
    return {i: _recorded(path, layer, parts[i][1], weights.parameters(*parts[i])) for i, layer in indexed.items()}


def _recorded(path: Path, layer: Layer, part: Part, parameters: Arrays) -> Recorded:
    height, width, channels = part.size
    given = layer.before("input")
    given = layer.before("x") if given is None else given
    if given is None or given.ndim != 4 or given.shape[1:] != (channels, height, width):
        found = "no input" if given is None else f"input of shape {given.shape}"
        raise InputError(f"{path}: {layer.prefix} has {found}; its layer takes (N, {channels}, {height}, {width})")
    fit = partial(_fitted, f"{path}: {layer.prefix}", Geometry.of_layer(len(given), channels, height, width))
    read = fit({n: a for n in _BACKWARD_READS if (a := layer.given_before(n)) is not None})
    state = fit({n: a for n in _SAVED_BY_FORWARD if (a := layer.after(n)) is not None})
    results = _results(layer, train=bool(state)) if _same(layer, parameters) else {}
    return Recorded(given, read, state, {mode: fit(arrays) for mode, arrays in results.items()})


def _fitted(where: str, geometry: Geometry, arrays: Arrays) -> dict[str, np.ndarray]:
    """(batch, channels, height, width) -> A, by name. Raises InputError on what its input does not imply."""
    for name, array in arrays.items():
        if array.size != np.prod(shape := geometry.shape_of(name)):
            raise InputError(f"{where} {name} has shape {array.shape}, input implies {shape}")
    return {name: array.reshape(geometry.shape_of(name)) for name, array in arrays.items()}


def _same(layer: Layer, parameters: Arrays) -> bool:
    """Whether what was recorded of the parameters is what the file holds."""
    recorded = {name: layer.before(name) for name in parameters}
    return all(a is not None and np.array_equal(a, parameters[name]) for name, a in recorded.items())


def _results(layer: Layer, train: bool) -> dict[Mode, Arrays]:
    wanted = dict[Mode, tuple[str, ...]]()
    if layer.after("output") is not None:
        wanted[FORWARD, train] = ("output", *(FORWARD_RESULTS if train else ()))
    if ("delta", "after") in layer.arrays and all(layer.given_before(n) is not None for n in _BACKWARD_READS):
        wanted[BACKWARD, train] = BACKWARD_RESULTS
    return {mode: {n: a for n in names if (a := layer.after(n)) is not None} for mode, names in wanted.items()}
