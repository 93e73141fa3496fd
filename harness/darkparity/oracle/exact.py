"""Exact arithmetic: every element is rational + sum of rational * sqrt(rational), never rounded.

Balls alone never decide a zero (constant delta gives dx = 0), so roots are kept as symbols: one tensor is
`terms`, a list of (radicand per channel, coefficients); the radicand None stands for the rational part.
Elements made meaningless by NaN, infinity, division by zero or the root of a negative number are
`tainted`: their number is a placeholder and only their class counts (see `bounds.bounded`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from flint import fmpq

Radicand = tuple[fmpq, ...] | None  # one per channel
Terms = dict[Radicand, np.ndarray]

_to_fmpq = np.frompyfunc(lambda v: fmpq(*float(v).as_integer_ratio()), 1, 1)
ZERO = fmpq(0)


def _isqrt(value: fmpq) -> fmpq | None:
    """Square root of a rational square, None otherwise."""
    numerator, denominator = value.p.isqrt(), value.q.isqrt()
    return fmpq(numerator, denominator) if numerator**2 == value.p and denominator**2 == value.q else None


class Exact:
    """A tensor of exact numbers, shape (batch, channels, spatial), (1, channels, 1) or (n,)."""

    def __init__(self, terms: Terms, tainted: np.ndarray) -> None:
        self.terms = terms
        self.tainted = tainted

    @classmethod
    def lift(cls, array: np.ndarray) -> Exact:
        """Exact value of a float32 array; NaN and infinities become tainted zeros."""
        tainted = ~np.isfinite(array)
        return cls({None: _to_fmpq(np.where(tainted, 0, array))}, tainted)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.tainted.shape

    def constant(self, value: float, exact: bool = False) -> Exact:
        """A dialect's constant; its rounding is the business of the bounds, not of the exact value."""
        return Exact.lift(np.full((1,) * self.tainted.ndim, value, np.float64))

    def _combine(self, other: Exact, sign: int) -> Exact:
        terms = dict(self.terms)
        for radicand, coefficients in other.terms.items():
            mine = terms.get(radicand)
            signed = coefficients if sign > 0 else -coefficients
            terms[radicand] = signed if mine is None else mine + signed
        shape = np.broadcast_shapes(self.shape, other.shape)
        full = {r: np.broadcast_to(c, shape) for r, c in terms.items()}
        return Exact(full, self.tainted | other.tainted)

    def __add__(self, other: Exact) -> Exact:
        return self._combine(other, 1)

    def __sub__(self, other: Exact) -> Exact:
        return self._combine(other, -1)

    def plus(self, *others: Exact) -> Exact:
        """Sum with `others`; the order is the business of the bounds."""
        total = self
        for other in others:
            total = total + other
        return total

    def either(self, other: Exact) -> Exact:
        """The same number computed otherwise: nothing new."""
        return self

    def clipped(self) -> Exact:
        """0 in place of what rounding made negative: nothing is rounded here."""
        return self

    def __mul__(self, other: Exact | int) -> Exact:
        if isinstance(other, int):
            return Exact({r: c * fmpq(other) for r, c in self.terms.items()}, self.tainted)
        products: Iterable[Exact] = (
            Exact({radicand: a * b * factor}, self.tainted | other.tainted)
            for r, a in self.terms.items()
            for s, b in other.terms.items()
            for radicand, factor in [_product(r, s)]
        )
        first, *rest = products
        for product in rest:
            first = first + product
        return first

    def __truediv__(self, other: Exact | int) -> Exact:
        if isinstance(other, int):
            zero = np.full(self.shape, other == 0)
            return Exact({r: c / fmpq(other or 1) for r, c in self.terms.items()}, self.tainted | zero)
        return self * other.reciprocal()

    def reciprocal(self) -> Exact:
        """1 / (a + b sqrt(q)) = (a - b sqrt(q)) / (a^2 - b^2 q); a zero divisor taints."""
        roots = [r for r in self.terms if r is not None]
        if len(roots) > 1:
            raise NotImplementedError("division by a sum of two roots: no formula of the specification does")
        a = self.terms.get(None, np.full(self.shape, ZERO, object))
        if not roots:
            return self._divide({None: np.full(self.shape, fmpq(1), object)}, a)
        b, q = self.terms[roots[0]], _per_channel(roots[0])
        return self._divide({None: a, roots[0]: -b}, a * a - b * b * q)

    def reciprocal_or_zero(self) -> Exact:
        """1 / a for a rational a, 0 where a is 0."""
        value, inverse = self.terms[None], np.full(self.shape, ZERO, object)
        whole = value != ZERO
        inverse[whole] = fmpq(1) / value[whole]
        return Exact({None: inverse}, self.tainted)

    def _divide(self, numerators: Terms, denominator: np.ndarray) -> Exact:
        zero = denominator == ZERO
        safe = denominator.copy()
        safe[zero] = fmpq(1)
        return Exact({r: n / safe for r, n in numerators.items()}, self.tainted | zero)

    def sqrt(self) -> Exact:
        """Square root of a rational per-channel tensor (roots may have cancelled); negative radicands taint."""
        value = self.terms[None]
        rational = all(r is None or not coefficients.any() for r, coefficients in self.terms.items())
        if not rational or self.shape[0] != 1 or self.shape[2] != 1:
            raise NotImplementedError("root of a root: no formula of the specification takes one")
        flat = [max(v, ZERO) for v in value.ravel()]
        tainted = self.tainted | (value < ZERO)
        roots = [_isqrt(v) for v in flat]
        whole = np.array([ZERO if r is None else r for r in roots], object)
        symbol = np.array([fmpq(1) if r is None else ZERO for r in roots], object)
        terms: Terms = {None: whole.reshape(self.shape)}
        if any(r is None for r in roots):
            terms[tuple(v if r is None else ZERO for v, r in zip(flat, roots, strict=True))] = symbol.reshape(
                self.shape
            )
        return Exact(terms, tainted)

    def sum(self, start: Exact | None = None, plain: bool = False) -> Exact:
        """Sum over batch and spatial, `start` being one more term."""
        summed = {r: c.sum(axis=(0, 2), keepdims=True) for r, c in self.terms.items()}
        total = Exact(summed, np.asarray(self.tainted.any(axis=(0, 2), keepdims=True)))
        return total if start is None else total + start

    def gather(self, n: int, increment: int) -> Exact:
        """X[i*increment], i < n."""
        at = slice(0, (n - 1) * increment + 1, increment)
        return Exact({r: c[at] for r, c in self.terms.items()}, self.tainted[at])

    def scatter(self, values: Exact, n: int, increment: int) -> Exact:
        """This vector with X[i*increment] = values[i]."""
        at = slice(0, (n - 1) * increment + 1, increment)
        array, tainted = self.terms[None].copy(), self.tainted.copy()
        array[at], tainted[at] = values.terms[None], values.tainted
        return Exact({None: array}, tainted)


def _per_channel(radicand: tuple[fmpq, ...]) -> Any:
    return np.array(radicand, object).reshape(1, -1, 1)


def _product(r: Radicand, s: Radicand) -> tuple[Radicand, Any]:
    """sqrt(r) sqrt(s) as (radicand, rational factor)."""
    if r is None or s is None:
        return (s if r is None else r), fmpq(1)
    if r == s:
        return None, _per_channel(r)
    return tuple(a * b for a, b in zip(r, s, strict=True)), fmpq(1)
