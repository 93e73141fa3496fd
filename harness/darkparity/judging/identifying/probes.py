"""Inputs on which the fields of a row show one by one: for whoever is asked what batch norm it is.

x is s (h1 + k): h1 of +1 and -1, s and k such that every mean and every difference is exact. Deltas are built of rows
of a Hadamard matrix, so that sum(delta) and sum(delta (x - mean)) are exactly zero where they are to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import BACKWARD, FORWARD, MAKE, Arrays, Call, Geometry, inputs_of

#: Channels: variances from 2^-30 (1e-9) to 2^7 (1e2), three exponents of s apart from each other in all.
_CHANNELS = 24
_EXPONENTS = np.linspace(-15, 3.5, _CHANNELS).round()
#: Values per channel that a Hadamard matrix exists for.
_M = 8
_H2 = np.array([[1, 1], [1, -1]])
HADAMARD = np.kron(np.kron(_H2, _H2), _H2)
#: Deltas by rows of the matrix: the direct term alone; with sum(delta); with sum(delta (x - mean)), too.
_DELTAS = {"direct": (0, 0, 1), "mean": (2, 0, 1), "variance": (1, 3, 1)}
_TYPES = {"BATCHNORM": (4, 2), "CONVOLUTIONAL": (2, 4), "CONNECTED": (8, 1)}

#: The probe that some refuse.
SINGLE_VALUE = "a training forward with m = 1"


@dataclass(frozen=True)
class Probe:
    """One call, and what a reader calls it."""

    name: str
    call: Call


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng([ord(letter) for letter in name])


def _filled(geometry: Geometry, inputs: tuple[str, ...], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Plausible arrays of every name; rolling statistics of zero in every fourth channel show the gain alone."""
    filled = {n: rng.normal(size=geometry.shape_of(n)).astype(np.float32) for n in inputs}
    zeros = np.arange(geometry.channels) % 4 == 0
    for name in inputs:  # never a set: its order, and with it every draw, would change from process to process
        if name in ("variance", "rolling_variance", "rolling_weight", "scales"):
            filled[name] = rng.uniform(0.5, 2, geometry.channels).astype(np.float32)
        if name in ("rolling_mean", "rolling_variance"):
            filled[name][zeros] = 0
    return filled


def _exact(batch: int, spatial: int) -> np.ndarray:
    """s (h1 + k) over (batch, channels, spatial)."""
    k = np.arange(_CHANNELS) % 4 - 1
    pattern = HADAMARD[1].reshape(batch, 1, spatial) + k[:, np.newaxis]
    return (2.0 ** _EXPONENTS[:, np.newaxis] * pattern).astype(np.float32)


def _attributes(kind: str, train: bool, spatial: int) -> dict[str, object]:
    return {"type": kind, "train": train, "out_h": 1, "out_w": spatial}


def _forward(name: str, contract: Dialect, kind: str, train: bool, image: np.ndarray) -> Probe:
    attributes = _attributes(kind, train, image.shape[2])
    inputs = inputs_of(FORWARD, attributes, contract)
    arrays = _filled(Geometry(*image.shape), inputs, _rng(name))
    arrays["input" if kind == "BATCHNORM" else "output"] = image
    return Probe(name, Call(FORWARD, contract, arrays, attributes))


def new_layer(contract: Dialect) -> Iterator[Probe]:
    """A layer as it is made."""
    yield Probe("a new layer", Call(MAKE, contract, {}, {"batch": 1, "w": 1, "h": 1, "c": 2}))


def inference(contract: Dialect) -> Iterator[Probe]:
    """Variances from 0 to 1e2 and no mean to speak of: nothing but the epsilon is in the way."""
    probe = _forward("an inference forward", contract, "BATCHNORM", False, _normal((3, _CHANNELS, 2), "inference"))
    arrays = dict(probe.call.arrays)
    arrays["rolling_variance"] = np.append(0, np.logspace(-10, 2, _CHANNELS - 1)).astype(np.float32)
    arrays["rolling_mean"] = arrays["rolling_mean"] / 8
    arrays["biases"] = np.zeros_like(arrays["biases"])
    yield Probe(probe.name, Call(FORWARD, contract, arrays, probe.call.attributes))


def _normal(shape: tuple[int, ...], name: str) -> np.ndarray:
    return _rng(name).normal(size=shape).astype(np.float32)


def training(contract: Dialect) -> Iterator[Probe]:
    """Every layer type with m = 8, and m of 1, 2 and 3 for the divisors."""
    for kind, (batch, spatial) in _TYPES.items():
        yield _forward(f"a training forward of a {kind} layer", contract, kind, True, _exact(batch, spatial))
    for m in (2, 3, 1):
        image = _normal((m, _CHANNELS, 1), f"{m}")
        yield _forward(f"a training forward with m = {m}", contract, "BATCHNORM", True, image)


def backward(contract: Dialect, state: Mapping[str, Arrays]) -> Iterator[Probe]:
    """Training backwards of every layer type and an inference backward.

    state: layer type -> what its training forward left behind.
    """
    for kind, (batch, spatial) in _TYPES.items():
        for term, factors in _DELTAS.items() if kind == "BATCHNORM" else [("variance", _DELTAS["variance"])]:
            pattern = sum(f * HADAMARD[row] for f, row in zip(factors, (0, 1, 2), strict=True))
            delta = np.broadcast_to(np.reshape(pattern, (batch, 1, spatial)), (batch, _CHANNELS, spatial))
            about = {"direct": " with sum(delta) = 0", "mean": " with sum(delta x) = 0", "variance": ""}[term]
            name = f"a training backward of a {kind} layer{about}"
            yield _backward(name, contract, kind, True, state[kind], np.ascontiguousarray(delta, np.float32))
    delta = _normal((_TYPES["BATCHNORM"][0], _CHANNELS, _TYPES["BATCHNORM"][1]), "delta")
    yield _backward("an inference backward", contract, "BATCHNORM", False, state["BATCHNORM"], delta)


def _backward(name: str, contract: Dialect, kind: str, train: bool, state: Arrays, delta: np.ndarray) -> Probe:
    attributes = _attributes(kind, train, delta.shape[2])
    inputs = inputs_of(BACKWARD, attributes, contract)
    arrays = _filled(Geometry(*delta.shape), inputs, _rng(name))
    arrays |= {n: a for n, a in state.items() if n in inputs and not (n.startswith("rolling") and not train)}
    return Probe(name, Call(BACKWARD, contract, {**arrays, "delta": delta}, attributes))
