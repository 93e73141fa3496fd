"""What a fill is: a recipe for an array whose float32 bytes are the same on every machine and NumPy >= 1.26.

Numbers start as raw words of a counter-based generator (Philox, keyed by a SHA-256), become integers,
and reach float64 only through exactly rounded +, -, * and /; one rounding to float32 ends it. No
distribution code and no libm, whose results differ between versions and platforms.
"""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias

import numpy as np
import numpy.typing as npt

Parameter: TypeAlias = "float | int | str | Fill | tuple[Parameter, ...]"
Shape: TypeAlias = tuple[int, ...]
Values: TypeAlias = npt.NDArray[np.float64]
P = ParamSpec("P")


@dataclass(frozen=True)
class Fill:
    """A recipe: a kind of `KINDS` and all its parameters, by name. Made by the kind's function; hashable."""

    kind: str
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def __str__(self) -> str:
        """The recipe in words: `normal(mean=0, sd=1)`."""
        return f"{self.kind}({', '.join(f'{name}={_written(value)}' for name, value in self.parameters)})"

    def values(self, shape: Shape, key: str) -> Values:
        """The numbers before they are rounded to float32."""
        kind = KINDS[self.kind]
        bound = inspect.BoundArguments(kind.parameters, dict(self.parameters))
        return kind.values(Draw(key), shape, *bound.args, **bound.kwargs)


@dataclass(frozen=True)
class Kind:
    """A kind of fill. values: (draw, shape, parameters...) -> numbers. parameters: its signature behind those two."""

    values: Callable[..., Values]
    parameters: inspect.Signature


#: Every kind of fill, by the name of its function.
KINDS: dict[str, Kind] = {}


def fill_kind(values: Callable[Concatenate[Draw, Shape, P], Values]) -> Callable[P, Fill]:
    """Make a function that draws numbers a kind of fill; calling it then returns its recipe, defaults filled in.

    The recipe's parameters are those of the function behind `draw` and `shape`; TypeError if they do not fit.
    """
    signature = inspect.signature(values)
    kind = Kind(values, signature.replace(parameters=[*signature.parameters.values()][2:]))
    KINDS[values.__name__] = kind

    @wraps(values)
    def recipe(*args: P.args, **kwargs: P.kwargs) -> Fill:
        bound = kind.parameters.bind(*args, **kwargs)
        bound.apply_defaults()
        return Fill(values.__name__, tuple((name, _frozen(value)) for name, value in bound.arguments.items()))

    return recipe


def fill(recipe: Fill, shape: Shape, key: str) -> npt.NDArray[np.float32]:
    """Return a contiguous float32 array; depends on the three arguments alone, not on earlier calls.

    shape: (batch, channels, spatial), (channels,) or (length,). key: names the stream of random words.
    """
    return np.ascontiguousarray(recipe.values(shape, key), dtype=np.float32)


def _frozen(value: Any) -> Parameter:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


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
