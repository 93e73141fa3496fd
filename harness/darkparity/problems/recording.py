"""A layer's arrays out of a file: what its calls were given, what they left behind, in which mode they ran."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from darkparity.dialects import Dialect
from darkparity.formats.tensor_files import InputError
from darkparity.spec import BACKWARD, Arrays, Attributes, origins_of, outputs_of, stages

from .array_names import close_to, parse

ROLLING = ("rolling_mean", "rolling_variance", "rolling_weight")
#: What a training forward leaves behind for its backward, beside x.
STATE = ("x_norm", "mean", "variance")
#: Only ever computed, never given.
_COMPUTED = ("output", "mean_delta", "variance_delta", "net_delta")
_UPDATES = ("bias_updates", "scale_updates")
#: Results of which a backward is recorded.
_OF_BACKWARD = ("delta", *_UPDATES, "mean_delta", "variance_delta", "net_delta")
_INFERENCE = {"mean": "rolling_mean", "variance": "rolling_variance"}

Key = tuple[str, str]  # array; "before", "after" or "" (bare)


@dataclass
class Layer:
    """The arrays of one prefix. names: as they stand in the file. synonyms: those that are another framework's."""

    prefix: str
    arrays: dict[Key, np.ndarray] = field(default_factory=dict)
    names: dict[Key, str] = field(default_factory=dict)
    synonyms: set[str] = field(default_factory=set)

    def has(self, array: str, *when: str) -> bool:
        return any((array, w) in self.arrays for w in when or ("", "before", "after"))

    @property
    def image(self) -> np.ndarray | None:
        """What enters."""
        keys = ((name, when) for name in ("input", "x") for when in ("before", ""))
        return next((self.arrays[key] for key in keys if key in self.arrays), None)

    @property
    def records(self) -> bool:
        """Somebody's results are in it."""
        bare = (array for array, when in self.arrays if not when)
        return any(w == "after" for _, w in self.arrays) or any(a in _COMPUTED or self.has(a, "before") for a in bare)

    @property
    def _records_forward(self) -> bool:
        """Else bare x_norm, mean and variance are what a backward found."""
        return self.has("output") or any(self._moved(a) for a in ROLLING) or any(self.has(a, "after") for a in STATE)

    @property
    def looks_trained(self) -> bool:
        """The mode that the recording itself speaks for: what only training leaves behind, or moves."""
        moved = (a for a in ROLLING if self._moved(a))
        # where gamma stands for scales, mean and variance stand for the rolling ones
        bare = ("after",) if self.synonyms & {"scales", "biases"} and not self.has("rolling_mean") else ("", "after")
        state = (a for a in STATE if self.has(a, *bare))
        return any(moved) or any(state) or not self.has("output")

    def _moved(self, array: str) -> bool:
        new = self.arrays.get((array, "after"))
        new = self.arrays.get((array, "")) if new is None and self.has(array, "before") else new
        old = self.arrays.get((array, "before"))
        return new is not None and (old is None or not np.array_equal(new, old, equal_nan=True))

    def in_mode(self, train: bool) -> Heard:
        """The arrays as a call in that mode gives and leaves them."""
        given, results = dict[str, np.ndarray](), dict[str, np.ndarray]()
        for (array, when), values in self.arrays.items():
            if not train and not when and array in _INFERENCE and not self.has(_INFERENCE[array]):
                given[_INFERENCE[array]] = values  # what other frameworks call mean and variance in inference
            else:
                (results if self._is_result(array, when, train) else given)[array] = values
        return Heard(given, results)

    def _is_result(self, array: str, when: str, train: bool) -> bool:
        """A bare name is old content or a result: beside the other of the two, what that is not."""
        if when or self.has(array, "before", "after"):
            return when == "after" or (not when and self.has(array, "before"))
        if array in _UPDATES:
            return any(self.has(a, "after") for a in _OF_BACKWARD) or self.has("mean_delta")
        if array in ROLLING:
            return train and self._records_forward and any(self.has(a, "", "after") for a in STATE)
        left = array in STATE or (array == "x" and self.has("input"))
        return array in _COMPUTED or (left and self._records_forward)


