"""The batch-normalized layers of one's own network as problems: real geometry and parameters, both modes,
forward and backward.

Activations are drawn to match the rolling statistics, rolling_mean + sqrt(rolling_variance) * normal; or they
come from an image through the layers before; or they were recorded in the network, as `bn022_input` for layer 22.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.cases.fills import normal
from darkparity.cases.recipe import fill
from darkparity.dialects import Dialect
from darkparity.formats.tensor_files import InputError
from darkparity.problems.problem import Generated, Problem, live_expectation
from darkparity.spec import BACKWARD, FORWARD, LAYER_OPERATIONS, Call, Geometry, inputs_of

from .cfg import Network, read_cfg
from .gradients import NOTE, backward_arrays, drawn_for
from .recorded import Recorded, read_recorded
from .section import Layer, Part
from .walk import Unwalkable, walk
from .weights import Weights, read_weights

#: Elements of one layer, and of all layers together: beyond, rows of pixels are left out and that is said.
_LAYER_ELEMENTS, _NETWORK_ELEMENTS = 10**6, 10**7
_BATCH = 2


@dataclass(frozen=True)
class Asked:
    """One layer as it is asked. activations: A, float32; shape: (batch, channels, height, width); seed: for delta."""

    layer: Layer
    part: Part
    parameters: Mapping[str, np.ndarray]
    activations: np.ndarray
    shape: tuple[int, int, int, int]
    seed: int = 0
    recorded: Recorded | None = None

    @property
    def name(self) -> str:
        return f"layer{self.layer.index:03d}" + (f"_{self.part.suffix}" if self.part.suffix else "")

    @property
    def key(self) -> str:
        """Names the stream of its drawn numbers."""
        return f"{self.seed}/{self.layer.index}/{self.part.suffix}"

    @property
    def cropped(self) -> bool:
        return self.shape[2] < self.part.size[0]


@dataclass(frozen=True)
class OwnNetwork:
    """notes: what a reader must know about the activations."""

    network: Network
    weights: Weights
    asked: tuple[Asked, ...]
    notes: tuple[str, ...]


def open_network(cfg: Path, weights: Path, image: Path | None = None, seed: int = 0) -> OwnNetwork:
    """Read both files and make the activations. Raises InputError."""
    network = read_cfg(cfg)
    if not network.normalized:
        raise InputError(f"{cfg}: no layer has batch_normalize=1: nothing to check")
    found = read_weights(weights, network)
    given, why = _given(network, found, image)
    asked = tuple(_ask(network, found, layer, part, given, seed) for layer, part in network.normalized)
    notes = [f"activations of {len(given)} of {len(asked)} layers from {image}" + why] if image else []
    if len(given) < len(asked):
        notes.append("drawn activations: rolling_mean + sqrt(rolling_variance) * normal, "
                     f"batch {_BATCH}, seed {seed}")  # fmt: skip
    cropped = [a.name for a in asked if a.cropped]
    if cropped:
        notes.append(f"only the first rows of pixels are asked of {', '.join(cropped)}")
    return OwnNetwork(network, found, asked, (*notes, NOTE))


def _given(network: Network, weights: Weights, image: Path | None) -> tuple[dict[int, Recorded], str]:
    """Layer index -> what enters its batch norm, recorded or walked to; where a walk ended early."""
    recorded = read_recorded(image, network, weights) if image else {}
    if image is None or recorded:
        return recorded, ""
    found: dict[int, Recorded] = {}
    try:
        found.update((index, Recorded(values[None])) for index, values in walk(network, weights, image))
    except Unwalkable as error:
        return found, f" (as far as {error})"
    return found, ""


def _ask(
    network: Network, weights: Weights, layer: Layer, part: Part, given: Mapping[int, Recorded], seed: int
) -> Asked:
    height, width, channels = part.size
    full = weights.parameters(layer, part)
    recorded = given.get(layer.index)
    limit = min(_LAYER_ELEMENTS, _NETWORK_ELEMENTS // len(network.normalized))
    batch = _BATCH if recorded is None else len(recorded.activations)
    rows = max(1, min(height, limit // (batch * channels * width)))
    shape = (batch, channels, rows, width)
    if recorded is None:
        return Asked(layer, part, full, _drawn(full, shape, f"{seed}/{layer.index}/{part.suffix}"), shape, seed)
    values = np.ascontiguousarray(recorded.activations[:, :, :rows]).reshape(batch, channels, -1)
    if rows < height:  # what was recorded belongs to all pixels
        recorded = None
    return Asked(layer, part, full, values, shape, seed, recorded)


def _drawn(parameters: Mapping[str, np.ndarray], shape: tuple[int, int, int, int], key: str) -> np.ndarray:
    batch, channels, height, width = shape
    noise = fill(normal(), (batch, channels, height * width), key).astype(np.float64)
    mean, variance = (parameters[f"rolling_{n}"].astype(np.float64)[:, None] for n in ("mean", "variance"))
    return (mean + np.sqrt(np.maximum(variance, 0)) * noise).astype(np.float32)  # training leaves -7e-44, too


def problems_of(own: OwnNetwork, dialects: Sequence[Dialect]) -> list[Problem]:
    """Forward and backward of every layer, in inference and in training, in every dialect as far as it has them."""
    return [_problem(own, asked, dialect, operation, train) for dialect in dialects for asked in own.asked
            for operation in LAYER_OPERATIONS for train in (False, True)
            if not dialect.inference_only or (operation == FORWARD and not train)]  # fmt: skip


def attributes_of(asked: Asked, train: bool) -> dict[str, Any]:
    """Attributes of both layer functions."""
    return {"type": asked.part.type, "train": train, "out_h": asked.shape[2], "out_w": asked.shape[3]}


def arrays_of(asked: Asked, dialect: Dialect, operation: str, train: bool) -> dict[str, np.ndarray]:
    """Inputs of one call; of a backward as they stand after a training forward in `dialect`."""
    attributes = attributes_of(asked, train)
    forward = {name: _array(asked, name) for name in inputs_of(FORWARD, attributes, dialect)}
    if operation == FORWARD:
        return forward
    read = asked.recorded.read if asked.recorded else {}
    return backward_arrays(dialect, forward, {**drawn_for(asked.activations, asked.key), **read}, attributes)


def _results(asked: Asked, operation: str, train: bool) -> Mapping[str, np.ndarray]:
    return asked.recorded.results.get((operation, train), {}) if asked.recorded else {}


def _asked_arrays(asked: Asked, dialect: Dialect, operation: str, train: bool) -> dict[str, np.ndarray]:
    """As `arrays_of`; where a backward's results were recorded, with the state that it found."""
    arrays = arrays_of(asked, dialect, operation, train)
    if asked.recorded and operation == BACKWARD and _results(asked, operation, train):
        arrays |= asked.recorded.state
    return arrays


def _problem(own: OwnNetwork, asked: Asked, dialect: Dialect, operation: str, train: bool) -> Problem:
    # made when looked at: a network's states together would take many times the memory of its activations
    arrays = Generated(partial(_asked_arrays, asked, dialect, operation, train))
    call = Call(operation, dialect, arrays, attributes_of(asked, train))
    identity = f"{dialect.name}-{operation}-{asked.name}-{'train' if train else 'inference'}"
    files = f"--cfg {shlex.quote(str(own.network.path))} --weights {shlex.quote(str(own.weights.path))}"
    return Problem(
        identity, call,
        f"{asked.layer.name} of {own.network.path.name}, line {asked.layer.line}", str(own.weights.path),
        live_expectation(call), f"{files} --case '{identity}'",
        _results(asked, operation, train),
    )  # fmt: skip


def _array(asked: Asked, name: str) -> np.ndarray:
    if name in ("input", "output"):
        return asked.activations
    if name in asked.parameters:
        return asked.parameters[name]
    if name == "rolling_weight":  # the file's statistics are averages, not sums
        return np.ones(asked.activations.shape[1], np.float32)
    return np.zeros(Geometry(*asked.activations.shape).shape_of(name), np.float32)
