"""Float64 arithmetic without error bounds: what a deviation answers, five times faster than with them."""

from __future__ import annotations

import numpy as np

from darkparity.oracle.bounds import ANY, Bounded, Profile

Array = np.ndarray


class Plain(Bounded):
    """Values alone, IEEE 754 throughout; errors read as zero, taint as what is not finite."""

    def __init__(self, v: Array, e: Array | None = None, tainted: Array | None = None, profile: Profile = ANY) -> None:
        self.v, self.profile = v, profile

    @property
    def e(self) -> Array:  # type: ignore[override]
        return np.broadcast_to(np.float64(0), self.v.shape)

    @property
    def tainted(self) -> Array:  # type: ignore[override]
        return ~np.isfinite(self.v)

    @classmethod
    def lift(cls, array: Array, profile: Profile = ANY) -> Plain:
        return cls(array.astype(np.float64))

    def _like(self, v: Array) -> Plain:
        """A tensor of the same arithmetic."""
        return Plain(v)

    def constant(self, value: float, exact: bool = False) -> Plain:
        return self._like(np.full((1,) * self.v.ndim, float(value)))

    def __add__(self, other: Bounded) -> Plain:
        return self._like(self.v + other.v)

    def __sub__(self, other: Bounded) -> Plain:
        return self._like(self.v - other.v)

    def plus(self, *others: Bounded) -> Plain:
        return self._like(sum((o.v for o in others), self.v))

    def either(self, other: Bounded) -> Plain:
        return self

    def __mul__(self, other: Bounded | int) -> Plain:
        return self._like(self.v * (other if isinstance(other, int) else other.v))

    def __truediv__(self, other: Bounded | int) -> Plain:
        return self._like(np.divide(self.v, other if isinstance(other, int) else other.v))

    def reciprocal_or_zero(self) -> Plain:
        return self._like(np.divide(1.0, self.v, out=np.zeros_like(self.v), where=self.v != 0))

    def sqrt(self) -> Plain:
        return self._like(np.sqrt(self.v))

    def sum(self, start: Bounded | None = None, plain: bool = False) -> Plain:
        total = self.v.sum((0, 2), keepdims=True)
        return self._like(total if start is None else total + start.v)

    def gather(self, n: int, increment: int) -> Plain:
        return self._like(self.v[0 : (n - 1) * increment + 1 : increment])

    def scatter(self, values: Bounded, n: int, increment: int) -> Plain:
        v = self.v.copy()
        v[0 : (n - 1) * increment + 1 : increment] = values.v
        return self._like(v)
