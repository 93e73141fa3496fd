"""One layer of a user's own tensors, asked in one mode: its calls, and what was recorded of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.cases.fills import normal, uniform
from darkparity.cases.recipe import Fill, fill
from darkparity.dialects import Dialect
from darkparity.formats.tensor_files import InputError
from darkparity.oracle.bounds import ANY
from darkparity.spec import AXES, BACKWARD, FORWARD, Arrays, Call, Geometry, inputs_of

from .fitting import fitted, sizes_of
from .problem import Problem, live_expectation
from .recording import STATE, Layer, judgeable

#: Plausible values for what a file leaves out: trained-looking parameters, positive variances, small deltas.
_DRAWN: Mapping[str, Fill] = {
    "scales": uniform(low=0.5, high=1.5),
    "biases": normal(mean=0.0, sd=0.25),
    "rolling_mean": normal(mean=0.0, sd=1.0),
    "rolling_variance": uniform(low=0.5, high=2.0),
    "delta": normal(mean=0.0, sd=0.01),
    "bias_updates": normal(mean=0.0, sd=0.1),
    "scale_updates": normal(mean=0.0, sd=0.1),
}
#: Statistics that come without a weight are averages, not sums.
_AVERAGES = "rolling_weight"
#: Overwritten by a training forward before it is read: any content will do.
_SCRATCH = ("x", *STATE)
_REMEDY = ", or give --cfg and --weights"


class OwnLayer:
    """drawn: arrays that the implementations are given although the file has none."""

    def __init__(self, path: Path, layer: Layer, dialect: Dialect, seed: int, train: bool) -> None:
        """Raises InputError where arrays do not fit together."""
        self.path, self.layer, self.dialect, self.seed, self.train = path, layer, dialect, seed, train
        self.drawn: list[str] = []
        self.name = layer.prefix or path.stem
        if layer.image is None:
            raise InputError(f"{path}: layer {layer.prefix or '(no prefix)'} has {', '.join(layer.names.values())} "
                             "but no `input`: nothing to normalize")  # fmt: skip
        heard = layer.in_mode(train)
        arrays = [*heard.given.items(), *heard.results.items()]
        channels = {a.size for n, a in arrays if AXES[n] == "c"}
        self.sizes = sizes_of(f"{path}: {self.name}: input", layer.image, channels)
        self.given = {n: self._fit(n, a) for n, a in heard.given.items()}
        self.results = {n: self._fit(n, a) for n, a in heard.results.items()}
        self.image = self._fit("input", layer.image)
        self.heard = heard

    def _fit(self, name: str, array: np.ndarray) -> np.ndarray:
        return fitted(f"{self.path}: {self.name}:", name, array, self.sizes)

    @property
    def attributes(self) -> dict[str, Any]:
        height, width = self.sizes[2:]
        kind = "CONNECTED" if (height, width) == (1, 1) else "CONVOLUTIONAL"
        return {"type": kind, "train": self.train, "out_h": height, "out_w": width}

    @property
    def operations(self) -> tuple[str, ...]:
        """A backward is asked where one was recorded or could be: not of a recording of a forward alone."""
        backward = not self.layer.records or "delta" in self.given or bool(self._results(BACKWARD))
        return (FORWARD, BACKWARD) if backward and not self.dialect.inference_only else (FORWARD,)

    def problems(self) -> Iterator[Problem]:
        """Forward, then backward."""
        forward = self._problem(FORWARD, {"output": self.image, "x": self.image, **self.given})
        yield forward
        if BACKWARD in self.operations:
            yield self._problem(BACKWARD, self._found_by_backward(forward))

    def left_over(self) -> list[str]:
        """Results of calls that are not asked."""
        return [] if BACKWARD in self.operations else list(self._results(BACKWARD))

    def _results(self, operation: str) -> dict[str, np.ndarray]:
        mine = self.heard.of(operation, self.dialect, self.train)
        return {n: a for n, a in self.results.items() if n in mine}

    def _known(self, operation: str) -> Arrays:
        """What the call started from, as far as the file says. A backward finds what the forward left."""
        left = {n: a for n, a in self._results(FORWARD).items() if n != "output"} if operation == BACKWARD else {}
        averages = {_AVERAGES: np.ones(self.sizes[1], np.float32)}
        return {**averages, **self.given, **left, "x": self.image, "input": self.image, "output": self.image}

    def _found_by_backward(self, forward: Problem) -> dict[str, np.ndarray]:
        """What it is asked with: x_norm, mean and variance that the file lacks as the forward's right answer."""
        state = {n: e.value for n, e in forward.expected(ANY).items()}
        forward.release()
        return {**state, **self._known(BACKWARD)}

    def _problem(self, operation: str, known: Arrays) -> Problem:
        names = inputs_of(operation, self.attributes, self.dialect)
        arrays = {n: known[n] if n in known else self._substitute(n) for n in names}
        call = Call(operation, self.dialect, arrays, self.attributes)
        mode = "train" if self.train else "inference"
        identity = f"{self.dialect.slug}-{operation}-{self.name}-{mode}"
        recorded, unjudged = judgeable(operation, self.dialect, self.attributes, self._results(operation),
                                       self._known(operation).keys(), _REMEDY)  # fmt: skip
        return Problem(
            identity, call, f"your tensors in {self.path.name}", str(self.path), live_expectation(call),
            f"--input {self.path} --case '{identity}'", recorded, unjudged,
        )  # fmt: skip

    def _substitute(self, name: str) -> np.ndarray:
        shape = Geometry.of_layer(*self.sizes).shape_of(name)
        if name in _SCRATCH:
            return np.zeros(shape, np.float32)
        if name == _AVERAGES:
            return np.ones(shape, np.float32)
        self.drawn.append(name)
        return fill(_DRAWN[name], shape, f"{self.seed}/{self.layer.prefix}/{name}")
