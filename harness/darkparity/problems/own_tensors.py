"""A user's own tensors as problems; results recorded beside them are judged as one more implementation.

Names are `[<prefix>_]<array>[_before|_after|_in|_out]`; each prefix is one layer. What is missing and needed is
drawn from `seed` and said so; names that mean nothing are ignored and listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.cases.fills import constant, normal, uniform
from darkparity.cases.recipe import Fill, fill
from darkparity.dialects import Dialect
from darkparity.formats.tensor_files import InputError, load
from darkparity.oracle.bounds import Profile
from darkparity.spec import AXES, BACKWARD, FORWARD, Call, Geometry, inputs_of

from .problem import Problem, live_expectation

_ARRAYS = sorted((name for name, axes in AXES.items() if axes != "v"), key=len, reverse=True)
_NAME = re.compile(rf"(?:(?P<prefix>.+?)_)??(?P<array>{'|'.join(_ARRAYS)})(?:_(?P<when>before|after|in|out))?")
_EARLIER = {"before": "before", "in": "before", "after": "after", "out": "after", None: ""}

#: Plausible values for what a file leaves out: trained-looking parameters, positive variances, small deltas.
_DRAWN: Mapping[str, Fill] = {
    "scales": uniform(low=0.5, high=1.5),
    "biases": normal(mean=0.0, sd=0.25),
    "rolling_mean": normal(mean=0.0, sd=1.0),
    "rolling_variance": uniform(low=0.5, high=2.0),
    "rolling_weight": constant(value=1.0),
    "delta": normal(mean=0.0, sd=0.01),
    "bias_updates": normal(mean=0.0, sd=0.1),
    "scale_updates": normal(mean=0.0, sd=0.1),
}
#: Overwritten by a training forward before it is read: any content will do.
_OVERWRITTEN = ("x", "x_norm", "mean", "variance")
#: What a training forward leaves behind beside its output, and what a backward returns.
FORWARD_RESULTS = ("mean", "variance", "x_norm", "rolling_mean", "rolling_variance")
BACKWARD_RESULTS = ("delta", "bias_updates", "scale_updates", "mean_delta", "variance_delta")


@dataclass
class Layer:
    """The arrays of one prefix, by (array, "before" | "after" | "")."""

    prefix: str
    arrays: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    drawn: list[str] = field(default_factory=list)

    def before(self, name: str) -> np.ndarray | None:
        return self.arrays.get((name, "before"), self.arrays.get((name, "")))

    def given_before(self, name: str) -> np.ndarray | None:
        """The old content of an array that a call also changes: only where it is called so."""
        return self.arrays.get((name, "before"))

    def after(self, name: str) -> np.ndarray | None:
        return self.arrays.get((name, "after"), self.arrays.get((name, "")))


@dataclass(frozen=True)
class Reading:
    """What a file gave: problems, names that mean nothing here, arrays that had to be drawn."""

    problems: list[Problem]
    ignored: list[str]
    drawn: list[str]


def read(path: Path, dialect: Dialect, seed: int = 0) -> Reading:
    """Turn a file into problems for `dialect`. Raises InputError."""
    layers, ignored = layers_in(path, load(path))
    if not layers:
        raise InputError(f"{path}: no array is called like one of {', '.join(sorted(_ARRAYS))}; found "
                         f"{', '.join(ignored) or 'none'}")  # fmt: skip
    problems = [q for layer in layers for q in _Asking(path, layer, dialect, seed).problems()]
    drawn = sorted({f"{layer.prefix or path.stem}: {name}" for layer in layers for name in layer.drawn})
    return Reading(problems, ignored, drawn)


def layers_in(path: Path, found: Mapping[str, np.ndarray]) -> tuple[list[Layer], list[str]]:
    """The arrays by prefix, and names that mean nothing. Raises InputError."""
    layers: dict[str, Layer] = {}
    ignored = []
    for name, array in found.items():
        match = _NAME.fullmatch(name)
        if match is None:
            ignored.append(name)
            continue
        if array.dtype != np.float32:
            raise InputError(f"{path}: {name} has dtype {array.dtype}, needs float32; convert it yourself "
                             "(array.astype('float32')): nothing is converted silently")  # fmt: skip
        layer = layers.setdefault(match["prefix"] or "", Layer(match["prefix"] or ""))
        key = match["array"], _EARLIER[match["when"]]
        if key in layer.arrays:
            raise InputError(f"{path}: {name} says the same as another name in the file; keep one of them")
        layer.arrays[key] = array
    return list(layers.values()), ignored


class _Asking:
    """Builds the problems of one layer."""

    def __init__(self, path: Path, layer: Layer, dialect: Dialect, seed: int) -> None:
        self.path, self.layer, self.dialect, self.seed = path, layer, dialect, seed
        image = layer.before("input")
        image = layer.before("x") if image is None else image
        if image is None:
            names = ", ".join(sorted({name for name, _ in layer.arrays}))
            raise InputError(f"{path}: layer {layer.prefix or '(no prefix)'} has {names} but no `input`: "
                             "nothing to normalize")  # fmt: skip
        self.shape = self._geometry(image)
        self.input = self._fit("input", image)

    def _geometry(self, image: np.ndarray) -> tuple[int, int, int, int]:
        if image.ndim not in (2, 3, 4) or 0 in image.shape:
            raise InputError(f"{self.path}: input has shape {image.shape}; takes (N, C), (C, H, W) or "
                             "(N, C, H, W), nothing empty")  # fmt: skip
        shape = {2: (*image.shape, 1, 1), 3: (1, *image.shape), 4: image.shape}[image.ndim]
        batch, channels, height, width = shape
        return batch, channels, height, width

    def _fit(self, name: str, array: np.ndarray) -> np.ndarray:
        shape = self._shape(name)
        if array.size != int(np.prod(shape)):
            raise InputError(f"{self.path}: {self.layer.prefix} {name} has shape {array.shape}, "
                             f"input implies {shape}")  # fmt: skip
        return np.ascontiguousarray(array).reshape(shape)

    def problems(self) -> Iterator[Problem]:
        """Forward and backward; both modes where nothing was recorded, else the recorded one."""
        trained = any(self.layer.after(name) is not None for name in FORWARD_RESULTS[:3])
        output = self.layer.after("output") is not None
        recorded = output or ("delta", "after") in self.layer.arrays
        for train in (trained or not output,) if recorded else (True, False):
            forward = self._forward(train)
            yield forward
            if not recorded or self.layer.given_before("delta") is not None:
                yield self._backward(train, forward)

    def _attributes(self, train: bool) -> dict[str, Any]:
        kind = "CONNECTED" if self.shape[2:] == (1, 1) else "CONVOLUTIONAL"
        return {"type": kind, "train": train, "out_h": self.shape[2], "out_w": self.shape[3]}

    def _parameter(self, name: str, array: np.ndarray | None) -> np.ndarray:
        if array is not None:
            return self._fit(name, array)
        if name in _OVERWRITTEN:
            return np.zeros(self._shape(name), np.float32)
        self.layer.drawn.append(name)
        return fill(_DRAWN[name], self._shape(name), f"{self.seed}/{self.layer.prefix}/{name}")

    def _shape(self, name: str) -> tuple[int, ...]:
        return Geometry.of_layer(*self.shape).shape_of(name)

    def _forward(self, train: bool) -> Problem:
        attributes, arrays = self._attributes(train), {}
        for name in inputs_of(FORWARD, attributes, self.dialect):
            changed = name.startswith("rolling") or name in _OVERWRITTEN
            source = self.layer.given_before(name) if changed and self._records(name) else self.layer.before(name)
            arrays[name] = self.input if name == "output" else self._parameter(name, source)
        absent = () if train else ("mean", "variance", "x_norm", "rolling_mean", "rolling_variance")
        return self._problem(FORWARD, attributes, arrays, absent)

    def _records(self, name: str) -> bool:
        """A bare name is a result in a recording, old content in a user's own file."""
        return (name, "before") in self.layer.arrays or self.layer.after("output") is not None

    def _backward(self, train: bool, forward: Problem) -> Problem:
        attributes = self._attributes(train)
        state = {n: e.value for n, e in forward.expected(Profile()).items()}
        forward.release()
        arrays = {}
        for name in inputs_of(BACKWARD, attributes, self.dialect):
            if name in ("bias_updates", "scale_updates", "delta"):
                source = self.layer.given_before(name)
                source = self.layer.before(name) if source is None and not self._records(name) else source
            else:
                source = self.layer.after(name) if name in FORWARD_RESULTS else self.layer.before(name)
            source = self.input if name == "x" else state.get(name) if source is None else source
            arrays[name] = self._parameter(name, source)
        return self._problem(BACKWARD, attributes, arrays, ())

    def _problem(
        self, operation: str, attributes: dict[str, Any], arrays: dict[str, np.ndarray], absent: tuple[str, ...]
    ) -> Problem:
        mode = "train" if attributes["train"] else "inference"
        name = f"{self.layer.prefix or self.path.stem}-{mode}"
        call = Call(operation, self.dialect, arrays, attributes)
        return Problem(
            f"{self.dialect.name}-{operation}-{name}", call,
            f"your tensors in {self.path.name}", str(self.path), live_expectation(call),
            f"--input {self.path} --case '{self.dialect.name}-{operation}-{name}'",
            self._recorded(call, absent),
        )  # fmt: skip

    def _recorded(self, call: Call, absent: tuple[str, ...]) -> dict[str, np.ndarray]:
        known = ("output", *FORWARD_RESULTS) if call.operation == FORWARD else BACKWARD_RESULTS
        found = {n: self.layer.after(n) for n in call.outputs if n in known and n not in absent}
        if call.operation == FORWARD and self.layer.after("output") is None:
            return {}
        if call.operation == BACKWARD and ("delta", "after") not in self.layer.arrays:
            return {}
        return {n: self._fit(n, a) for n, a in found.items() if a is not None}
