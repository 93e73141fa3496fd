"""The kinds of fill: each is a function that draws its numbers and, called in a table of cases, gives the recipe.

`normal(0.5, 2.0)` in a row of cases is a `Fill`; the body below runs when the case's arrays are made. Why the bytes
are the same everywhere: `recipe.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .recipe import Draw, Fill, Shape, Values, fill_kind

#: Real data: uint8 arrays, never decoded at run time; origin and licence in its README.md.
DATA = Path(__file__).parent / "data"


def _power(exponent: int) -> float:
    """2 to the `exponent`, exact and without pow()."""
    return float.fromhex(f"0x1p{exponent}")


def _is_full(shape: Shape) -> bool:
    """Whether the axes are (batch, channels, spatial)."""
    return len(shape) == len(("batch", "channels", "spatial"))


@fill_kind
def normal(draw: Draw, shape: Shape, mean: float = 0.0, sd: float = 1.0) -> Values:
    """Nearly normal, |z| <= 6: the sum of twelve 16-bit uniforms has variance 65536^2 - 1 (Irwin-Hall)."""
    quarters = draw.words((*shape, 3)).astype("<u8").view("<u2")  # three words hold twelve 16-bit pieces
    centred = quarters.sum(axis=-1, dtype=np.int64) - 12 * 65535 // 2
    values: Values = mean + sd * (centred.astype(np.float64) * _power(-16))
    return values


@fill_kind
def uniform(draw: Draw, shape: Shape, low: float = 0.0, high: float = 1.0) -> Values:
    """Even over [low, high), in 2^24 steps: as fine as float32 holds below 1."""
    return low + (high - low) * (draw.below(2**24, shape) * _power(-24))


@fill_kind
def integers(draw: Draw, shape: Shape, low: int = -8, high: int = 8, offset: float = 0.0) -> Values:
    """Integers low .. high, moved by offset: their float32 sums are exact in any order."""
    return draw.below(high - low + 1, shape) + (low + offset)


@fill_kind
def dyadic(draw: Draw, shape: Shape, exponent: int = 0) -> Values:
    """+-1 or +-3 times 2^exponent: sums and sums of squares stay exact beyond m = 10^6 (9 m <= 2^24)."""
    return draw.signs(shape) * (draw.below(2, shape) * 2.0 + 1.0) * _power(exponent)


@fill_kind
def powers(draw: Draw, shape: Shape, low: int = -8, high: int = 8) -> Values:
    """Heavy tails: +-(8 .. 15)/8 times 2^low .. 2^high, every binade equally likely (like lognormal)."""
    binades = np.array([_power(e - 3) for e in range(low, high + 1)])
    chosen: Values = binades[draw.below(len(binades), shape).astype(np.int64)]
    return draw.signs(shape) * (draw.below(8, shape) + 8.0) * chosen


@fill_kind
def subnormal(draw: Draw, shape: Shape, bits: int = 20) -> Values:
    """+-(1 .. 2^bits) times 2^-149, the smallest float32; below 2^-126 while bits <= 22."""
    return draw.signs(shape) * (draw.below(2**bits, shape) + 1.0) * _power(-149)


@fill_kind
def constant(_draw: Draw, shape: Shape, value: float | str = 0.0) -> Values:
    """The same value everywhere; "nan", "inf" and "-inf" are values."""
    return np.full(shape, float(value))


@fill_kind
def signed(draw: Draw, shape: Shape, value: float = 1.0) -> Values:
    """+value or -value: overflow of a square (1e20) without overflow of the sum."""
    return draw.signs(shape) * value


@fill_kind
def ramp(_draw: Draw, shape: Shape, start: float = 0.0, step: float = 1.0) -> Values:
    """start, start + step, ... in memory order: shows at sight where an element came from."""
    return start + step * np.arange(math.prod(shape), dtype=np.float64).reshape(shape)


@fill_kind
def cancelling(draw: Draw, shape: Shape, magnitude: float = 8192.0, rest: float = 1.0) -> Values:
    """Each channel: `rest`, then pairs +v, -v with v in [magnitude, 2 magnitude): the sum is `rest`."""
    batch, channels, spatial = shape if _is_full(shape) else (1, 1, *shape)
    pairs = (batch * spatial - 1) // 2
    large = magnitude + magnitude * (draw.below(2**10, (channels, pairs)) * _power(-10))
    rows = np.zeros((channels, batch * spatial))
    rows[:, 0] = rest
    rows[:, 1 : 1 + 2 * pairs : 2] = large
    rows[:, 2 : 2 + 2 * pairs : 2] = -large
    return rows.reshape(channels, batch, spatial).transpose(1, 0, 2).reshape(shape)


@fill_kind
def per_channel(draw: Draw, shape: Shape, *fills: Fill) -> Values:
    """Channel c is filled by the (c modulo count)-th recipe."""
    axis = 1 if _is_full(shape) else 0
    one = tuple(1 if i == axis else size for i, size in enumerate(shape))
    parts = (fills[c % len(fills)].values(one, f"{draw.key}/{c}") for c in range(shape[axis]))
    return np.concatenate(list(parts), axis=axis)


@fill_kind
def relu(draw: Draw, shape: Shape, base: Fill) -> Values:
    """The base, negative values replaced by 0: what most layers of a trained network see."""
    values = base.values(shape, draw.key)
    return np.where(values > 0.0, values, 0.0)


@fill_kind
def placed(draw: Draw, shape: Shape, base: Fill, value: float | str, *at: Sequence[int | str]) -> Values:
    """The base with `value` ("nan", "inf", "-inf" or a number) at the indices; "*" is a whole axis."""
    values = base.values(shape, draw.key)
    for index in at:
        values[tuple(slice(None) if i == "*" else int(i) for i in index)] = float(value)
    return values


@cache
def _stored(name: str) -> npt.NDArray[np.uint8]:
    array: npt.NDArray[np.uint8] = np.load(DATA / f"{name}.npy", allow_pickle=False)
    array.setflags(write=False)
    return array


@fill_kind
def digits(_draw: Draw, shape: Shape, first: int = 0) -> Values:
    """Handwritten digits, 64 pixels each, one after the other in memory order; uint8 / 255."""
    flat = _stored("digits").reshape(-1)[64 * first : 64 * first + math.prod(shape)]
    return flat.reshape(shape) / 255.0


@fill_kind
def photo(_draw: Draw, shape: Shape, width: int, row: int = 0, column: int = 0) -> Values:
    """A colour photograph, uint8 / 255 as DarkNet loads images; image b is shifted by (b, b) pixels."""
    batch, channels, spatial = shape
    height = spatial // width
    stored = _stored("photo")[:channels]
    views = [stored[:, row + b : row + b + height, column + b : column + b + width] for b in range(batch)]
    return np.stack(views).reshape(shape) / 255.0
