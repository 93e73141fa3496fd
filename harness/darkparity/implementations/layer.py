"""DarkNet's batch-normalization layer as a Python object, computed by any implementation."""

from __future__ import annotations

import numpy as np

from darkparity.dialects import DEFAULT, Dialect
from darkparity.dialects import dialect as dialect_of
from darkparity.spec import BACKWARD, FORWARD, MAKE, ContractError, inputs_of

from . import Implementation, load


class BatchnormLayer:
    """A layer with DarkNet's arrays as attributes; forward and backward carry their state along.

    A = (batch, channels, h*w): output, delta, x, x_norm, and net_delta after a backward of a BATCHNORM
    layer. c = (channels,): scales, biases, their updates, mean, variance, rolling_mean,
    rolling_variance, mean_delta, variance_delta; rolling_weight where the dialect has it.
    Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c.
    """

    output: np.ndarray
    delta: np.ndarray
    x: np.ndarray
    x_norm: np.ndarray
    net_delta: np.ndarray
    scales: np.ndarray
    biases: np.ndarray
    scale_updates: np.ndarray
    bias_updates: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    rolling_mean: np.ndarray
    rolling_variance: np.ndarray
    rolling_weight: np.ndarray
    mean_delta: np.ndarray
    variance_delta: np.ndarray

    def __init__(
        self, geometry: tuple[int, int, int, int], implementation: Implementation, dialect: Dialect, type: str
    ) -> None:
        """geometry: (batch, channels, height, width). Allocates through the implementation itself."""
        self.batch, self.out_c, self.out_h, self.out_w = geometry
        self.implementation, self.dialect, self.type = implementation, dialect, type
        self.last_forward = "none yet"
        sizes = {"batch": self.batch, "w": self.out_w, "h": self.out_h, "c": self.out_c}
        self._keep(implementation.run(MAKE, dialect, {}, sizes))

    def forward(self, input: np.ndarray, train: bool = True) -> np.ndarray:
        """Normalize `input`, (batch, channels, height, width) or A; returns the output in its shape.

        In a CONVOLUTIONAL or CONNECTED layer `input` is what its weights produced: DarkNet keeps that
        in `output` and normalizes it in place.
        """
        values = self._full("input", input)
        self._run(FORWARD, train, input=values, output=values)
        self.last_forward = "training" if train else "inference"
        return self.output.reshape(input.shape)

    def backward(self, delta: np.ndarray, train: bool = True) -> np.ndarray:
        """Propagate `delta`, in a shape that forward takes; returns net_delta (BATCHNORM) or delta.

        bias_updates and scale_updates add up over calls, as in DarkNet, until you zero them.
        """
        self._run(BACKWARD, train, delta=self._full("delta", delta))
        result = self.net_delta if self.type == "BATCHNORM" else self.delta
        return result.reshape(delta.shape)

    def _run(self, operation: str, train: bool, **given: np.ndarray) -> None:
        attributes = {"type": self.type, "train": bool(train), "out_h": self.out_h, "out_w": self.out_w}
        wanted = inputs_of(operation, attributes, self.dialect)
        arrays = {n: given[n] if n in given else getattr(self, n) for n in wanted}
        self._keep(self.implementation.run(operation, self.dialect, arrays, attributes))

    def _keep(self, arrays: dict[str, np.ndarray]) -> None:
        for name, array in arrays.items():
            setattr(self, name, array)

    def _full(self, name: str, array: np.ndarray) -> np.ndarray:
        """(batch, channels, height, width) or A -> A; dtype and layout are the implementation's to refuse."""
        full = (self.batch, self.out_c, self.out_h, self.out_w)
        flat = (self.batch, self.out_c, self.out_h * self.out_w)
        shape = getattr(array, "shape", None)
        if shape not in (full, flat):
            raise ContractError(f"{name} has shape {shape}, this layer takes {full} or {flat}")
        return array.reshape(flat) if array.flags["C_CONTIGUOUS"] else array

    def __repr__(self) -> str:
        return (
            f"BatchnormLayer({self.type}, batch={self.batch}, channels={self.out_c}, h={self.out_h}, "
            f"w={self.out_w}, dialect={self.dialect.name!r}, "
            f"implementation={self.implementation.describe().name!r}, last forward: {self.last_forward})"
        )


def make_batchnorm_layer(
    batch: int,
    w: int,
    h: int,
    c: int,
    *,
    implementation: str | Implementation = "numpy",
    dialect: str | Dialect = DEFAULT,
    type: str = "BATCHNORM",
) -> BatchnormLayer:
    """DarkNet's constructor, in its order of sizes: batch, width, height, channels.

    implementation: anything `darkparity.implementations.load` takes, or an Implementation.
    """
    runner = load(implementation) if isinstance(implementation, str) else implementation
    row = dialect_of(dialect) if isinstance(dialect, str) else dialect
    return BatchnormLayer((batch, c, h, w), runner, row, type)
