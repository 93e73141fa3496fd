"""Correct rounding of exact numbers to float32, and what the rounding leaves over."""

from __future__ import annotations

import math

import numpy as np
from flint import arb, ctx, fmpq

from .exact import ZERO, Exact

#: Bits at which an undecided rounding is a fault of the harness: an irrational element is never a tie,
#: so some precision decides. 4096 bits are far above what any case needs; without a limit a fault would loop forever.
MAX_PRECISION = 4096
_FIRST_PRECISION = 128
_TINY = -149  # exponent of the smallest subnormal
_OVERFLOW = 2.0**128


class Undecided(RuntimeError):
    """An element could not be rounded at MAX_PRECISION: a fault of the harness, never of an implementation."""


def round_rational(value: fmpq) -> float:
    """`value` rounded to the nearest float32, ties to even; +-inf beyond the range."""
    p, q = abs(int(value.p)), int(value.q)
    if p == 0:
        return 0.0
    exponent = max(p.bit_length() - q.bit_length() - 24, _TINY)
    mantissa = _divide(p, q, exponent)
    if mantissa >= 1 << 24:
        exponent += 1
        mantissa = _divide(p, q, exponent)
    magnitude = math.ldexp(mantissa, exponent) if exponent < 110 else math.inf
    magnitude = math.inf if magnitude >= _OVERFLOW else magnitude
    return -magnitude if value < ZERO else magnitude


def _divide(p: int, q: int, exponent: int) -> int:
    """p / q / 2^exponent to the nearest integer, ties to even."""
    p, q = (p, q << exponent) if exponent > 0 else (p << -exponent, q)
    quotient, remainder = divmod(p, q)
    return quotient + (2 * remainder > q or (2 * remainder == q and quotient & 1))


def _up(value: arb) -> float:
    """A float64 not below |value|."""
    upper = float(value.abs_upper())
    return math.nextafter(upper, math.inf) if upper else 0.0


def _rational_of(value: arb) -> fmpq:
    """The exact value of a ball of radius zero."""
    mantissa, exponent = value.man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)


def _round_sum(parts: list[tuple[fmpq, fmpq | None]]) -> tuple[float, float]:
    """(nearest float32, bound on what is left over) of sum(coefficient * sqrt(radicand))."""
    if all(radicand is None for _, radicand in parts):
        exact = sum((c for c, _ in parts), ZERO)
        rounded = round_rational(exact)
        return rounded, _residual(arb(exact), rounded, exact)
    precision = _FIRST_PRECISION
    while precision <= MAX_PRECISION:
        with _Precision(precision):
            ball = sum((arb(c) * (arb(r).sqrt() if r is not None else 1) for c, r in parts), arb(0))
            low, high = (round_rational(_rational_of(edge)) for edge in (ball.lower(), ball.upper()))
            if low == high:
                return low, _residual(ball, low, None)
        precision *= 2
    raise Undecided(f"{ball} does not round to one float32 at {MAX_PRECISION} bits")


def _residual(ball: arb, rounded: float, exact: fmpq | None) -> float:
    if not math.isfinite(rounded):
        return math.inf
    if exact is not None and exact == fmpq(*rounded.as_integer_ratio()):
        return 0.0
    return _up(ball - arb(rounded))


class _Precision:
    """Ball precision for a block."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.saved, ctx.prec = ctx.prec, self.bits

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.saved


def round_tensor(tensor: Exact) -> tuple[np.ndarray, np.ndarray]:
    """Return (expected, residual): float32 nearest to each element, float64 bound on |exact - expected|.

    Tainted elements come back as NaN with residual 0. Raises Undecided.
    """
    shape = tensor.shape
    flat = [(r, np.broadcast_to(c, shape).ravel()) for r, c in tensor.terms.items()]
    ids = np.arange(shape[1]).reshape(1, -1, 1) if len(shape) == 3 else np.zeros(shape, int)
    channel = np.broadcast_to(ids, shape).ravel()
    expected, residual = np.full(tensor.tainted.size, np.nan, np.float32), np.zeros(tensor.tainted.size)
    for i in np.flatnonzero(~np.broadcast_to(tensor.tainted, shape).ravel()):
        parts = [(c[i], None if r is None else r[channel[i]]) for r, c in flat if c[i] != ZERO] or [(ZERO, None)]
        expected[i], residual[i] = _round_sum(parts)
    return expected.reshape(shape), residual.reshape(shape)
