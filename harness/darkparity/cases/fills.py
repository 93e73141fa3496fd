"""How arrays are filled: recipes whose float32 bytes are the same on every machine and NumPy >= 1.26.

Numbers start as raw words of a counter-based generator (Philox, keyed by a SHA-256), become integers,
and reach float64 only through exactly rounded +, -, * and /; one rounding to float32 ends it. No
distribution code and no libm, whose results differ between versions and platforms.
"""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Parameter: TypeAlias = "float | int | str | Fill | tuple[Parameter, ...]"
Shape: TypeAlias = tuple[int, ...]
Values: TypeAlias = npt.NDArray[np.float64]

#: Real data: uint8 arrays, never decoded at run time; origin and licence in its README.md.
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Fill:
    """A recipe: a kind of `KINDS` and all its parameters, by name. Made by `recipe`; hashable."""

    kind: str
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The recipe as JSON data: `{"kind": "normal", "mean": 0, "sd": 1}`."""
        return {"kind": self.kind, **{name: _plain(value) for name, value in self.parameters}}

    def __str__(self) -> str:
        return describe(self)


def recipe(kind: str, **parameters: Parameter) -> Fill:
    """Return the recipe with defaults filled in. Raises ValueError on an unknown kind or parameter."""
    if kind not in KINDS:
        raise ValueError(f"unknown fill {kind!r}; known: {', '.join(KINDS)}")
    signature = inspect.signature(KINDS[kind])
    try:
        bound = signature.bind(None, None, **parameters)
    except TypeError as error:
        raise ValueError(f"fill {kind!r}: {error}; takes {', '.join([*signature.parameters][2:])}") from None
    bound.apply_defaults()
    return Fill(kind, tuple(bound.arguments.items())[2:])


def from_json(data: Mapping[str, Any]) -> Fill:
    """The recipe that `Fill.as_json` wrote."""
    rest = {name: _frozen(value) for name, value in data.items() if name != "kind"}
    return recipe(data["kind"], **rest)


def fill(recipe: Fill, shape: Shape, key: str) -> npt.NDArray[np.float32]:
    """Return a contiguous float32 array; depends on the three arguments alone, not on earlier calls.

    shape: (batch, channels, spatial), (channels,) or (length,). key: names the stream of random words.
    """
    return np.ascontiguousarray(_values(recipe, shape, key), dtype=np.float32)


def describe(recipe: Fill) -> str:
    """The recipe in words for documentation: `normal(mean=0, sd=1)`."""
    inside = ", ".join(f"{name}={_written(value)}" for name, value in recipe.parameters)
    return f"{recipe.kind}({inside})"


def _plain(value: Parameter) -> Any:
    if isinstance(value, Fill):
        return value.as_json()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Parameter:
    if isinstance(value, dict):
        return from_json(value)
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _written(value: Parameter) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return str(value) if isinstance(value, Fill | str) else repr(value).removesuffix(".0")


class Draw:
    """The stream of random words of one key."""

    def __init__(self, key: str) -> None:
        digest = hashlib.sha256(key.encode()).digest()[:16]  # Philox takes 128 bits of key
        self.key = key
        self._philox = np.random.Philox(key=int.from_bytes(digest, "little"))

    def words(self, shape: Shape) -> npt.NDArray[np.uint64]:
        """Raw 64-bit words: only `random_raw` promises the same stream in every NumPy."""
        return self._philox.random_raw(math.prod(shape)).reshape(shape)

    def below(self, count: int, shape: Shape) -> Values:
        """Integers 0 .. count-1, count <= 2^32, as float64 (multiply-shift: bias below 2^-32 count)."""
        high = self.words(shape) >> np.uint64(32)
        return ((high * np.uint64(count)) >> np.uint64(32)).astype(np.float64)

    def signs(self, shape: Shape) -> Values:
        """-1 or +1."""
        return self.below(2, shape) * 2.0 - 1.0


def _power(exponent: int) -> float:
    """2 to the `exponent`, exact and without pow()."""
    return float.fromhex(f"0x1p{exponent}")


def _is_full(shape: Shape) -> bool:
    """Whether the axes are (batch, channels, spatial)."""
    return len(shape) == len(("batch", "channels", "spatial"))


def _values(recipe: Fill, shape: Shape, key: str) -> Values:
    return KINDS[recipe.kind](Draw(key), shape, **dict(recipe.parameters))


def _normal(draw: Draw, shape: Shape, mean: float = 0.0, sd: float = 1.0) -> Values:
    """Nearly normal, |z| <= 6: the sum of twelve 16-bit uniforms has variance 65536^2 - 1 (Irwin-Hall)."""
    quarters = draw.words((*shape, 3)).astype("<u8").view("<u2")  # three words hold twelve 16-bit pieces
    centred = quarters.sum(axis=-1, dtype=np.int64) - 12 * 65535 // 2
    values: Values = mean + sd * (centred.astype(np.float64) * _power(-16))
    return values


def _uniform(draw: Draw, shape: Shape, low: float = 0.0, high: float = 1.0) -> Values:
    """Even over [low, high), in 2^24 steps: as fine as float32 holds below 1."""
    return low + (high - low) * (draw.below(2**24, shape) * _power(-24))


def _integers(draw: Draw, shape: Shape, low: int = -8, high: int = 8, offset: float = 0.0) -> Values:
    """Integers low .. high, moved by offset: their float32 sums are exact in any order."""
    return draw.below(high - low + 1, shape) + (low + offset)


def _dyadic(draw: Draw, shape: Shape, exponent: int = 0) -> Values:
    """+-1 or +-3 times 2^exponent: sums and sums of squares stay exact beyond m = 10^6 (9 m <= 2^24)."""
    return draw.signs(shape) * (draw.below(2, shape) * 2.0 + 1.0) * _power(exponent)


def _powers(draw: Draw, shape: Shape, low: int = -8, high: int = 8) -> Values:
    """Heavy tails: +-(8 .. 15)/8 times 2^low .. 2^high, every binade equally likely (like lognormal)."""
    binades = np.array([_power(e - 3) for e in range(low, high + 1)])
    chosen: Values = binades[draw.below(len(binades), shape).astype(np.int64)]
    return draw.signs(shape) * (draw.below(8, shape) + 8.0) * chosen


def _subnormal(draw: Draw, shape: Shape, bits: int = 20) -> Values:
    """+-(1 .. 2^bits) times 2^-149, the smallest float32; below 2^-126 while bits <= 22."""
    return draw.signs(shape) * (draw.below(2**bits, shape) + 1.0) * _power(-149)


def _constant(_draw: Draw, shape: Shape, value: float = 0.0) -> Values:
    """The same value everywhere."""
    return np.full(shape, float(value))


def _signed(draw: Draw, shape: Shape, value: float = 1.0) -> Values:
    """+value or -value: overflow of a square (1e20) without overflow of the sum."""
    return draw.signs(shape) * value


def _ramp(_draw: Draw, shape: Shape, start: float = 0.0, step: float = 1.0) -> Values:
    """start, start + step, ... in memory order: shows at sight where an element came from."""
    return start + step * np.arange(math.prod(shape), dtype=np.float64).reshape(shape)


def _cancelling(draw: Draw, shape: Shape, magnitude: float = 8192.0, rest: float = 1.0) -> Values:
    """Each channel: `rest`, then pairs +v, -v with v in [magnitude, 2 magnitude): the sum is `rest`."""
    batch, channels, spatial = shape if _is_full(shape) else (1, 1, *shape)
    pairs = (batch * spatial - 1) // 2
    large = magnitude + magnitude * (draw.below(2**10, (channels, pairs)) * _power(-10))
    rows = np.zeros((channels, batch * spatial))
    rows[:, 0] = rest
    rows[:, 1 : 1 + 2 * pairs : 2] = large
    rows[:, 2 : 2 + 2 * pairs : 2] = -large
    return rows.reshape(channels, batch, spatial).transpose(1, 0, 2).reshape(shape)


def _per_channel(draw: Draw, shape: Shape, fills: tuple[Fill, ...]) -> Values:
    """Channel c is filled by the (c modulo count)-th recipe."""
    axis = 1 if _is_full(shape) else 0
    one = tuple(1 if i == axis else size for i, size in enumerate(shape))
    parts = (_values(fills[c % len(fills)], one, f"{draw.key}/{c}") for c in range(shape[axis]))
    return np.concatenate(list(parts), axis=axis)


def _relu(draw: Draw, shape: Shape, base: Fill) -> Values:
    """The base, negative values replaced by 0: what most layers of a trained network see."""
    values = _values(base, shape, draw.key)
    return np.where(values > 0.0, values, 0.0)


def _placed(
    draw: Draw, shape: Shape, base: Fill, value: float | str, at: tuple[tuple[int | str, ...], ...]
) -> Values:
    """The base with `value` ("nan", "inf", "-inf" or a number) at the indices; "*" is a whole axis."""
    values = _values(base, shape, draw.key)
    for index in at:
        values[tuple(slice(None) if i == "*" else int(i) for i in index)] = float(value)
    return values


@cache
def _stored(name: str) -> npt.NDArray[np.uint8]:
    array: npt.NDArray[np.uint8] = np.load(DATA / f"{name}.npy", allow_pickle=False)
    array.setflags(write=False)
    return array


def _digits(_draw: Draw, shape: Shape, first: int = 0) -> Values:
    """Handwritten digits, 64 pixels each, one after the other in memory order; uint8 / 255."""
    flat = _stored("digits").reshape(-1)[64 * first : 64 * first + math.prod(shape)]
    return flat.reshape(shape) / 255.0


def _photo(_draw: Draw, shape: Shape, width: int, row: int = 0, column: int = 0) -> Values:
    """A colour photograph, uint8 / 255 as DarkNet loads images; image b is shifted by (b, b) pixels."""
    batch, channels, spatial = shape
    height = spatial // width
    stored = _stored("photo")[:channels]
    views = [stored[:, row + b : row + b + height, column + b : column + b + width] for b in range(batch)]
    return np.stack(views).reshape(shape) / 255.0


#: kind -> function. A row added here can be used by every case.
KINDS: Mapping[str, Callable[..., Values]] = {
    "normal": _normal,
    "uniform": _uniform,
    "integers": _integers,
    "dyadic": _dyadic,
    "powers": _powers,
    "subnormal": _subnormal,
    "constant": _constant,
    "signed": _signed,
    "ramp": _ramp,
    "cancelling": _cancelling,
    "per_channel": _per_channel,
    "relu": _relu,
    "placed": _placed,
    "digits": _digits,
    "photo": _photo,
}
