"""A batch norm written apart: no dialect, no oracle, no other implementation; every constant is a plain number.

It works on (channels, m) instead of (batch, channels, spatial) and multiplies by 1 / root where others divide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

F = np.float32


@dataclass(frozen=True)
class Settings:
    """Everything that makes one batch norm another. Epsilons are (value, inside the root)."""

    forward: tuple[float, bool]
    backward: tuple[tuple[float, bool], ...]  # of the mean's, the variance's and the direct term; none: own gradient
    less: int
    rolling_less: int
    least: int
    keep: float
    take: float
    connected: tuple[float, float] | None
    late: bool
    fresh: float
    keeps_root: bool
    keeps_x: bool
    keeps_normalized: bool
    evaluating: str
    bias: frozenset[str]
    returns: tuple[str, ...] = field(default=())


def _root(spread: np.ndarray, epsilon: tuple[float, bool]) -> np.ndarray:
    value, inside = F(epsilon[0]), epsilon[1]
    return np.asarray(np.sqrt(spread + value) if inside else np.sqrt(spread) + value)


def _rows(a: np.ndarray) -> np.ndarray:
    """(batch, channels, spatial) -> (channels, m)."""
    return np.ascontiguousarray(a.transpose(1, 0, 2)).reshape(a.shape[1], -1)


def _back(rows: np.ndarray, like: np.ndarray) -> np.ndarray:
    batch, channels, spatial = like.shape
    return np.ascontiguousarray(rows.reshape(channels, batch, spatial).transpose(1, 0, 2))


class BatchNorm:
    """One layer with its settings; `returns` names what it hands out, everything if empty."""

    def __init__(self, settings: Settings) -> None:
        self.s = settings
        self.DARKPARITY = {"name": "hidden"}

    def _out(self, found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {n: a for n, a in found.items() if not self.s.returns or n in self.s.returns}

    def _weights(self, kind: str) -> tuple[Any, Any]:
        keep, take = self.s.connected if kind == "CONNECTED" and self.s.connected else (self.s.keep, self.s.take)
        return F(keep), F(take)

    def make_batchnorm_layer(self, batch: int, c: int) -> dict[str, np.ndarray]:
        """What a new layer holds; of it only the rolling variance differs."""
        return {"rolling_variance": np.full(c, self.s.fresh, F)}

    def forward_batchnorm_layer(self, type: str, train: bool, input: np.ndarray, output: np.ndarray, x: np.ndarray,
                                x_norm: np.ndarray, scales: np.ndarray, biases: np.ndarray, mean: np.ndarray,
                                variance: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """Both modes."""
        s, image = self.s, input if type == "BATCHNORM" else output
        rows, (keep, take) = _rows(image), self._weights(type)
        state = dict(x=image if train or s.keeps_x else x, x_norm=x_norm, mean=mean, variance=variance,
                     rolling_mean=rolling_mean, rolling_variance=rolling_variance)  # fmt: skip
        used_mean, used_spread = rolling_mean, rolling_variance
        if train:
            m = rows.shape[1]
            used_mean = rows.sum(1, dtype=F) / F(m)
            apart = rows - used_mean[:, None]
            squares = (apart * apart).sum(1, dtype=F)
            used_spread = squares / F(max(m - s.less, s.least))
            if not s.late:
                entering = squares / F(max(m - s.rolling_less, s.least))
                state["rolling_mean"] = keep * rolling_mean + take * used_mean
                state["rolling_variance"] = keep * rolling_variance + take * entering
        inverse = F(1) / _root(used_spread, s.forward)
        normalized = (rows - used_mean[:, None]) * inverse[:, None]
        if train:
            state |= {"mean": used_mean, "variance": inverse if s.keeps_root else used_spread}
            state["x_norm"] = _back(normalized, image) if s.keeps_normalized else x_norm
        result = normalized * scales[:, None] + biases[:, None]
        return self._out({"output": _back(result, image), **state})

    def backward_batchnorm_layer(self, type: str, train: bool, delta: np.ndarray, x: np.ndarray, x_norm: np.ndarray,
                                 scales: np.ndarray, mean: np.ndarray, variance: np.ndarray, rolling_mean: np.ndarray,
                                 rolling_variance: np.ndarray, bias_updates: np.ndarray, scale_updates: np.ndarray
                                 ) -> dict[str, np.ndarray]:  # fmt: skip
        """Both modes and both kinds of gradient."""
        s, rows, d = self.s, _rows(x), _rows(delta)
        state = dict(mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
        if train and s.late:
            keep, take = self._weights(type)
            spread = F(1) / (variance * variance) - F(s.forward[0]) if s.keeps_root else variance
            state["rolling_mean"] = keep * rolling_mean + take * mean
            state["rolling_variance"] = keep * rolling_variance + take * spread
        if not train and s.evaluating == "rolling_copied":
            copied = F(1) / _root(rolling_variance, s.forward) if s.keeps_root else rolling_variance
            state |= {"mean": rolling_mean, "variance": copied}
        if type in s.bias:
            bias_updates = bias_updates + d.sum(1, dtype=F)
        own = train or s.evaluating in ("batch", "rolling_copied")
        centre, spread = (state["mean"], state["variance"]) if own else (rolling_mean, rolling_variance)
        is_root = s.keeps_root if own else s.evaluating == "rolling_as_inverse_std"
        apart, g = rows - centre[:, None], d * scales[:, None]
        if s.backward:
            found = self._terms(d, _rows(x_norm), apart, g, spread)
        else:
            found = self._whole(d, apart, g, spread if is_root else F(1) / _root(spread, s.forward), train)
        found["scale_updates"] = scale_updates + found["scale_updates"]
        found["delta"] = _back(found["delta"], delta)
        if type == "BATCHNORM":
            found["net_delta"] = found["delta"].copy()
        return self._out({**state, **found, "bias_updates": bias_updates})

    def _terms(self, d: np.ndarray, normalized: np.ndarray, apart: np.ndarray, g: np.ndarray, spread: np.ndarray
               ) -> dict[str, np.ndarray]:  # fmt: skip
        """Through the mean, through the variance, and directly."""
        of_mean, of_variance, direct = (F(1) / _root(spread, e) for e in self.s.backward)
        m = F(d.shape[1])
        mean_delta = -(g.sum(1, dtype=F) * of_mean)
        variance_delta = F(-0.5) * (g * apart).sum(1, dtype=F) * of_variance * of_variance * of_variance
        through = (F(2) * variance_delta / m)[:, None] * apart + (mean_delta / m)[:, None]
        return {"delta": g * direct[:, None] + through, "mean_delta": mean_delta, "variance_delta": variance_delta,
                "scale_updates": (d * normalized).sum(1, dtype=F)}  # fmt: skip

    def _whole(self, d: np.ndarray, apart: np.ndarray, g: np.ndarray, inverse: np.ndarray, train: bool
               ) -> dict[str, np.ndarray]:  # fmt: skip
        """The gradient of the forward itself; of fixed statistics where they are."""
        hat, m = apart * inverse[:, None], F(d.shape[1])
        updates = (d * hat).sum(1, dtype=F)
        if not train and self.s.evaluating == "fixed":
            return {"delta": g * inverse[:, None], "scale_updates": updates}
        centred = g - (g.sum(1, dtype=F) / m)[:, None] - hat * ((g * hat).sum(1, dtype=F) / m)[:, None]
        return {"delta": centred * inverse[:, None], "scale_updates": updates}
