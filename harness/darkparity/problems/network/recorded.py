"""Tensors recorded in the network itself: activations and delta of its layers; recorded results are judged too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from darkparity.formats.tensor_files import InputError, load
from darkparity.oracle.bounds.compare import ulp_distance
from darkparity.problems.fitting import fitted, sizes_of
from darkparity.problems.recording import Heard, Layer, layers_in
from darkparity.problems.suspicious import suspicious
from darkparity.spec import AXES, Arrays

from .cfg import Network
from .section import Part
from .weights import Weights

#: The number in `bn022`, `layer22/bn`, `model.24.bn`: a prefix's last.
_INDEX = re.compile(r"(\d+)\D*$")


@dataclass(frozen=True)
class Recorded:
    """One layer. activations: (batch, channels, spatial). given, results: as `Heard`, in the specification's shapes.

    train: the mode that was recorded, or is taken to be.
    """

    activations: np.ndarray
    heard: Heard = field(default_factory=lambda: Heard({}, {}))
    train: bool = False

    def channels(self, chosen: np.ndarray) -> Recorded:
        """Those channels of it: no operation mixes them."""
        return self._cut(lambda name, array: array[:, chosen] if AXES[name] == "A" else array[chosen])

    def pixels(self, count: int) -> Recorded:
        """The first pixels, and results that an inference forward has element by element; no sums."""
        kept = () if self.train else ("output", "x")
        results = {n: a for n, a in self.heard.results.items() if n in kept}
        some = replace(self, heard=Heard(self.heard.given, results))
        return some._cut(lambda name, array: array[:, :, :count] if AXES[name] == "A" else array)

    def _cut(self, cut: Callable[[str, np.ndarray], np.ndarray]) -> Recorded:
        given, results = ({n: np.ascontiguousarray(cut(n, a)) for n, a in arrays.items()}
                          for arrays in (self.heard.given, self.heard.results))  # fmt: skip
        return Recorded(np.ascontiguousarray(cut("input", self.activations)), Heard(given, results), self.train)


@dataclass(frozen=True)
class Recording:
    """A file. layers: by index. notes: what a reader should know."""

    layers: Mapping[int, Recorded] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_recorded(
    path: Path, network: Network, weights: Weights, train: bool | None = None, other: bool = False
) -> Recording:
    """Recordings from arrays named like `bn022_input`; none if the file has one unnamed tensor (an image).

    train: the mode that was recorded; None: what the file suggests, or, with `other`, what it does not. Raises
    InputError where a recording does not fit its layer.
    """
    found = layers_in(path, load(path))
    if [(layer.prefix, *layer.arrays) for layer in found.layers] == [("", ("input", ""))]:
        return Recording()
    indexed = dict(_indexed(path, found.layers))
    parts = {layer.index: (layer, part) for layer, part in network.normalized if not part.suffix}
    wrong = [layer.prefix for index, layer in indexed.items() if index not in parts]
    if wrong:
        raise InputError(f"{path}: {', '.join(wrong)}: {network.path.name} has no batch-normalized layer of that "
                         f"number; there are {', '.join(map(str, parts))}")  # fmt: skip
    layers, notes = {}, list(found.notes)
    for index, layer in indexed.items():
        mode = (layer.looks_trained != other) if train is None else train
        layers[index] = _recorded(path, layer, parts[index][1], mode)
        notes += _said(layer, layers[index], weights.parameters(*parts[index]))
    ignored = [f"ignored names in {path.name}: {', '.join(found.ignored)}"] if found.ignored else []
    return Recording(layers, notes=(*notes, *ignored))


def _indexed(path: Path, layers: list[Layer]) -> Iterator[tuple[int, Layer]]:
    taken: dict[int, str] = {}
    for layer in layers:
        number = _INDEX.search(layer.prefix)
        names = ", ".join(layer.names.values())
        if number is None:
            raise InputError(f"{path}: {names}: of which layer? Name it with the layer's number: bn022_output")
        index = int(number[1])
        if index in taken:
            raise InputError(f"{path}: {taken[index]} and {layer.prefix} are both layer {index}; keep one of them")
        taken[index] = layer.prefix
        yield index, layer


def _recorded(path: Path, layer: Layer, part: Part, train: bool) -> Recorded:
    height, width, channels = part.size
    where = f"{path}: {layer.prefix}"
    if layer.image is None:
        raise InputError(f"{where} has no input; its layer takes (N, {channels}, {height}, {width})")
    flat = layer.image.ndim == 3 and layer.image.shape[1:] == (channels, height * width)
    image = layer.image.reshape(-1, channels, height, width) if flat else layer.image
    sizes = sizes_of(f"{where} input", image)
    if sizes[1:] != (channels, height, width):
        raise InputError(f"{where} has input of shape {layer.image.shape}; its layer takes "
                         f"(N, {channels}, {height}, {width})")  # fmt: skip
    heard = layer.in_mode(train)
    given, results = ({n: fitted(where, n, a, sizes) for n, a in arrays.items() if n not in ("input", "x")}
                      for arrays in (heard.given, heard.results))  # fmt: skip
    if "x" in heard.results:
        results["x"] = fitted(where, "x", heard.results["x"], sizes)
    return Recorded(fitted(where, "input", image, sizes), Heard(given, results), train)


def _said(layer: Layer, recorded: Recorded, parameters: Arrays) -> Iterator[str]:
    """What is odd, and parameters that are not the weights'."""
    yield from suspicious(f"{layer.prefix}: ", {**recorded.heard.given, **recorded.heard.results}, layer.records)
    for name, array in parameters.items():
        given = recorded.heard.given.get(name)
        if given is not None and not np.array_equal(given, array):
            far = ulp_distance(given, array)
            yield (f"{layer.prefix}: the recorded {name} is not that of the weights: {np.count_nonzero(far)} of "
                   f"{far.size} channels differ, by {far.max()} ULP at most; judged with the weights'")  # fmt: skip
