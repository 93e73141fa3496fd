"""Classes of a float32: finite, either infinity, NaN; and which of them is certain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from darkparity.oracle import Environment, stacked

from .ranges import Ranged

#: As bits: -0.0 counts as 0.0, NaN payloads do not count.
FINITE, PLUS_INF, MINUS_INF, NAN = 1, 2, 4, 8
NON_FINITE = PLUS_INF | MINUS_INF | NAN
ALL = FINITE | NON_FINITE


def class_of(array: np.ndarray) -> np.ndarray:
    """The class bit of each element."""
    if np.isfinite(array).all():
        return np.full(array.shape, FINITE, np.uint8)
    infinite = np.where(array > 0, PLUS_INF, MINUS_INF)
    return np.where(np.isfinite(array), FINITE, np.where(np.isnan(array), NAN, infinite)).astype(np.uint8)


def sure_classes(operation: str, steps: Sequence[Environment], names: Iterable[str]) -> dict[str, np.ndarray]:
    """Array -> class bit that every honest evaluation gives, 0 where there are several. steps: of `Ranged` tensors."""
    return {name: stacked(operation, name, [_sure(step[name]) for step in steps]) for name in names}


def _sure(tensor: Ranged) -> np.ndarray:
    infinite = np.select([tensor.overflow > 0, tensor.overflow < 0], [PLUS_INF, MINUS_INF], 0)
    return np.where(tensor.finite, FINITE, infinite).astype(np.uint8)
