"""Somebody's network beside the .cfg: its batch norms paired with the layers, their state and what they compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from darkparity.dialects import Dialect
from darkparity.formats.tensor_files import InputError
from darkparity.oracle.bounds.compare import ulp_distance
from darkparity.problems.problem import Problem, live_expectation
from darkparity.problems.recording import Heard
from darkparity.spec import Call

from .asking import Asked, OwnNetwork
from .recorded import Recorded

#: What a layer of DarkNet keeps, in the order of its file.
STATE = ("biases", "scales", "rolling_mean", "rolling_variance")
_COPY = "copy_cpu"


class BatchNorm(Protocol):
    """One batch norm of somebody's network. name: where it is in there. state: STATE, (channels,), float32."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> Mapping[str, np.ndarray]: ...
    def forward(self, x: np.ndarray, shape: tuple[int, int, int, int], train: bool) -> Mapping[str, np.ndarray]:
        """`output`, and in training the rolling statistics afterwards. x: A; shape: (N, C, H, W)."""
        ...


@dataclass(frozen=True)
class Paired:
    """A network whose layers have recorded results, those of the batch norms paired with them."""

    own: OwnNetwork
    pairs: tuple[tuple[Asked, BatchNorm], ...]

    def states(self, dialect: Dialect) -> Iterator[Problem]:
        """Each array that a batch norm holds, as a copy of the file's: no element may differ."""
        for asked, batch_norm in self.pairs:
            for name in STATE:
                yield _copied(self.own, dialect, asked, batch_norm, name)


def paired(own: OwnNetwork, batch_norms: Sequence[BatchNorm], pairs: Sequence[str], train: bool) -> Paired:
    """The layers with what the batch norms compute from the same activations. Raises InputError.

    pairs: `NAME=INDEX` where the order of definition does not say which belongs to which layer.
    """
    if any(asked.recorded and asked.recorded.heard.results for asked in own.asked):
        raise InputError("--module computes results of its own: give --input an image, or nothing")
    chosen = _pairs(own, batch_norms, pairs)
    heard = {asked.layer.index: _heard(asked, batch_norm, train) for asked, batch_norm in chosen}
    asked = tuple(replace(a, recorded=heard[a.layer.index]) if a.layer.index in heard else a for a in own.asked)
    notes = [note for a, b in chosen for note in _mixed_up(a, b)]
    mode = "training" if train else "inference"
    said = f"{len(chosen)} batch norms of the module in {mode} mode, each given its layer's activations"
    return Paired(replace(own, asked=asked, notes=(*own.notes, said, *notes)), chosen)


def _heard(asked: Asked, batch_norm: BatchNorm, train: bool) -> Recorded:
    results = batch_norm.forward(asked.activations, asked.shape, train)
    return Recorded(asked.activations, Heard({}, results), train)


def _pairs(
    own: OwnNetwork, batch_norms: Sequence[BatchNorm], given: Sequence[str]
) -> tuple[tuple[Asked, BatchNorm], ...]:
    named = dict(_named(own, batch_norms, given))
    left = [b for b in batch_norms if b.name not in named.values()]
    free = [a for a in own.asked if a.layer.index not in named]
    if [_channels(b) for b in left] != [a.part.size[2] for a in free]:
        raise InputError(_unequal(free, left))
    found = {b.name: b for b in batch_norms}
    rest = {a.layer.index: b for a, b in zip(free, left, strict=True)}
    return tuple((a, rest[a.layer.index] if a.layer.index in rest else found[named[a.layer.index]]) for a in own.asked)


def _named(own: OwnNetwork, batch_norms: Sequence[BatchNorm], given: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Layer index -> name, of the pairs given."""
    layers, names = {a.layer.index: a for a in own.asked}, {b.name: b for b in batch_norms}
    for text in given:
        name, _, number = text.rpartition("=")
        if not number.isdecimal() or int(number) not in layers or name not in names:
            raise InputError(f"--pair {text}: needs NAME=LAYER; names are {', '.join(names)}; "
                             f"layers are {', '.join(map(str, layers))}")  # fmt: skip
        yield int(number), name


def _channels(batch_norm: BatchNorm) -> int:
    return int(batch_norm.state["scales"].size)


def _unequal(asked: Sequence[Asked], batch_norms: Sequence[BatchNorm]) -> str:
    """Where the two lists part."""
    layers = [f"layer {a.layer.index} has {a.part.size[2]} channels" for a in asked]
    theirs = [f"{b.name} has {_channels(b)}" for b in batch_norms]
    where = next((f"{a}, {b}" for a, b, x, y in zip(layers, theirs, asked, batch_norms, strict=False)
                  if x.part.size[2] != _channels(y)), "one list ends before the other")  # fmt: skip
    return (f"the .cfg has {len(layers)} batch norms, the module {len(theirs)}; in order they do not fit: {where}; "
            "say which belong together, --pair NAME=LAYER")  # fmt: skip


def _mixed_up(asked: Asked, batch_norm: BatchNorm) -> Iterator[str]:
    """Arrays of a batch norm that are another array of the file, and how far the others are from theirs."""
    for name, held in batch_norm.state.items():
        right = asked.parameters[name]
        if np.array_equal(held, right):
            continue
        other = next((n for n in STATE if n != name and np.array_equal(held, asked.parameters[n])), None)
        far = ulp_distance(held, right)
        why = f"is the file's {other}" if other else f"differs in {np.count_nonzero(far)} of {far.size} channels"
        yield f"{asked.name}: {name} of {batch_norm.name} {why}"


def _copied(own: OwnNetwork, dialect: Dialect, asked: Asked, batch_norm: BatchNorm, name: str) -> Problem:
    right = np.ascontiguousarray(asked.parameters[name])
    call = Call(_COPY, dialect, {"X": right, "Y": np.zeros_like(right)}, {"N": right.size, "INCX": 1, "INCY": 1})
    purpose = f"{name} of {batch_norm.name} as the file's {asked.layer.name} has them"
    identity = f"{dialect.slug}-{_COPY}-{asked.name}-{name}"
    return Problem(identity, call, purpose, asked.name, live_expectation(call), f"{own.files} --case '{identity}'",
                   {"Y": batch_norm.state[name]})  # fmt: skip
