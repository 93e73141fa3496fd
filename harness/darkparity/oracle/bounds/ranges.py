"""Interval arithmetic on what honest float32 evaluations may compute: which classes an element can have at all.

Where `Bounded` says that nothing is known of the error, something often is known of the value: a sum of squares is
not negative, so its root plus epsilon is not zero and the quotient no NaN; a product far beyond float32's range is
infinite for everybody. An element lies in [low, high], or is NaN where `nan` says that it may be. What exceeds
float32's range may be infinite, or still finite in a wider accumulator: its end of the interval is infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from .labels import SMALLEST_NORMAL, UNIT, Profile

Array = np.ndarray
_MAX = float(np.finfo(np.float32).max)


class Ranged:
    """A tensor of intervals; same shapes and operators as `Bounded`."""

    def __init__(self, low: Array, high: Array, nan: Array, profile: Profile) -> None:
        self.low, self.high, self.nan, self.profile = low, high, nan, profile

    @classmethod
    def lift(cls, array: Array, profile: Profile) -> Ranged:
        """Exact inputs; denormals-are-zero may drop a subnormal one."""
        v = array.astype(np.float64)
        nan = np.isnan(v)
        v = np.where(nan, 0.0, v)
        kept = np.where(np.abs(v) < SMALLEST_NORMAL, 0.0, v)
        return cls(np.minimum(v, kept), np.maximum(v, kept), nan, profile)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.nan.shape

    @property
    def finite(self) -> Array:
        """Elements that no honest evaluation makes NaN or infinite."""
        return ~self.nan & (self.low >= -_MAX) & (self.high <= _MAX)

    @property
    def overflow(self) -> Array:
        """1 or -1: every honest evaluation makes the element that infinity; else 0."""
        return np.where(self.nan, 0, (self.low > _MAX) * 1 - (self.high < -_MAX) * 1)

    def constant(self, value: float, exact: bool = False) -> Ranged:
        """A dialect's constant, known up to one unit roundoff."""
        v, away = np.full((1,) * self.nan.ndim, float(value)), 0.0 if exact else UNIT * abs(value)
        return Ranged(v - away, v + away, np.zeros(v.shape, bool), self.profile)

    def _rounded(self, low: Array, high: Array, nan: Array, factor: float = UNIT) -> Ranged:
        """Roundings, underflow and overflow; no rounding changes a sign."""
        low, high = low - factor * np.abs(low), high + factor * np.abs(high)
        low = np.where(low < 0, low - SMALLEST_NORMAL, np.maximum(low - SMALLEST_NORMAL, 0.0))
        high = np.where(high > 0, high + SMALLEST_NORMAL, np.minimum(high + SMALLEST_NORMAL, 0.0))
        unknown = np.isnan(low) | np.isnan(high)
        low = np.where((low < -_MAX) | unknown, -np.inf, low)
        high = np.where((high > _MAX) | unknown, np.inf, high)
        return Ranged(low, high, nan | unknown, self.profile)

    def __add__(self, other: Ranged) -> Ranged:
        return self.plus(other)

    def __sub__(self, other: Ranged) -> Ranged:
        return self.plus(Ranged(-other.high, -other.low, other.nan, other.profile))

    def plus(self, *others: Ranged) -> Ranged:
        """Sum with `others` in any order."""
        parts = zip(*(term._signed() for term in (self, *others)), strict=True)
        return self._total(1 + len(others), [reduce(np.add, part) for part in parts])

    def sum(self, start: Ranged | None = None, plain: bool = False) -> Ranged:
        """Sum over batch and spatial in any order."""
        parts = [np.broadcast_to(p, self.shape).sum(axis=(0, 2), keepdims=True) for p in self._signed()]
        if start is not None:
            parts = [p + more for p, more in zip(parts, start._signed(), strict=True)]
        return self._total(self.shape[0] * self.shape[2] + (start is not None), parts)

    def _signed(self) -> tuple[Array, ...]:
        """What adds up of a term: both ends and their sizes, what it has of either sign at most, that it may be NaN."""
        above, below = np.maximum(self.high, 0.0), np.maximum(-self.low, 0.0)
        return self.low, self.high, np.abs(self.low), np.abs(self.high), above, below, self.nan.astype(int)

    def _total(self, terms: int, parts: Sequence[Array]) -> Ranged:
        """A sum of `terms`, each of which errs by less than its own size; partial sums lie in [-below, above]."""
        low, high, least, most, above, below, nan = parts
        factor, flushed = self.profile.sum_factor(terms), terms * SMALLEST_NORMAL
        with np.errstate(all="ignore"):
            low, high = low - factor * least - flushed, high + factor * most + flushed
            low = np.where(below > _MAX, -np.inf, np.where(below > 0, low, np.maximum(low, 0.0)))
            high = np.where(above > _MAX, np.inf, np.where(above > 0, high, np.minimum(high, 0.0)))
            return self._rounded(low, high, (nan > 0) | ((above > _MAX) & (below > _MAX)))

    def either(self, other: Ranged) -> Ranged:
        """The same number computed otherwise."""
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return Ranged(low, high, self.nan | other.nan, self.profile)

    def clipped(self) -> Ranged:
        """0 in place of what is negative."""
        return Ranged(np.maximum(self.low, 0.0), np.maximum(self.high, 0.0), self.nan, self.profile)

    def __mul__(self, other: Ranged | int) -> Ranged:
        if isinstance(other, int):
            other = self.constant(other, exact=True)
        with np.errstate(all="ignore"):
            ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
            ends = [np.where(np.isnan(end), 0.0, end) for end in ends]  # 0 inf: the limit, NaN apart
            low, high = np.minimum.reduce(ends), np.maximum.reduce(ends)
            if other is self:  # a square
                low = np.maximum(low, 0.0)
            nan = self.nan | other.nan | (self._zero() & other._unbounded()) | (self._unbounded() & other._zero())
            return self._rounded(low, high, nan)

    def __truediv__(self, other: Ranged | int) -> Ranged:
        if isinstance(other, int):
            other = self.constant(other, exact=True)
        return self * other._reciprocal()

    def _reciprocal(self) -> Ranged:
        """1 / self: either infinity, or any number, where it may be 0."""
        with np.errstate(all="ignore"):
            zero = self._zero()
            low, high = np.where(zero, -np.inf, 1 / self.high), np.where(zero, np.inf, 1 / self.low)
            return self._rounded(low, high, self.nan | self._estimated(), self.profile.roundings * UNIT)

    def reciprocal_or_zero(self) -> Ranged:
        """1 / self, 0 where it is exactly 0."""
        none = (self.low == 0) & (self.high == 0)
        inverse = self._reciprocal()
        return Ranged(np.where(none, 0.0, inverse.low), np.where(none, 0.0, inverse.high), inverse.nan, self.profile)

    def sqrt(self) -> Ranged:
        low, high = (np.sqrt(np.maximum(end, 0.0)) for end in (self.low, self.high))
        nan = self.nan | (self.low < 0) | self._estimated()
        return self._rounded(low, high, nan, self.profile.roundings * UNIT)

    def _estimated(self) -> Array:
        """A Newton step from an estimate of 1 / inf is inf 0."""
        return self._unbounded() & (not self.profile.ieee)

    def _zero(self) -> Array:
        return (self.low <= 0) & (self.high >= 0)

    def _unbounded(self) -> Array:
        return np.isinf(self.low) | np.isinf(self.high)

    def gather(self, n: int, increment: int) -> Ranged:
        """X[i*increment], i < n."""
        at = slice(0, (n - 1) * increment + 1, increment)
        return Ranged(self.low[at], self.high[at], self.nan[at], self.profile)

    def scatter(self, values: Ranged, n: int, increment: int) -> Ranged:
        """This vector with X[i*increment] = values[i]."""
        at = slice(0, (n - 1) * increment + 1, increment)
        low, high, nan = self.low.copy(), self.high.copy(), self.nan.copy()
        low[at], high[at], nan[at] = values.low, values.high, values.nan
        return Ranged(low, high, nan, self.profile)
