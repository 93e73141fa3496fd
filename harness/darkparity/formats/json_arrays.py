"""Arrays of float32 and bounds as JSON text that any parser reads back to the same bits.

Numbers are the shortest decimals that give back the float32 even where a parser goes through double (then
0x15ae43fd needs 8 digits, not 7); -0.0 keeps its sign; NaN and infinities are the strings "NaN",
"Infinity", "-Infinity". Bounds are float64 rounded up to 3 digits.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from contextlib import suppress
from decimal import ROUND_UP, Context, Decimal
from typing import Any

import numpy as np

from .numbers import NotANumber, number, plain, shown
from .strict_json import CodecError

#: Lifts a bound off a 3-digit boundary, so that the last bit of a sum (its order is the CPU's business)
#: cannot change the text.
_OFF_BOUNDARY = 1 + 2.0**-40
_THREE_DIGITS = Context(prec=3, rounding=ROUND_UP)
#: DarkNet's arrays have 4 axes and count in int; NumPy refuses more than 64 axes, and [0, 2**62].
_MOST_AXES, _MOST_ELEMENTS = 8, 1 << 31
_FLOAT32 = struct.Struct("<f")


def number_text(value: float) -> str:
    """Shortest decimal of one float32 (given as a Python float) that round-trips through double."""
    if not math.isfinite(value):
        return f'"{plain(value)}"'
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0"
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if _through_double(text) == value:
            return text
    raise CodecError(f"{value!r} is not a float32")


def _through_double(text: str) -> float:
    try:
        found: float = _FLOAT32.unpack(_FLOAT32.pack(float(text)))[0]
    except OverflowError:  # a rounded-up FLT_MAX is no match, not an error
        return math.inf
    return found


def bound_text(value: float) -> str:
    """One bound, rounded up to 3 digits."""
    if math.isinf(value):
        return '"Infinity"'
    return f"{_THREE_DIGITS.create_decimal(Decimal(value * _OFF_BOUNDARY)):g}".lower() if value else "0"


def array_text(array: np.ndarray, number: Callable[[float], str] = number_text) -> str:
    """`{"shape": [...], "data": [...]}` with one line per row of the last axis."""
    cache: dict[float, str] = {}

    def text(value: float) -> str:
        if value == 0 or value != value:
            return number(value)  # 0.0 == -0.0: not to be cached as one
        if value not in cache:
            cache[value] = number(value)
        return cache[value]

    rows = [
        ", ".join(text(v) for v in row)
        for row in array.reshape(-1, array.shape[-1] if array.ndim else 1).astype(np.float64).tolist()
    ]
    return f'{{"shape": {list(array.shape)}, "data": [\n      ' + ",\n      ".join(rows) + "]}"


def parse_array(value: Any, where: str, dtype: type = np.float32) -> np.ndarray:
    """Inverse of `array_text`; `where` names the array in errors. Raises CodecError."""
    if not isinstance(value, dict) or {"shape", "data"} - set(value):
        raise CodecError(f"{where}: not an array: needs an object with shape and data")
    shape, numbers = _shape(value["shape"], where), _numbers(value["data"], where)
    if numbers.size != math.prod(shape):
        raise CodecError(f"{where}: {numbers.size} numbers for shape {list(shape)}")
    if dtype is np.float32:
        with np.errstate(over="ignore"):
            over = np.isfinite(numbers) & np.isinf(numbers.astype(np.float32))
        if over.any():
            raise CodecError(f'{where}: element {int(over.argmax())} overflows float32; write "Infinity"')
    return numbers.astype(dtype).reshape(shape)


def _shape(value: Any, where: str) -> tuple[int, ...]:
    counts = isinstance(value, list) and all(type(n) is int and n >= 0 for n in value)
    if not counts or len(value) > _MOST_AXES or math.prod(filter(None, value)) >= _MOST_ELEMENTS:
        raise CodecError(f"{where}: not an array: shape needs a list of up to {_MOST_AXES} counts, "
                         f"together below {_MOST_ELEMENTS}")  # fmt: skip
    return tuple(value)


def _numbers(value: Any, where: str) -> np.ndarray:
    if not isinstance(value, list):
        raise CodecError(f"{where}: not an array: data needs a list of numbers, got {shown(value)}")
    if set(map(type, value)) <= {float, int}:  # nearly all arrays: half the time of reading a store
        with suppress(OverflowError):
            return np.array(value, np.float64)
    found = np.empty(len(value), np.float64)
    for index, item in enumerate(value):
        try:
            found[index] = number(item)
        except NotANumber as error:
            raise CodecError(f"{where}: not an array: element {index} {error}") from None
    return found
