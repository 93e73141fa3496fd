"""Float64 arithmetic with a running error bound: value and error carried together.

Every element is `v` (float64 evaluation of the formula) and `e`, such that every honest float32 evaluation of
the same formula lies within e of the exact value (rules: docs/bounds.md). Because each float64 rounding made
here obeys the same rules with 2^-53 in place of 2^-24, |v - exact| <= 2^-22 e: `e` also bounds the error of `v`.
e = 0 means that every honest evaluation is exact; e = inf that nothing can be said (overflow, conditioning).
`tainted` marks elements reached by NaN, infinity, division by zero or the root of a negative number; there
`v` follows IEEE 754, so that its class (NaN, +inf, -inf) is the class DarkNet's own code returns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .labels import HALF_SUBNORMAL, SMALLEST_NORMAL, UNIT, Profile

Array = np.ndarray
_FLOAT32_MAX = float(np.finfo(np.float32).max)
#: A float32 sum whose terms are all at least 2^-102 keeps multiples of 2^-126: it cannot become subnormal.
_NO_UNDERFLOW = 2.0**-102


class Bounded:
    """A tensor of values with error bounds; same shapes and operators as `oracle.exact.Exact`."""

    def __init__(self, v: Array, e: Array, tainted: Array, profile: Profile) -> None:
        self.v, self.e, self.tainted, self.profile = v, e, tainted, profile

    @classmethod
    def lift(cls, array: Array, profile: Profile) -> Bounded:
        """Exact inputs."""
        with np.errstate(invalid="ignore"):  # a signalling NaN in a file is a NaN
            v = array.astype(np.float64)
        return cls(v, np.zeros_like(v), ~np.isfinite(v), profile)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.v.shape

    def constant(self, value: float, exact: bool = False) -> Bounded:
        """A dialect's constant, known up to one unit roundoff (1e-6 and 1e-6f are both right)."""
        v = np.full((1,) * self.v.ndim, float(value))
        return Bounded(v, np.zeros_like(v) if exact else UNIT * np.abs(v), np.zeros(v.shape, bool), self.profile)

    def _rounded(self, v: Array, e: Array, exact: Array, tainted: Array, roundings: int = 1) -> Bounded:
        """Add the error of rounding `v` to float32 where the exact rule does not apply."""
        size = np.abs(v) + e
        grown = e + roundings * UNIT * size + self._underflow(np.abs(v) - e, size)
        e = np.where(exact, 0.0, grown)
        e = np.where((size > _FLOAT32_MAX) | np.isnan(e) | tainted, np.inf, e)
        return Bounded(v, e, tainted, self.profile)

    def _underflow(self, least: Array, size: Array) -> Array | float:
        lost = HALF_SUBNORMAL if self.profile.ieee else SMALLEST_NORMAL
        return np.where((least < SMALLEST_NORMAL) & (size > 0), lost, 0.0)

    def _representable(self, v: Array) -> Array:
        """Exactly a float32 that no permitted flush destroys."""
        with np.errstate(over="ignore"):
            whole = v.astype(np.float32) == v
        return whole if self.profile.ieee else whole & ((v == 0) | (np.abs(v) >= SMALLEST_NORMAL))

    def _operand(self) -> Array:
        """Error of this tensor as an operand: denormals-are-zero may drop a subnormal input."""
        if self.profile.ieee:
            return self.e
        size = np.abs(self.v)
        subnormal = (size < SMALLEST_NORMAL) & (size > 0)
        return self.e + np.where(subnormal, size, 0.0) if subnormal.any() else self.e

    def __add__(self, other: Bounded) -> Bounded:
        return self._sum_of(other, other.v)

    def __sub__(self, other: Bounded) -> Bounded:
        return self._sum_of(other, -other.v)

    def _sum_of(self, other: Bounded, right: Array) -> Bounded:
        with np.errstate(all="ignore"):
            v = self.v + right
            e = self._operand() + other._operand()
            back = v - self.v  # Knuth's TwoSum: the float64 sum is exact where nothing is left over
            left_over = (self.v - (v - back)) + (right - back)
            exact = (e == 0) & (left_over == 0) & self._representable(v)
            return self._rounded(v, e, exact, self.tainted | other.tainted)

    def plus(self, *others: Bounded) -> Bounded:
        """Sum with `others` in any order of additions (compilers at -Ofast and fused ports choose their own)."""
        total, terms, steps = self, (self, *others), len(others)
        for other in others:
            total = total + other
        with np.errstate(all="ignore"):
            e = sum(t._operand() for t in terms)
            size = sum(np.abs(t.v) for t in terms) + e
            flushed = np.where(size < _NO_UNDERFLOW, 0.0 if self.profile.ieee else steps * SMALLEST_NORMAL, 0.0)
            e = e + steps * UNIT / (1 - steps * UNIT) * size + flushed
            e = np.where(size > _FLOAT32_MAX, np.inf, np.fmax(e, total.e))
        return Bounded(total.v, e, total.tainted, self.profile)

    def either(self, other: Bounded) -> Bounded:
        """The same number computed otherwise: whichever errs more."""
        return Bounded(self.v, np.fmax(self.e, other.e), self.tainted | other.tainted, self.profile)

    def clipped(self) -> Bounded:
        """0 in place of what rounding made negative: no further from the exact value, which is not."""
        return self

    def __mul__(self, other: Bounded | int) -> Bounded:
        if isinstance(other, int):
            other = self.constant(other, exact=True)
        with np.errstate(all="ignore"):
            v, ea, eb = self.v * other.v, self._operand(), other._operand()
            e = np.abs(self.v) * eb + np.abs(other.v) * ea + ea * eb
            zero = ((self.v == 0) & (ea == 0)) | ((other.v == 0) & (eb == 0))
            e = np.where(zero & np.isnan(e), np.inf, np.where(zero, 0.0, e))
            exact = (e == 0) & (((ea == 0) & (eb == 0)) | zero) & self._representable(v)
            return self._rounded(v, e, exact, self.tainted | other.tainted)

    def __truediv__(self, other: Bounded | int) -> Bounded:
        if isinstance(other, int):
            other = self.constant(other, exact=True)
        with np.errstate(all="ignore"):
            ea, eb = self._operand(), other._operand()
            v, least = self.v / other.v, np.abs(other.v) - eb
            e = np.where(least > 0, (ea + np.abs(v) * eb) / least, np.inf)
            zero_divisor = (other.v == 0) & (eb == 0)
            power_of_two = np.abs(np.frexp(other.v)[0]) == 0.5
            exact = (ea == 0) & (eb == 0) & power_of_two & self._representable(v)
            tainted = self.tainted | other.tainted | zero_divisor
            return self._rounded(v, e, exact, tainted, self.profile.roundings)

    def reciprocal_or_zero(self) -> Bounded:
        """1 / self, 0 where it is exactly 0."""
        zero = (self.v == 0) & (self.e == 0)
        safe = Bounded(np.where(zero, 1.0, self.v), self.e, self.tainted, self.profile)
        inverse = self.constant(1, exact=True) / safe
        return Bounded(np.where(zero, 0.0, inverse.v), np.where(zero, 0.0, inverse.e), inverse.tainted, self.profile)

    def sqrt(self) -> Bounded:
        with np.errstate(all="ignore"):
            h = self._operand()
            negative = self.v + h < 0  # certainly negative: NaN for every honest evaluation
            least = np.where(self.v - h < 0, np.nan, self.v - h)
            v = np.where(negative, np.nan, np.sqrt(np.maximum(self.v, 0.0)))
            v = np.where(np.isnan(self.v), np.nan, v)
            # C's pow(-inf, -3/2) is 0, sqrt(-inf) NaN: what comes of it depends on how the power is taken.
            v = np.where(self.v == -np.inf, np.inf, v)
            e = np.where(h == 0, 0.0, h / (v + np.sqrt(least)))
            exact = (h == 0) & (self.v == 0)
            return self._rounded(v, e, exact, self.tainted | negative, self.profile.roundings)

    def sum(self, start: Bounded | None = None, plain: bool = False) -> Bounded:
        """Sum over batch and spatial in any order, blocking, with FMA or a wider accumulator."""
        axes, count = (0, 2), self.shape[0] * self.shape[2] + (start is not None)
        with np.errstate(all="ignore"):
            operand = self._operand()
            v, e = _pairwise(self.v), operand.sum(axes, keepdims=True)
            size = np.abs(self.v).sum(axes, keepdims=True)
            if start is not None:
                v, e, size = v + start.v, e + start._operand(), size + np.abs(start.v)
            tainted = self._any(self.tainted) if start is None else self._any(self.tainted) | start.tainted
            exact = (e == 0) & self._summable(start, size) if plain or self.profile.two_pass else np.False_
            flushed = count * SMALLEST_NORMAL * self._may_flush(start)
            grown = e + self.profile.sum_factor(count) * (size + e) + flushed
            e = np.where(exact, 0.0, grown)
            e = np.where((size + e > _FLOAT32_MAX) | np.isnan(e) | tainted, np.inf, e)
        return Bounded(v, e, tainted, self.profile)

    @staticmethod
    def _any(mask: Array) -> Array:
        return np.asarray(mask.any(axis=(0, 2), keepdims=True))

    def _may_flush(self, start: Bounded | None) -> Array:
        """Channels in which a partial sum can be subnormal."""
        small = self._any((np.abs(self.v) - self.e < _NO_UNDERFLOW) & (self.v != 0))
        if start is not None:
            small = small | ((np.abs(start.v) - start.e < _NO_UNDERFLOW) & (start.v != 0))
        return small & (not self.profile.ieee)

    def _summable(self, start: Bounded | None, size: Array) -> Array:
        """Every partial sum in every order is a float32: all terms multiples of 2^k, sum of sizes <= 2^(k+24)."""
        quantum = _quantum(self.v).min(axis=(0, 2), keepdims=True)
        if start is not None:
            quantum = np.minimum(quantum, _quantum(start.v))
        normal = True if self.profile.ieee else quantum >= SMALLEST_NORMAL
        return (size <= quantum * 2.0**24) & normal

    def gather(self, n: int, increment: int) -> Bounded:
        """X[i*increment], i < n."""
        at = slice(0, (n - 1) * increment + 1, increment)
        return Bounded(self.v[at], self.e[at], self.tainted[at], self.profile)

    def scatter(self, values: Bounded, n: int, increment: int) -> Bounded:
        """This vector with X[i*increment] = values[i]."""
        at = slice(0, (n - 1) * increment + 1, increment)
        v, e, tainted = self.v.copy(), self.e.copy(), self.tainted.copy()
        v[at], e[at], tainted[at] = values.v, values.e, values.tainted
        return Bounded(v, e, tainted, self.profile)


def _pairwise(v: Array) -> Array:
    """Sum over batch and spatial; NumPy adds serially over batch, which many images of few pixels would feel."""
    if v.shape[0] > 8 * v.shape[2]:
        return np.ascontiguousarray(v.swapaxes(0, 1)).reshape(1, v.shape[1], -1).sum(2, keepdims=True)
    return v.sum((0, 2), keepdims=True)


def _quantum(v: Array) -> Any:
    """The largest power of two that divides each element; infinity for zero."""
    mantissa, exponent = np.frexp(v)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    lowest = (whole & -whole).astype(np.float64)
    return np.where(whole == 0, np.inf, np.ldexp(lowest, exponent - 53))
