"""What a wrong port does to numbers: cutting, permuting, quantizing, clamping a tensor of the bound arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from darkparity.oracle.bounds import Bounded

Mapper = Callable[[np.ndarray], np.ndarray]
Filter = Callable[[Bounded], Bounded]


def mapped(x: Bounded, function: Mapper, clean: bool = False) -> Bounded:
    """An elementwise function that does not enlarge errors (clip, maximum, abs). clean: it removes NaN or infinity."""
    with np.errstate(all="ignore"):
        v = function(x.v)
    finite = np.isfinite(v)
    tainted = x.tainted & ~finite if clean else x.tainted
    e = np.where(x.tainted & finite, 0.0, x.e) if clean else x.e
    return type(x)(v, e, tainted, x.profile)


def quantized(x: Bounded, bits: int, least: float = 0.0, largest: float = np.inf) -> Bounded:
    """Rounded to `bits` significant bits, flushed below `least`, infinite above `largest`."""
    with np.errstate(all="ignore"):
        mantissa, exponent = np.frexp(x.v)
        v = np.ldexp(np.rint(np.ldexp(mantissa, bits)), exponent - bits)
        v = np.where(np.isfinite(x.v), v, x.v)
        v = np.where(np.abs(v) < least, 0.0, np.where(np.abs(v) > largest, np.sign(v) * np.inf, v))
        e = np.where(x.e == 0, 0.0, x.e + 2.0**-bits * np.abs(x.v))
    return type(x)(v, np.where(np.isnan(e), np.inf, e), x.tainted | ~np.isfinite(v), x.profile)


def half(x: Bounded) -> Bounded:
    """Through IEEE binary16: 11 bits, largest 65504, gradual underflow to 2^-24."""
    with np.errstate(all="ignore"):
        v = x.v.astype(np.float16).astype(np.float64)
    return type(x)(v, x.e + 2.0**-11 * np.abs(x.v) + 2.0**-25, x.tainted | ~np.isfinite(v), x.profile)


def bfloat16(x: Bounded) -> Bounded:
    """Through bfloat16: 8 bits."""
    return quantized(x, 8)


def tf32(x: Bounded) -> Bounded:
    """Through TensorFloat-32: 11 bits."""
    return quantized(x, 11)


def single(x: Bounded) -> Bounded:
    """Through float32: what naive formulas lose shows only when every step is rounded."""
    return quantized(x, 24)


def cut(x: Bounded, axis: int, keep: slice) -> Bounded:
    """Only part of an axis: 0 batch, 1 channels, 2 spatial."""
    at: list[Any] = [slice(None)] * x.v.ndim
    at[axis] = keep
    return type(x)(x.v[tuple(at)], x.e[tuple(at)], x.tainted[tuple(at)], x.profile)


def of_first_channel(channel: Bounded) -> Bounded:
    """Every channel's value is the first one's."""
    return permuted(channel, lambda v: np.broadcast_to(v[:, :1], v.shape))


def patched(x: Bounded, other: Bounded, mask: np.ndarray) -> Bounded:
    """`other` where `mask`, else `x`."""
    shape = np.broadcast_shapes(x.shape, other.shape, mask.shape)
    v, e, tainted = (
        np.where(mask, np.broadcast_to(b, shape), np.broadcast_to(a, shape))
        for a, b in ((x.v, other.v), (x.e, other.e), (x.tainted, other.tainted))
    )
    return type(x)(v, e, tainted, x.profile)


def permuted(x: Bounded, order: Callable[[np.ndarray], np.ndarray]) -> Bounded:
    """The same elements in other places."""
    return type(x)(order(x.v), order(x.e), order(x.tainted), x.profile)


def serial_single(x: Bounded) -> Bounded:
    """Squares summed serially in float32 (naive one-pass formulas)."""
    flat = np.moveaxis(x.v, 1, 0).reshape(x.shape[1], -1).astype(np.float32)
    with np.errstate(all="ignore"):
        total = np.cumsum(flat, axis=1, dtype=np.float32)[:, -1].astype(np.float64).reshape(1, -1, 1)
    plain = x.sum()
    return type(x)(total, plain.e, plain.tainted, x.profile)


def stacked(parts: list[Bounded]) -> Bounded:
    """Images side by side in one batch."""
    v, e, tainted = (np.concatenate([getattr(p, n) for p in parts]) for n in ("v", "e", "tainted"))
    return type(parts[0])(v, e, tainted, parts[0].profile)
