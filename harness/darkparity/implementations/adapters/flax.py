"""Flax's BatchNorm (linen), forward and gradients by JAX: dialect `flax`.

Its gradients go through statistics that it computes from x itself, so a training backward is offered
only where the given mean and variance are those of x, as in a training run.
The batch's statistics are what a second application with momentum 0 leaves as running ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.implementations.protocol import NotInstalled, NotOffered

ROW = DIALECTS["flax"]
#: How far given statistics may be from Flax's own, relative: a few roundings.
_SAME = 1e-5


class Adapter:
    """One module per call; `fast` is Flax's default, E[x^2] - E[x]^2."""

    fast = True

    def __init__(self, _device: str = "") -> None:
        try:
            import flax
            import jax
        except ImportError as error:
            raise NotInstalled("pip install 'darkparity[peers]'") from error
        self._jax = jax
        details = f"linen.BatchNorm, jax {jax.__version__}, use_fast_variance={self.fast}"
        self.DARKPARITY = dict(name="flax", dialect=ROW.name, version=str(flax.__version__), details=details)

    def forward_batchnorm_layer(self, type: str, train: bool, input: np.ndarray, output: np.ndarray,
                                x_norm: np.ndarray, scales: np.ndarray, biases: np.ndarray, mean: np.ndarray,
                                variance: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """Output and new running statistics."""
        start = input if type == "BATCHNORM" else output
        rolling = {"mean": rolling_mean, "var": rolling_variance}
        out, after = self._apply(train, ROW.rolling.decay)(start, scales, biases, rolling)
        kept = {"x": start, "x_norm": x_norm, "mean": mean, "variance": variance}
        if train:
            kept |= self._statistics(start)
        return {"output": np.array(out), "rolling_mean": np.array(after["mean"]),
                "rolling_variance": np.array(after["var"]), **kept}  # fmt: skip

    def backward_batchnorm_layer(self, type: str, train: bool, delta: np.ndarray, x: np.ndarray,
                                 scales: np.ndarray, mean: np.ndarray, variance: np.ndarray,
                                 rolling_mean: np.ndarray, rolling_variance: np.ndarray,
                                 bias_updates: np.ndarray, scale_updates: np.ndarray
                                 ) -> dict[str, np.ndarray]:  # fmt: skip
        """jax.vjp of the forward; the updates are added to what was there."""
        if train:
            own = self._statistics(x)
            if not all(np.allclose(a, b, _SAME, 0) for a, b in ((own["mean"], mean), (own["variance"], variance))):
                raise NotOffered("flax differentiates through statistics of x itself; these are others")
        rolling = {"mean": rolling_mean, "var": rolling_variance}
        forward = self._apply(train, ROW.rolling.decay)
        _, pull = self._jax.vjp(lambda *a: forward(*a, rolling)[0], x, scales, np.zeros_like(scales))
        dx, dscale, dbias = (np.array(g) for g in pull(delta))
        state = {"mean": mean, "variance": variance, "rolling_mean": rolling_mean,
                 "rolling_variance": rolling_variance}  # fmt: skip
        propagated = {"net_delta": dx} if type == "BATCHNORM" else {}
        return {"delta": dx, "bias_updates": bias_updates + dbias, "scale_updates": scale_updates + dscale,
                **state, **propagated}  # fmt: skip

    def _statistics(self, x: np.ndarray) -> dict[str, np.ndarray]:
        ones = np.ones(x.shape[1], np.float32)
        _, after = self._apply(True, 0.0)(x, ones, ones, {"mean": ones, "var": ones})
        return {"mean": np.array(after["mean"]), "variance": np.array(after["var"])}

    def _apply(self, train: bool, momentum: float) -> Callable[..., tuple[Any, Any]]:
        from flax import linen

        module = linen.BatchNorm(
            use_running_average=not train,
            momentum=momentum,
            epsilon=ROW.normalize.value,
            axis=1,
            use_fast_variance=self.fast,
        )

        def call(x: Any, scale: Any, bias: Any, rolling: Any) -> tuple[Any, Any]:
            variables = {"params": {"scale": scale, "bias": bias}, "batch_stats": rolling}
            out, changed = module.apply(variables, x, mutable=["batch_stats"])
            return out, changed.get("batch_stats", rolling)

        return call


class TwoPass(Adapter):
    """use_fast_variance=False: `darkparity check darkparity.implementations.adapters.flax:TwoPass`."""

    fast = False
