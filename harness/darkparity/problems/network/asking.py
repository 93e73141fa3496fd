"""The batch-normalized layers of one's own network as problems: real geometry and parameters, both modes,
forward and backward.

Activations are drawn to match the rolling statistics, rolling_mean + sqrt(rolling_variance) * normal; or they
come from an image through the layers before; or they were recorded in the network, as `bn022_input` for layer 22.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.cases.fills import normal
from darkparity.cases.recipe import fill
from darkparity.dialects import Dialect
from darkparity.formats.tensor_files import InputError
from darkparity.problems.problem import Generated, Problem, live_expectation
from darkparity.problems.recording import STATE, judgeable
from darkparity.spec import BACKWARD, FORWARD, LAYER_OPERATIONS, Call, Geometry, inputs_of

from .cfg import Network, read_cfg
from .gradients import NOTE, backward_arrays, drawn_for
from .recorded import Recorded, read_recorded
from .section import Layer, Part
from .walk import Unwalkable, walk
from .weights import Weights, read_weights

#: Elements of one layer, and of all layers together: beyond, rows of pixels are left out, of a recording channels,
#: and that is said.
_LAYER_ELEMENTS, _NETWORK_ELEMENTS = 10**6, 10**7
_BATCH = 2
#: What a backward reads beside activations, parameters and state.
BACKWARD_READS = ("delta", "bias_updates", "scale_updates")
CROSS_ITERATION = (
    "batch_normalize=2 is cross-iteration batch norm: training normalizes by the statistics of several subdivisions "
    "and is not judged as plain batch norm"
)
_TOO_LARGE = "a channel of this layer is too large to be asked whole; record a smaller batch"


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
    def note(self) -> str:
        """What of the layer is not asked; empty if it is asked whole."""
        height, _, channels = self.part.size
        if self.shape[1] < channels:
            return f"{self.shape[1]} of {channels} channels, evenly spread, are asked of {self.name}: it is too large"
        return f"only the first rows of pixels are asked of {self.name}" if self.shape[2] < height else ""


@dataclass(frozen=True)
class OwnNetwork:
    """notes: what a reader must know about the activations. unjudged: recorded arrays that are not asked -> why."""

    network: Network
    weights: Weights
    asked: tuple[Asked, ...]
    notes: tuple[str, ...]
    unjudged: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> str:
        """The options that name its files."""
        return f"--cfg {shlex.quote(str(self.network.path))} --weights {shlex.quote(str(self.weights.path))}"


@dataclass(frozen=True)
class Source:
    """Where activations come from. path: an image, or a recording, whose mode may be given (see `read_recorded`)."""

    path: Path | None = None
    seed: int = 0
    train: bool | None = None
    other: bool = False


def open_network(cfg: Path, weights: Path, source: Source = Source()) -> OwnNetwork:
    """Read both files and make the activations. Raises InputError."""
    network = read_cfg(cfg)
    if not network.normalized:
        raise InputError(f"{cfg}: no layer has batch_normalize=1: nothing to check")
    found = read_weights(weights, network)
    given, notes = _given(network, found, source)
    asked = tuple(_ask(network, found, layer, part, given, source.seed) for layer, part in network.normalized)
    if len(given) < len(asked):
        notes.append("drawn activations: rolling_mean + sqrt(rolling_variance) * normal, "
                     f"batch {_BATCH}, seed {source.seed}")  # fmt: skip
    notes += [*filter(None, (a.note for a in asked)), *_cross_iteration(network)]
    lost = {f"{a.name}: recorded {n}": _TOO_LARGE for a in asked for n in _lost(a, given)}
    return OwnNetwork(network, found, asked, (*notes, NOTE), lost)


def _cross_iteration(network: Network) -> list[str]:
    found = [layer.name for layer, _ in network.normalized if layer.cross_iteration]
    return [f"{', '.join(found)}: {CROSS_ITERATION}; inference is that of any other layer"] if found else []


def _given(network: Network, weights: Weights, source: Source) -> tuple[dict[int, Recorded], list[str]]:
    """Layer index -> what enters its batch norm, recorded or walked to; what is to be said of that."""
    if source.path is None:
        return {}, []
    recording = read_recorded(source.path, network, weights, source.train, source.other)
    found, why = dict(recording.layers), ""
    try:
        if not found:
            found.update((index, Recorded(flat(values[None]))) for index, values in walk(network, weights, source.path))
    except Unwalkable as error:
        why = f" (as far as {error})"
    total = len(network.normalized)
    return found, [f"activations of {len(found)} of {total} layers from {source.path}{why}", *recording.notes]


def flat(values: np.ndarray) -> np.ndarray:
    """(batch, channels, height, width) -> A."""
    return np.ascontiguousarray(values).reshape(*values.shape[:2], -1)


def _ask(
    network: Network, weights: Weights, layer: Layer, part: Part, given: Mapping[int, Recorded], seed: int
) -> Asked:
    height, width, channels = part.size
    parameters = weights.parameters(layer, part)
    limit = min(_LAYER_ELEMENTS, _NETWORK_ELEMENTS // len(network.normalized))
    recorded = given.get(layer.index)
    if recorded is None:
        shape = (_BATCH, channels, _rows(limit, part, _BATCH), width)
        drawn = _drawn(parameters, shape, f"{seed}/{layer.index}/{part.suffix}")
        return Asked(layer, part, parameters, drawn, shape, seed)
    batch = len(recorded.activations)
    one, count = batch * height * width, max(1, limit // (batch * height * width))
    if recorded.heard.results and count < channels and one <= _LAYER_ELEMENTS:
        chosen = np.arange(count) * channels // count
        recorded, parameters = recorded.channels(chosen), {n: a[chosen] for n, a in parameters.items()}
        rows, channels = height, count
    elif (rows := _rows(limit, part, batch)) < height:
        recorded = recorded.pixels(rows * width)
    shape = (batch, channels, rows, width)
    return Asked(layer, part, parameters, recorded.activations, shape, seed, recorded)


def _rows(limit: int, part: Part, batch: int) -> int:
    height, width, channels = part.size
    return max(1, min(height, limit // (batch * channels * width)))


def _lost(asked: Asked, given: Mapping[int, Recorded]) -> list[str]:
    """Recorded results that belong to all pixels, of a layer of which not even one channel is asked whole."""
    before = given[asked.layer.index].heard.results if asked.layer.index in given else {}
    return [n for n in before if asked.recorded and n not in asked.recorded.heard.results]


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
    given = asked.recorded.heard.given if asked.recorded else {}
    read = {n: a for n, a in given.items() if n in BACKWARD_READS}
    return backward_arrays(dialect, forward, {**drawn_for(asked.activations, asked.key), **read}, attributes)


def _state(asked: Asked, operation: str, train: bool) -> dict[str, np.ndarray]:
    """x_norm, mean and variance that a recorded backward found."""
    recorded = asked.recorded
    if recorded is None or operation != BACKWARD or recorded.train != train:
        return {}
    heard = {**recorded.heard.given, **recorded.heard.results}
    return {n: heard[n] for n in STATE if n in heard}


def _heard(asked: Asked, dialect: Dialect, operation: str, train: bool) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """What was recorded of a call: what can be judged, and why the rest cannot. The parameters are the file's."""
    recorded = asked.recorded
    if recorded is None or recorded.train != train:
        return {}, {}
    forward = {"input", "output", "x", *asked.parameters, "rolling_weight"}
    read = {n for n in BACKWARD_READS if n in recorded.heard.given}
    known = forward if operation == FORWARD else {*forward, *read, *_state(asked, operation, train)}
    results = recorded.heard.of(operation, dialect, train)
    return judgeable(operation, dialect, attributes_of(asked, train), results, known, "")