@dataclass(frozen=True)
class Heard:
    """given: array -> what the calls read. results: array -> what they left behind."""

    given: Mapping[str, np.ndarray]
    results: Mapping[str, np.ndarray]

    def of(self, operation: str, dialect: Dialect, train: bool) -> dict[str, np.ndarray]:
        """The results that are one operation's."""
        late = ROLLING if train and dialect.rolling_updated_in == "backward" else ()
        backward = (*_OF_BACKWARD, *late)
        return {n: a for n, a in self.results.items() if (n in backward) == (operation == BACKWARD)}


def judgeable(
    operation: str, dialect: Dialect, attributes: Attributes, results: Arrays, known: Collection[str], remedy: str
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Which recorded results of a call can be judged, and why the others cannot.

    known: arrays that the call started from. remedy: where else the file's parameters could come from.
    """
    calls, outputs = stages(operation, dialect, attributes), outputs_of(operation, attributes, dialect)
    judged, unjudged = dict[str, np.ndarray](), dict[str, str]()
    for name, array in results.items():
        lacking = sorted(origins_of(name, calls) - set(known))
        if name not in outputs:
            mode = "training" if attributes["train"] else "inference"
            unjudged[name] = f"{operation} in {mode} mode has no such output in dialect {dialect.name}"
        elif lacking:
            unjudged[name] = _lacking(name, [_called(n, operation) for n in lacking], remedy)
        else:
            judged[name] = array
    return judged, unjudged


def _called(array: str, operation: str) -> str:
    """How the old content of an array is called in a file."""
    state = operation == BACKWARD and array in STATE
    return array if array in ("scales", "biases") or state else f"{array}_before"


def _lacking(name: str, lacking: list[str], remedy: str) -> str:
    one = len(lacking) == 1
    return (f"{', '.join(lacking)} {'is' if one else 'are'} not in the file: the recorded {name} cannot be judged; "
            f"add {'it' if one else 'them'}{remedy}")  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A file's arrays by layer; names that mean nothing; what a reader should know of the names."""

    layers: list[Layer]
    ignored: list[str]
    notes: list[str]


def layers_in(path: Path, found: Mapping[str, np.ndarray]) -> Found:
    """The arrays by prefix; a prefix of parameters alone is nobody's. Raises InputError."""
    layers: dict[str, Layer] = {}
    ignored, synonyms = list[str](), dict[str, str]()
    for name, array in found.items():
        parts = parse(name)
        if parts is None:
            ignored.append(name)
            continue
        if array.dtype != np.float32:
            raise InputError(f"{path}: {name} has dtype {array.dtype}, needs float32; convert it yourself "
                             "(array.astype('float32')): nothing is converted silently")  # fmt: skip
        layer = layers.setdefault(parts.prefix, Layer(parts.prefix))
        key = parts.array, parts.when
        if key in layer.arrays:
            raise InputError(f"{path}: {name} says the same as {layer.names[key]}; keep one of them")
        layer.arrays[key], layer.names[key] = array, name
        if parts.synonym:
            layer.synonyms.add(parts.array)
            synonyms[parts.synonym] = f"{parts.array}{'_' if parts.when else ''}{parts.when}"
    kept = [layer for layer in layers.values() if layer.image is not None]
    strays = [layer for layer in layers.values() if layer.image is None and kept and not layer.records]
    ignored += [name for layer in strays for name in layer.names.values()]
    whole = [layer for layer in layers.values() if layer not in strays]
    return Found(whole, ignored, [*_read_as(synonyms), *_misspelt(ignored)])


def _read_as(synonyms: Mapping[str, str]) -> Iterator[str]:
    if synonyms:
        yield "read by DarkNet's names: " + ", ".join(f"{word} is {array}" for word, array in synonyms.items())


def _misspelt(ignored: Iterable[str]) -> Iterator[str]:
    for name in ignored:
        if close := close_to(name):
            yield f"{name} is not read: no array is called so; did you mean {close}?"
