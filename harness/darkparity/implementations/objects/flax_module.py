"""A flax.linen BatchNorm as it is, gradients by JAX."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.implementations.binding import PortError

from .layer import DifferentiableLayer, FrameworkLayer, Parameters
from .making import Made


def wrap(made: Made) -> FrameworkLayer:
    """The module's layer functions. Raises PortError where it does not state what a batch norm states."""
    missing = [n for n in ("epsilon", "momentum", "axis", "use_running_average") if not hasattr(made.example, n)]
    if missing:
        raise PortError(f"{made.name} is no batch norm: it has no {', '.join(missing)}")
    return FlaxModule(made)


class FlaxModule(DifferentiableLayer):
    """One clone per call, which differs from the given module in its axis and mode."""

    def __init__(self, made: Made) -> None:
        import flax
        import jax

        self._jax, self._module = jax, made.example
        row = Dialect.based_on("flax", epsilon=made.example.epsilon, momentum=made.example.momentum)
        details = f"{type(made.example).__qualname__} as {row}, jax {jax.__version__}"
        super().__init__(made.name, row, str(flax.__version__), details)

    def forward(self, train: bool, x: np.ndarray, given: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The module with mutable batch statistics."""
        out, after = self._apply(train, given, x, given.scales, given.biases)
        return np.array(out), np.array(after["mean"]), np.array(after["var"])

    def statistics(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Those of the batch are what an application with momentum 0 leaves as running ones."""
        ones = np.ones(x.shape[1], np.float32)
        _, after = self._apply(True, Parameters(ones, ones, ones, ones), x, ones, ones, momentum=0.0)
        return {"mean": np.array(after["mean"]), "variance": np.array(after["var"])}

    def backward(
        self, train: bool, x: np.ndarray, delta: np.ndarray, given: Parameters
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """jax.vjp of the forward."""
        _, pull = self._jax.vjp(lambda *a: self._apply(train, given, *a)[0], x, given.scales, given.biases)
        dx, dscales, dbiases = pull(delta)
        return np.array(dx), np.array(dscales), np.array(dbiases)

    def _apply(
        self, train: bool, given: Parameters, x: Any, scales: Any, biases: Any, **changed: Any
    ) -> tuple[Any, Any]:
        module = self._module.clone(axis=1, use_running_average=not train, **changed)
        rolling = {"mean": given.rolling_mean, "var": given.rolling_variance}
        variables = {"params": {"scale": scales, "bias": biases}, "batch_stats": rolling}
        out, changed = module.apply(variables, x, mutable=["batch_stats"])
        return out, changed.get("batch_stats", rolling)
