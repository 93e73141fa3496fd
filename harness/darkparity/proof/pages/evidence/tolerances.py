"""Tolerances in common use, as ratios like the derived bounds': |got - expected| over what the rule allows.

Read in their favour: NaN equals NaN, and an infinity equals itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkparity.oracle.bounds.compare import ulp_distance

Array = np.ndarray
_ULPS = 6


@dataclass(frozen=True)
class Tolerance:
    """One rule. ratio: (got, expected), float32, to a ratio per element; above 1 the rule fails."""

    name: str
    ratio: Callable[[Array, Array], Array]


def _close(relative: float, absolute: float) -> Callable[[Array, Array], Array]:
    """|got - expected| <= absolute + relative |expected|, as NumPy and PyTorch have it."""

    def ratio(got: Array, expected: Array) -> Array:
        right = expected.astype(np.float64)
        with np.errstate(all="ignore"):
            away = np.abs(got.astype(np.float64) - right)
            allowed = absolute + relative * np.abs(right)
            return _classes(got, expected, np.where(away == 0, 0.0, away / allowed))

    return ratio


def _ulps(got: Array, expected: Array) -> Array:
    return _classes(got, expected, ulp_distance(got, expected) / _ULPS)


def _bitwise(got: Array, expected: Array) -> Array:
    return _classes(got, expected, np.where(ulp_distance(got, expected) > 0, np.inf, 0.0))


def _classes(got: Array, expected: Array, ratio: Array) -> Array:
    both = np.isfinite(got) & np.isfinite(expected)
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    return np.where(both, ratio, np.where(same, 0.0, np.inf))


TOLERANCES = (
    Tolerance("numpy.allclose (1e-5, 1e-8)", _close(1e-5, 1e-8)),
    Tolerance("numpy.testing.assert_allclose (1e-7)", _close(1e-7, 0.0)),
    Tolerance("torch.testing.assert_close (1.3e-6, 1e-5)", _close(1.3e-6, 1e-5)),
    Tolerance("ONNX backend tests (1e-3, 1e-7)", _close(1e-3, 1e-7)),
    Tolerance(f"{_ULPS} ULP", _ulps),
    Tolerance("bitwise", _bitwise),
)
