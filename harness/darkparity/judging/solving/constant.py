"""The numbers of a dialect's row that can be solved for: where each stands, and where it can lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from darkparity.dialects import Dialect

#: Epsilons are looked for from here: the root of the smallest is below one unit roundoff of any variance above 1e-9,
#: so that it cannot be told from zero; above ten nothing is left of a normalized value.
_LEAST, _MOST = 1e-16, 10.0
#: Decay and gain: [-4, 4] holds every sum of weights with room for a wrong sign.
WEIGHTS = 4.0


@dataclass(frozen=True)
class Constant:
    """One number of a row.

    name: for sentences. get, put: read it, and make the row that has another. low, high: where it is looked for.
    log: whether it is a size (searched by its logarithm) or a weight.
    """

    name: str
    get: Callable[[Dialect], float]
    put: Callable[[Dialect, float], Dialect]
    low: float
    high: float
    log: bool = True

    def coordinate(self, value: float) -> float:
        """Where a value lies on the axis that is searched."""
        return math.log(max(value, self.low)) if self.log else value

    def value(self, coordinate: float) -> float:
        """Inverse of `coordinate`."""
        return math.exp(coordinate) if self.log else coordinate

    @property
    def axis(self) -> tuple[float, float]:
        """Both ends in coordinates."""
        return self.coordinate(self.low), self.coordinate(self.high)


def _epsilons(name: str, *fields: str) -> Constant:
    def put(row: Dialect, value: float) -> Dialect:
        return replace(row, **{f: replace(getattr(row, f), value=value) for f in fields})

    return Constant(name, lambda row: float(getattr(row, fields[0]).value), put, _LEAST, _MOST)


def _weight(name: str, part: str, field: str = "rolling") -> Constant:
    def get(row: Dialect) -> float:
        return float(getattr(getattr(row, field) or row.rolling, part))

    def put(row: Dialect, value: float) -> Dialect:
        new: Any = {field: replace(getattr(row, field) or row.rolling, **{part: value})}
        return replace(row, **new)

    return Constant(name, get, put, -WEIGHTS, WEIGHTS, log=False)


EPSILON = _epsilons("epsilon", "normalize")
MEAN_DELTA = _epsilons("epsilon of mean_delta", "mean_delta")
VARIANCE_DELTA = _epsilons("epsilon of variance_delta", "variance_delta")
NORMALIZE_DELTA = _epsilons("epsilon of normalize_delta", "normalize_delta")
BACKWARD = ("mean_delta", "variance_delta", "normalize_delta")
BACKWARD_EPSILON = _epsilons("epsilon of the backward", *BACKWARD)
DECAY, GAIN = _weight("decay", "decay"), _weight("gain", "gain")
#: AlexeyAB's CONNECTED layer has its own.
CONNECTED = tuple(_weight(f"{part} of a CONNECTED layer", part, "rolling_connected") for part in ("decay", "gain"))


@dataclass(frozen=True)
class Interval:
    """Every value that float32 cannot tell from the right one."""

    low: float
    high: float

    def middle(self, constant: Constant) -> float:
        """Halfway along the axis of `constant`."""
        return constant.value((constant.coordinate(self.low) + constant.coordinate(self.high)) / 2)

    def __contains__(self, value: float) -> bool:
        """Up to the rounding of `value` to float32."""
        room = 2.0**-23 * abs(value)
        return self.low - room <= value <= self.high + room

    def shortest(self, constant: Constant) -> float:
        """The number with the fewest digits in it: 0.001 rather than 0.000998; 0 where that cannot be excluded."""
        if constant.log and self.low <= constant.low:
            return 0.0
        middle = self.middle(constant)
        rounded = (float(f"{middle:.{digits}g}") for digits in range(1, 9))
        return next((value for value in rounded if value in self), float(np.float32(middle)))