def _asked_arrays(asked: Asked, dialect: Dialect, operation: str, train: bool) -> dict[str, np.ndarray]:
    """As `arrays_of`; where a backward's results were recorded, with the state that it found."""
    arrays = arrays_of(asked, dialect, operation, train)
    state = _state(asked, operation, train) if _heard(asked, dialect, operation, train)[0] else {}
    return arrays | {n: a for n, a in state.items() if n in arrays}


def _problem(own: OwnNetwork, asked: Asked, dialect: Dialect, operation: str, train: bool) -> Problem:
    # made when looked at: a network's states together would take many times the memory of its activations
    arrays = Generated(partial(_asked_arrays, asked, dialect, operation, train))
    call = Call(operation, dialect, arrays, attributes_of(asked, train))
    identity = f"{dialect.slug}-{operation}-{asked.name}-{'train' if train else 'inference'}"
    recorded, unjudged = _heard(asked, dialect, operation, train)
    return Problem(
        identity, call,
        f"{asked.layer.name} of {own.network.path.name}, line {asked.layer.line}", str(own.weights.path),
        live_expectation(call), f"{own.files} --case '{identity}'", recorded, unjudged,
        CROSS_ITERATION if train and asked.layer.cross_iteration else "",
    )  # fmt: skip


def _array(asked: Asked, name: str) -> np.ndarray:
    if name in ("input", "output"):
        return asked.activations
    if name in asked.parameters:
        return asked.parameters[name]
    if name == "rolling_weight":  # the file's statistics are averages, not sums
        return np.ones(asked.activations.shape[1], np.float32)
    return np.zeros(Geometry(*asked.activations.shape).shape_of(name), np.float32)
