"""Arrays of float32 and bounds as JSON text that any parser reads back to the same bits.

Numbers are the shortest decimals that give back the float32 even where a parser goes through double (then
0x15ae43fd needs 8 digits, not 7); -0.0 keeps its sign; NaN and infinities are the strings "NaN",
"Infinity", "-Infinity". Bounds are float64 rounded up to 3 digits.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from decimal import ROUND_UP, Context, Decimal
from typing import Any

import numpy as np

#: Lifts a bound off a 3-digit boundary, so that the last bit of a sum (its order is the CPU's business)
#: cannot change the text.
_OFF_BOUNDARY = 1 + 2.0**-40
_THREE_DIGITS = Context(prec=3, rounding=ROUND_UP)
_FLOAT32 = struct.Struct("<f")
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class CodecError(ValueError):
    """Text that is no array of this format; says what and where."""


def number_text(value: float) -> str:
    """Shortest decimal of one float32 (given as a Python float) that round-trips through double."""
    if not math.isfinite(value):
        return json.dumps("NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity")
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
    try:
        shape, data = tuple(value["shape"]), value["data"]
        numbers = np.array([_SPECIAL[v] if isinstance(v, str) else float(v) for v in data], np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise CodecError(f"{where}: not an array ({type(error).__name__}: {error})") from None
    if numbers.size != math.prod(shape):
        raise CodecError(f"{where}: {numbers.size} numbers for shape {shape}")
    if dtype is np.float32:
        with np.errstate(over="ignore"):
            over = np.isfinite(numbers) & np.isinf(numbers.astype(np.float32))
        if over.any():
            raise CodecError(f'{where}: element {int(over.argmax())} overflows float32; write "Infinity"')
    return numbers.astype(dtype).reshape(shape)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise CodecError(f"duplicate key {next(k for k in keys if keys.count(k) > 1)!r}")
    return dict(pairs)


def _no_constant(text: str) -> Any:
    raise CodecError(f'bare {text}: write it as the string "{text}"')


def parse_json(text: str) -> Any:
    """Strict JSON: no duplicate keys, no bare NaN or Infinity. Raises CodecError."""
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise CodecError(f"not JSON: {error}") from None
