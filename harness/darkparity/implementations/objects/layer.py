"""A framework's layer behind DarkNet's layer functions: what it shows is handed on, what it keeps is not observed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.implementations.protocol import NotOffered

#: How far given statistics may be from those of x, relative: a few roundings of a sum.
_SAME = 1e-4
#: What a layer takes, in this order everywhere.
STATE = ("scales", "biases", "rolling_mean", "rolling_variance")


@dataclass(frozen=True)
class Parameters:
    """Parameters and rolling statistics of a layer, float32 arrays of shape (channels,)."""

    scales: np.ndarray
    biases: np.ndarray
    rolling_mean: np.ndarray
    rolling_variance: np.ndarray


class FrameworkLayer(ABC):
    """A framework says how its layer is run; here stands DarkNet's forward."""

    def __init__(self, name: str, dialect: Dialect, version: str, details: str) -> None:
        self.dialect = dialect
        self.DARKPARITY: dict[str, Any] = dict(name=name, dialect=dialect, version=version, details=details)

    @abstractmethod
    def forward(self, train: bool, x: np.ndarray, given: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Output (batch, channels, spatial), rolling_mean and rolling_variance (channels,) afterwards."""

    def statistics(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """The batch's `mean` and `variance`, (channels,), where the layer shows them."""
        return {}

    def forward_batchnorm_layer(self, type: str, train: bool, input: np.ndarray, output: np.ndarray,
                                x_norm: np.ndarray, scales: np.ndarray, biases: np.ndarray, mean: np.ndarray,
                                variance: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """Output and statistics, as far as the layer shows them."""
        start = input if type == "BATCHNORM" else output
        given = Parameters(scales, biases, rolling_mean, rolling_variance)
        out, mean_after, variance_after = self.forward(train, start, given)
        unread = self.statistics(start) if train else {"x_norm": x_norm, "mean": mean, "variance": variance}
        return {"output": out, "x": start, "rolling_mean": mean_after, "rolling_variance": variance_after, **unread}


class DifferentiableLayer(FrameworkLayer):
    """With DarkNet's backward.

    A layer normalizes by statistics that it computes from x itself, so a training backward is offered only where the
    given mean and variance are those of x, as in a training run.
    """

    @abstractmethod
    def backward(
        self, train: bool, x: np.ndarray, delta: np.ndarray, given: Parameters
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gradients of x (batch, channels, spatial), scales and biases (channels,)."""

    def backward_batchnorm_layer(self, type: str, train: bool, delta: np.ndarray, x: np.ndarray,
                                 scales: np.ndarray, mean: np.ndarray, variance: np.ndarray,
                                 rolling_mean: np.ndarray, rolling_variance: np.ndarray,
                                 bias_updates: np.ndarray, scale_updates: np.ndarray
                                 ) -> dict[str, np.ndarray]:  # fmt: skip
        """The framework's own gradients; the updates are added to what was there."""
        if train:
            self._check_statistics(x, mean, variance)
        given = Parameters(scales, np.zeros_like(scales), rolling_mean, rolling_variance)
        dx, dscales, dbiases = self.backward(train, x, delta, given)
        propagated = {"net_delta": dx} if type == "BATCHNORM" else {}
        return {"delta": dx, "scale_updates": scale_updates + dscales, "bias_updates": bias_updates + dbiases,
                "mean": mean, "variance": variance, "rolling_mean": rolling_mean,
                "rolling_variance": rolling_variance, **propagated}  # fmt: skip

    def _check_statistics(self, x: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> None:
        wide, m = x.astype(np.float64), x.shape[0] * x.shape[2]
        own = wide.mean(axis=(0, 2))
        squares = ((wide - own[:, None]) ** 2).sum(axis=(0, 2))
        spread = squares / max(self.dialect.divisor(m, self.dialect.variance_ddof), 1)
        near = np.abs(mean - own) <= _SAME * np.sqrt(spread) + _SAME * np.abs(own)
        if not (near.all() and np.allclose(variance, spread, _SAME, 0)):
            raise NotOffered("the layer differentiates through statistics of x itself; these are others")
