"""The fields in which batch norms differ."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

INSIDE = "inside"  # sqrt(variance + epsilon)
OUTSIDE = "outside"  # sqrt(variance) + epsilon

#: Every layer type; which of them add to bias_updates differs between dialects.
ALL_TYPES = frozenset(("BATCHNORM", "CONVOLUTIONAL", "CONNECTED"))


def float32(value: float) -> float:
    """`value` as the C code holds it: rounded to float32 (ALPHA and the `f` suffix in DarkNet)."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


@dataclass(frozen=True)
class Epsilon:
    """A constant that keeps a denominator from zero, and where it stands."""

    value: float
    place: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", float32(self.value))

    @property
    def inside(self) -> bool:
        return self.place == INSIDE


@dataclass(frozen=True)
class Rolling:
    """rolling = decay * rolling + gain * batch."""

    decay: float
    gain: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", float32(self.decay))
        object.__setattr__(self, "gain", float32(self.gain))


@dataclass(frozen=True)
class Dialect:
    """One batch norm among the many. All constants are float32 values.

    variance_ddof, rolling_ddof: delta degrees of freedom of the normalizing and of the rolling variance.
    backward: "three_term" (DarkNet's mean_delta, variance_delta, normalize_delta) or "inverse_std"
        (cuDNN and frameworks: x_hat recomputed from x, mean and 1/std; no mean_delta, variance_delta).
    saved_statistic: what the array `variance` holds after a training forward, "variance" or "inverse_std".
    saves_x: "always" or only in "training". saves_x_norm: whether a training forward writes x_norm.
    inference_backward: which statistics an inference-mode backward uses:
        "rolling" for that call only; "rolling_copied" into mean and variance (they stay changed);
        "batch" those of the last training forward; "fixed" rolling ones as constants
        (dx = scales delta / std); "rolling_as_inverse_std" rolling_variance taken for 1/std.
    bias_gradient: layer types whose backward adds to bias_updates.
    least_divisor: divisors m - ddof below this become it: 1 gives 0 where m = 1, 0 gives 0 / 0.
    rolling_updated_in: "forward" or "backward", the function whose training call updates the rolling statistics.
    rolling_weight: whether rolling_* are sums whose weights add up in a third array, `rolling_weight`; they
        are divided by it when used (Caffe). A weight of 0 gives statistics of 0.
    inference_only: no training and no backward; the other fields' values are never used.
    routines: whether the dialect has DarkNet's routines as separate functions.
    sources: field -> owner/repo@commit path:lines; "*" for all the rest.
    """

    name: str
    summary: str
    normalize: Epsilon
    mean_delta: Epsilon
    variance_delta: Epsilon
    normalize_delta: Epsilon
    sources: Mapping[str, str]
    variance_ddof: int = 1
    rolling_ddof: int = 1
    rolling: Rolling = Rolling(0.99, 0.01)
    rolling_connected: Rolling | None = None
    initial_rolling_variance: float = 0.0
    backward: str = "three_term"
    saved_statistic: str = "variance"
    saves_x: str = "always"
    saves_x_norm: bool = True
    inference_backward: str = "rolling"
    bias_gradient: frozenset[str] = ALL_TYPES
    routines: bool = True
    least_divisor: int = 0
    rolling_updated_in: str = "forward"
    rolling_weight: bool = False
    inference_only: bool = False

    def rolling_of(self, layer_type: str) -> Rolling:
        """Decay and gain for `layer_type` (AlexeyAB's CONNECTED layer has its own)."""
        if layer_type == "CONNECTED" and self.rolling_connected is not None:
            return self.rolling_connected
        return self.rolling

    def divisor(self, m: int, ddof: int) -> int:
        """What a sum of squares of m values is divided by."""
        return max(m - ddof, self.least_divisor)

    def __repr__(self) -> str:
        return f"<dialect {self.name}: {self.summary}>"

    def __str__(self) -> str:
        return self.name
